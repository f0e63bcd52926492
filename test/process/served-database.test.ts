import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { createLog, type Fields } from '../../src/observe/log.ts';
import { findPostgres } from '../../src/process/postgres.ts';
import { openDatabase } from '../../src/process/served-database.ts';
import { madeData } from './made-data.ts';
import { household, isRunning, kill, until } from './started.ts';
import { answerOf } from './starts.ts';

setDefaultTimeout(120_000);

const house = household();
const { folder } = house;
const made = madeData(house);

const serve = async () => {
  const dataDir = made();
  const lines: Fields[] = [];
  const log = createLog({ level: 'info', write: (line) => lines.push(JSON.parse(line)) });
  const config = readConfig({ DATA_DIR: dataDir, WORKERS: '2', DB_POOL_MAX: '3' });
  const database = await openDatabase(config, () => undefined, log);
  const pidsIn = (text: string): number[] =>
    lines.flatMap(({ message, pid }) => (String(message).includes(text) ? [Number(pid)] : []));
  return { dataDir, database, pid: database.embedded?.pid ?? 0, pidsIn, lines };
};

describe('the embedded PostgreSQL of a server', () => {
  test('has connections for every pool, for one worker more, and some to spare', async () => {
    const { database } = await serve();
    const [given] = await answerOf(database.url, "select current_setting('max_connections')::int");
    expect(given).toBeGreaterThanOrEqual((2 + 1) * (3 + 1) + 10);
    await database.close();
  });

  test('is started again however it ends, as often as it ends, and then ends for good', async () => {
    const { database, dataDir, pid, pidsIn } = await serve();
    kill(pid, 'SIGKILL');
    const second = await until('it to be back', () => pidsIn('is back')[0]);
    expect(await answerOf(database.url, 'select 1')).toEqual([1]);
    kill(second, 'SIGINT');
    const third = await until('it to be back again', () => pidsIn('is back')[1]);
    expect(await answerOf(database.url, 'select 1')).toEqual([1]);
    expect(pidsIn('ended and is started again')).toEqual([pid, second]);
    await database.close();
    expect(isRunning(third)).toBe(false);
    expect(await findPostgres(dataDir)).toBeUndefined();
  });

  test('ends for good also when the end is asked for while it is on its way back', async () => {
    const { database, dataDir, pid, pidsIn } = await serve();
    kill(pid, 'SIGKILL');
    await until('the end to be noticed', () => pidsIn('ended and is started again')[0]);
    const closed = database.close().then(() => 'closed');
    expect(await Promise.race([closed, Bun.sleep(30_000)])).toBe('closed');
    expect(await findPostgres(dataDir)).toBeUndefined();
  });

  test('ends at once also in the pause after a start that failed', async () => {
    const { database, dataDir, pid, pidsIn, lines } = await serve();
    const settings = join(dataDir, 'postgres/cluster/postgresql.conf');
    const good = readFileSync(settings, 'utf8');
    writeFileSync(settings, `${good}shared_buffers = lots\n`);
    kill(pid, 'SIGKILL');
    await until('a long pause', () => lines.find(({ again_in_ms: pause }) => Number(pause) >= 1_600));
    const began = performance.now();
    await database.close();
    writeFileSync(settings, good);
    expect(performance.now() - began).toBeLessThan(1_600);
    expect(pidsIn('is back')).toEqual([]);
  });

  test('is asked to end, without a wait, by a second signal', async () => {
    const { database, pid } = await serve();
    database.abandon();
    await until('its end', () => !isRunning(pid));
  });
});

test('a database of DATABASE_URL is left alone, and migrations go past its PgBouncer', async () => {
  const urls = { DATABASE_URL: 'postgres://a@pool/shop', DATABASE_DIRECT_URL: 'postgres://a@direct/shop' };
  const log = createLog({ level: 'silent' });
  const say = () => undefined;
  const both = await openDatabase(readConfig({ DATA_DIR: folder(), ...urls }), say, log);
  expect(both).toMatchObject({ url: urls.DATABASE_URL, directUrl: urls.DATABASE_DIRECT_URL });
  expect(both.embedded).toBeUndefined();
  const { DATABASE_URL } = urls;
  const one = await openDatabase(readConfig({ DATA_DIR: folder(), DATABASE_URL }), say, log);
  expect(one.directUrl).toBe(DATABASE_URL);
  await one.close();
});
