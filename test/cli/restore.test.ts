import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../../src/database/migrate.ts';
import { createLog } from '../../src/observe/log.ts';
import { madeData } from '../process/made-data.ts';
import { household, type Started } from '../process/started.ts';

setDefaultTimeout(180_000);

const house = household();
const { folder, database, start } = house;
const made = madeData(house, async (url) => {
  await migrate({ url, log: createLog({ level: 'silent' }) });
});
const told = async (started: Started) => ({ code: await started.exit, said: started.said.join('\n') });
const file = () => join(made(), '../shop.tar.gz');

beforeAll(async () => {
  const backup = await told(start(['backup', file()], { DATA_DIR: made() }));
  if (backup.code !== 0) throw new Error(backup.said);
});

describe('a restore', () => {
  test('is refused into a place that is not empty, and leaves that as it is', async () => {
    const DATA_DIR = folder();
    writeFileSync(join(DATA_DIR, 'note'), 'mine');
    const refused = await told(start(['restore', file()], { DATA_DIR }));
    expect(refused).toEqual({
      code: 1,
      said: expect.stringMatching(/^\S+ is not empty, and a backup is .*$/),
    });
    expect(readFileSync(join(DATA_DIR, 'note'), 'utf8')).toBe('mine');
    expect(readdirSync(DATA_DIR)).toEqual(['note']);
  });

  test('is refused where there are secrets already, and for an embedded database with DATABASE_URL', async () => {
    const SECRETS_FILE = join(folder(), 'secrets.json');
    writeFileSync(SECRETS_FILE, 'others');
    const DATA_DIR = join(folder(), 'data');
    const taken = await told(start(['restore', file()], { DATA_DIR, SECRETS_FILE }));
    expect(taken).toEqual({ code: 1, said: expect.stringMatching(/^There are secrets in .*$/) });
    expect([readFileSync(SECRETS_FILE, 'utf8'), existsSync(DATA_DIR)]).toEqual(['others', false]);
    const full = await told(start(['restore', file()], { DATA_DIR, DATABASE_URL: await database() }));
    expect(full).toEqual({
      code: 1,
      said: expect.stringMatching(/^The database of DATABASE_URL has tables/),
    });
  });

  test('of a damaged file, or of none, leaves the place as empty as it was', async () => {
    const whole = readFileSync(file());
    const damaged = join(folder(), 'damaged.tar.gz');
    writeFileSync(damaged, whole.subarray(0, whole.length - 2_000));
    const missing = join(folder(), 'data');
    const empty = folder();
    for (const DATA_DIR of [missing, empty]) {
      const refused = await told(start(['restore', damaged], { DATA_DIR }));
      expect(refused).toEqual({ code: 1, said: expect.stringMatching(/is damaged, or no backup/) });
    }
    expect([existsSync(missing), readdirSync(empty)]).toEqual([false, []]);
    const none = await told(start(['restore', join(empty, 'none')], { DATA_DIR: missing }));
    expect(none).toEqual({ code: 1, said: `There is no file ${join(empty, 'none')}.` });
  });
});
