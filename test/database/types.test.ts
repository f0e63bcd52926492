import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { type Opened, openTestPool, rejectionOf } from './opened.ts';

let database: TestDatabase;
const opened: Opened[] = [];

beforeAll(async () => {
  database = await emptyDatabase();
  const admin = connect(database.adminUrl);
  await admin.unsafe(`alter database ${database.name} set timezone = 'America/Los_Angeles'`);
  await admin.unsafe(`alter database ${database.name} set datestyle = 'German'`);
  await admin.end();
  opened.push(openTestPool(database.url), openTestPool(database.url, { prepare: false }));
});

afterAll(async () => {
  for (const { pool } of opened) await pool.close();
  await database.drop();
});

describe.each([
  [0, 'prepared statements'],
  [1, 'unnamed statements'],
])('values on the way (%i: %s)', (which) => {
  const sql = (): Opened['sql'] => {
    const found = opened[which];
    if (!found) throw new Error('not opened');
    return found.sql;
  };
  const one = async (rows: Promise<{ value: unknown }[]>): Promise<unknown> => (await rows)[0]?.value;

  test.each([
    ['2026-11-24T04:22:00Z', '2026-11-24T04:22:00Z'],
    ['2026-11-24T04:22:00.1-08:00', '2026-11-24T12:22:00.1Z'],
    ['2026-11-24 04:22:00.123456+00', '2026-11-24T04:22:00.123456Z'],
    ['infinity', 'infinity'],
  ])('the instant %s is read as %s', async (given, read) => {
    expect(await one(sql()`select ${given}::timestamptz as value`)).toBe(read);
  });

  test('a date stays a date', async () => {
    expect(await one(sql()`select ${'2026-03-08'}::date as value`)).toBe('2026-03-08');
  });

  test('json comes through untouched, jsonb is parsed', async () => {
    expect(await one(sql()`select '{"b":1,  "a":[ ]}'::json as value`)).toBe('{"b":1,  "a":[ ]}');
    expect(await one(sql()`select '{"b":1,  "a":[ ]}'::jsonb as value`)).toEqual({ b: 1, a: [] });
  });

  test('a JSON parameter is what it was, also when it is a text, a number or null', async () => {
    for (const value of [{ a: ['x', null, '"\\'] }, 'text', 7, null, []]) {
      expect(await one(sql()`select ${sql().json(value)} as value`)).toEqual(value);
      const [row] = await sql()<{ text: string }>`select ${sql().json(value)}::json as text`;
      expect(JSON.parse(row?.text ?? '')).toEqual(value);
    }
    expect(await one(sql()`select ${'{"a":1}'}::jsonb as value`)).toEqual({ a: 1 });
  });

  test('a bigint is a number, and refused when it does not fit into one', async () => {
    expect(await one(sql()`select 9007199254740991::int8 as value`)).toBe(Number.MAX_SAFE_INTEGER);
    await rejectionOf(sql()`select n as value from (values (1::int8), (9007199254740993::int8)) as t(n)`);
    expect(await one(sql()`select 1::int8 as value`)).toBe(1);
  });

  test('a numeric keeps its digits', async () => {
    expect(await one(sql()`select ${'1.10'}::numeric as value`)).toBe('1.10');
  });

  test('booleans, numbers, nulls and bytes come back as given', async () => {
    const [row] = await sql()`
      select ${true}::boolean as yes, ${-5}::int4 as whole, ${1.5}::float8 as broken, ${null}::text as nothing,
        ${new Uint8Array([0, 255])}::bytea as bytes`;
    expect(row).toEqual({ yes: true, whole: -5, broken: 1.5, nothing: null, bytes: Buffer.from([0, 255]) });
  });

  test('arrays of texts keep quotes, backslashes, commas, braces, spaces, line ends and the word NULL', async () => {
    const texts = ['a"b', 'c\\d', '\\"', 'NULL', 'null', 'x,y', '{}', '{', '', ' ', 'é\n\t', "'", '{"a":1}'];
    expect(await one(sql()`select ${texts}::text[] as value`)).toEqual(texts);
    expect(await one(sql()`select cardinality(${texts}::text[]) as value`)).toBe(texts.length);
    expect(await one(sql()`select array['a', null, 'NULL'] as value`)).toEqual(['a', null, 'NULL']);
  });

  test('empty arrays and arrays of ids and numbers work', async () => {
    const id = '0198f0a4-0000-7000-8000-000000000001';
    expect(await one(sql()`select ${[]}::uuid[] as value`)).toEqual([]);
    expect(await one(sql()`select ${[id]}::uuid[] as value`)).toEqual([id]);
    expect(await one(sql()`select ${id}::uuid = any(${[id]}::uuid[]) as value`)).toBe(true);
    expect(await one(sql()`select 2 = any(${[1, 2]}::int4[]) as value`)).toBe(true);
    expect(await one(sql()`select ${[1, -2]}::int4[] as value`)).toEqual([1, -2]);
    expect(await one(sql()`select ${[2 ** 40]}::int8[] as value`)).toEqual([2 ** 40]);
  });

  test('parts are put together with their values in order', async () => {
    const filter = sql().part`and n <> ${2}`;
    const both = sql().part`where n < ${4} ${filter}`;
    expect(await one(sql()`select array_agg(n) as value from generate_series(1, ${5}) as n ${both}`)).toEqual(
      [1, 3],
    );
  });

  test('the session runs in UTC whatever the database says', async () => {
    expect(await one(sql()`select current_setting('TimeZone') as value`)).toBe('UTC');
  });
});
