import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseRefusal } from '../../src/database/failures.ts';
import { migrate } from '../../src/database/migrate.ts';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { logToLines, rejectionOf } from './opened.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgars-migrations-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** A folder of migrations, and an empty database for them. */
const make = async (files: Record<string, string>) => {
  const directory = await mkdtemp(join(folder, 'files-'));
  const database = await emptyDatabase();
  const write = (more: Record<string, string>): Promise<unknown> =>
    Promise.all(Object.entries(more).map(([name, text]) => Bun.write(join(directory, name), text)));
  await write(files);
  const { log, lines } = logToLines();
  return { database, directory, write, lines, run: () => migrate({ url: database.url, directory, log }) };
};

const tablesOf = async (database: TestDatabase): Promise<string[]> => {
  const sql = connect(database.url);
  const rows =
    await sql`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  await sql.end();
  return rows.map(({ relname }) => relname).sort();
};

const TWO = {
  '0001-one.sql': 'create table one (id integer);',
  '0002-two.sql': 'create table two (id integer);',
};

describe('migrating', () => {
  test('applies what is missing in its order, once, and says each', async () => {
    const { database, write, run, lines } = await make(TWO);
    expect(await run()).toEqual(['0001-one.sql', '0002-two.sql']);
    expect(await run()).toEqual([]);
    await write({
      '0003-three.sql': 'alter table two add column name text; create table three (id integer);',
    });
    expect(await run()).toEqual(['0003-three.sql']);
    expect(await tablesOf(database)).toEqual(['migrations', 'one', 'three', 'two']);
    expect(lines.map(({ migration }) => migration)).toEqual([
      '0001-one.sql',
      '0002-two.sql',
      '0003-three.sql',
    ]);
    await database.drop();
  });

  test('is safe when twenty begin at once, from nothing', async () => {
    const { database, run } = await make(TWO);
    const applied = await Promise.all(Array.from({ length: 20 }, run));
    expect(applied.flat().sort()).toEqual(['0001-one.sql', '0002-two.sql']);
    await database.drop();
  });

  test('brings the real schema into an empty database, and finds nothing to do the second time', async () => {
    const database = await emptyDatabase();
    const { log } = logToLines();
    expect((await migrate({ url: database.url, log })).length).toBeGreaterThan(5);
    expect(await migrate({ url: database.url, log })).toEqual([]);
    await database.drop();
  });

  test('leaves nothing of a file that fails, and tells file and line', async () => {
    const { database, write, run } = await make({
      '0001-one.sql': 'create table one (id integer);',
      '0002-two.sql': 'create table two (id integer);\n\ncreate table two (id integer);\nselect nonsense;',
    });
    const error = await rejectionOf(run());
    expect(error).toBeInstanceOf(DatabaseRefusal);
    expect(String(error)).toContain(
      'The migration 0002-two.sql failed and left nothing behind: relation "two" already exists.',
    );
    expect(await tablesOf(database)).toEqual(['migrations', 'one']);
    await write({ '0002-two.sql': 'create table two (id integer);\nselect nonsense;' });
    expect(String(await rejectionOf(run()))).toContain('column "nonsense" does not exist (line 2).');
    await write(TWO);
    expect(await run()).toEqual(['0002-two.sql']);
    await database.drop();
  });

  test('waits for a table only for a while', async () => {
    const { database, write, run } = await make(TWO);
    await run();
    await write({ '0003-three.sql': 'alter table one add column name text;' });
    const other = connect(database.url);
    const release = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holder = other.begin(async (tx) => {
      await tx`lock table one`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const began = performance.now();
    expect(String(await rejectionOf(run()))).toContain('canceling statement due to lock timeout');
    expect(performance.now() - began).toBeWithin(4500, 9000);
    release.resolve();
    await holder;
    await other.end();
    expect(await run()).toEqual(['0003-three.sql']);
    await database.drop();
  }, 20_000);

  test('refuses a database that cannot be reached, as the Failure of that name', async () => {
    const { log } = logToLines();
    const error = await rejectionOf(migrate({ url: 'postgres://u@127.0.0.1:1/d', log }));
    expect(error).toMatchObject({ reason: 'database.unavailable', cause: { code: 'ECONNREFUSED' } });
  });

  test('does not mind how git checks a file out', async () => {
    const { database, write, run } = await make({ '0001-one.sql': 'create table one (\n  id integer\n);\n' });
    await run();
    await write({ '0001-one.sql': 'create table one (\r\n  id integer\r\n);\r\n' });
    expect(await run()).toEqual([]);
    await database.drop();
  });
});

describe('migrating refuses in one sentence', () => {
  const refusal = async (before: Record<string, string>, after: Record<string, string>): Promise<string> => {
    const { database, directory, write, run } = await make(before);
    if (Object.keys(before).length > 0) await run();
    for (const [name, text] of Object.entries(after)) {
      if (text === '') await rm(join(directory, name));
      else await write({ [name]: text });
    }
    const tables = await tablesOf(database);
    const error = await rejectionOf(run());
    expect(error).toBeInstanceOf(DatabaseRefusal);
    expect(await tablesOf(database)).toEqual(tables);
    await database.drop();
    return error instanceof Error ? error.message : '';
  };

  test('a file that was edited after it had landed', async () => {
    expect(await refusal(TWO, { '0001-one.sql': 'create table one (id bigint);' })).toBe(
      'The migration 0001-one.sql was edited after it had landed: restore the file and add a new migration.',
    );
  });

  test('a number that is taken twice', async () => {
    expect(await refusal(TWO, { '0002-also.sql': 'select 1;' })).toBe(
      'The migration number 0002 is taken twice: 0002-also.sql and 0002-two.sql.',
    );
  });

  test('a gap in the numbers', async () => {
    expect(await refusal(TWO, { '0004-four.sql': 'select 1;' })).toBe(
      'The migration number 0003 is missing: the next file is 0004-four.sql.',
    );
  });

  test('a database that is newer than the program', async () => {
    expect(await refusal(TWO, { '0002-two.sql': '' })).toBe(
      'The database is newer than this program: it has the migration 0002-two.sql, which is unknown here.',
    );
  });

  test('a number that has landed under another name', async () => {
    expect(await refusal(TWO, { '0002-two.sql': '', '0002-other.sql': 'select 1;' })).toBe(
      'The database has the migration 0002-two.sql where this program has 0002-other.sql: a number may not be used again.',
    );
  });

  test('a file name of another form', async () => {
    expect(await refusal({}, { '1-One.sql': 'select 1;' })).toContain('must be named like');
  });

  test.each(['commit;', 'BEGIN;\nselect 1;', '  rollback ;'])(
    'a file that ends its own transaction: %s',
    async (text) => {
      expect(await refusal({}, { '0001-one.sql': `create table one (id integer);\n${text}\n` })).toContain(
        'each file already runs in one',
      );
    },
  );
});

test('the migrations of the program can be copied and run from anywhere', async () => {
  const directory = join(folder, 'a copy');
  await cp(join(import.meta.dir, '../../src/database/migrations'), directory, { recursive: true });
  const database = await emptyDatabase();
  const { log } = logToLines();
  const applied = await migrate({ url: database.url, directory, log });
  expect(await migrate({ url: database.url, log })).toEqual([]);
  expect(applied.length).toBeGreaterThan(0);
  await database.drop();
});
