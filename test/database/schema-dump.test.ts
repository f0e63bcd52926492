import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../src/database/migrate.ts';
import { dumpSchema } from '../../src/database/schema-dump.ts';
import { startPostgres } from '../../src/process/postgres.ts';
import { makeDataDir } from '../helpers/data-dir.ts';
import { cloneDatabase } from '../helpers/database.ts';
import { logToLines, openTestPool } from './opened.ts';

const COMMITTED = join(import.meta.dir, 'schema.txt');
const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const dumpOf = async (url: string): Promise<string> => {
  const { pool, sql } = openTestPool(url, { max: 2 });
  try {
    return await dumpSchema(sql);
  } finally {
    await pool.close();
  }
};

describe('the schema', () => {
  test('is the committed one; UPDATE_SCHEMA=1 writes it anew', async () => {
    const database = await cloneDatabase();
    const schema = await dumpOf(database.url);
    await database.drop();
    if (process.env.UPDATE_SCHEMA === '1') await Bun.write(COMMITTED, schema);
    expect(schema).toBe(await Bun.file(COMMITTED).text());
  });

  test('shows what a migration may change', async () => {
    const database = await cloneDatabase();
    const before = await dumpOf(database.url);
    const changes = [
      'alter table staff add column shoe_size integer not null default 42',
      'alter table staff alter column name drop not null',
      'alter table staff add constraint staff_name_short check (length(name) < 9)',
      'create index staff_by_shoe on staff (role)',
      'create view staff_names as select name from staff',
      `create function twice(n integer) returns integer language sql immutable return n * 2`,
      `create type size as enum ('small', 'large')`,
      'create sequence counting',
      'alter table attempts set logged',
    ];
    const { pool, sql } = openTestPool(database.url, { max: 1 });
    let last = before;
    for (const change of changes) {
      await sql(Object.assign([change], { raw: [change] }));
      const now = await dumpSchema(sql);
      expect(now, change).not.toBe(last);
      last = now;
    }
    await pool.close();
    await database.drop();
  });

  test.each([15, 16, 17])(
    'is the same on PostgreSQL %i',
    async (version) => {
      const binaries = join(import.meta.dir, `../../node_modules/postgres-${version}/native`);
      if (!existsSync(binaries)) return console.info(`skipped: no PostgreSQL ${version} for this machine`);
      const dataDir = await makeDataDir(`schema-${version}`);
      folders.push(dataDir);
      const settings = { fsync: 'off' };
      const server = await startPostgres({
        dataDir,
        maxConnections: 20,
        say: () => undefined,
        binaries,
        settings,
      });
      try {
        await migrate({ url: server.url, log: logToLines().log });
        expect(await dumpOf(server.url)).toBe(await Bun.file(COMMITTED).text());
      } finally {
        await server.stop();
      }
    },
    60_000,
  );
});
