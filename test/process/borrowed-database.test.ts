import { expect, setDefaultTimeout, test } from 'bun:test';
import { findPostgres } from '../../src/process/postgres.ts';
import { household, until } from './started.ts';

setDefaultTimeout(120_000);

const house = household();

for (const [word, signal, code] of [
  ['demo', 'SIGINT', 130],
  ['migrate', 'SIGTERM', 143],
] as const) {
  test(`${word} without a server, ended by ${signal} in the middle, takes its PostgreSQL along`, async () => {
    const DATA_DIR = house.folder();
    const command = house.start([word], { DATA_DIR });
    await until('its PostgreSQL', async () => (await findPostgres(DATA_DIR)) !== undefined);
    command.signalGroup(signal);
    expect(await command.exit).toBe(code);
    expect(command.said.at(-1)).toBe('Stopped before the end: what was not finished is not kept.');
    expect(await findPostgres(DATA_DIR)).toBeUndefined();
  });
}
