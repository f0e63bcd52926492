import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { namedConstraints } from '../../src/database/constraints.ts';
import { DatabaseError, databaseError, failureOf, isRetryable } from '../../src/database/failures.ts';
import { Failure, fail } from '../../src/errors.ts';
import { cloneDatabase, type TestDatabase } from '../helpers/database.ts';
import { logToLines, type Opened, openTestPool, rejectionOf } from './opened.ts';

let database: TestDatabase;
let opened: Opened;

beforeAll(async () => {
  database = await cloneDatabase();
  opened = openTestPool(database.url, { lockTimeoutMs: 100, statementTimeoutMs: 400 });
  await opened.sql`create table parents (id integer primary key)`;
  await opened.sql`create table children (
    id integer constraint children_once primary key,
    parent_id integer references parents,
    age integer constraint children_age check (age > 0),
    span int4range,
    exclude using gist (span with &&)
  )`;
  await opened.sql`insert into children values (1, null, 1, '[1,5)')`;
});

afterAll(async () => {
  await opened.pool.close();
  await database.drop();
});

const withCode = (code: string): DatabaseError =>
  new DatabaseError('x', { code, statement: '', constraint: '', table: '' });

describe('what the database refuses', () => {
  test.each<[string, string, () => Promise<unknown>]>([
    ['a value that is taken', 'request.conflict', () => opened.sql`insert into children values (1)`],
    [
      'a span that overlaps',
      'request.conflict',
      () => opened.sql`insert into children values (2, null, 1, '[4,6)')`,
    ],
    ['a check', 'request.body_invalid', () => opened.sql`insert into children values (3, null, ${-1})`],
    ['an id of the wrong form', 'request.parameter_invalid', () => opened.sql`select ${'hush'}::uuid`],
    ['a NUL in a text', 'request.parameter_invalid', () => opened.sql`select ${'hush\u0000'}::text`],
    [
      'a NUL in JSON',
      'request.parameter_invalid',
      () => opened.sql`select ${opened.sql.json('hush\u0000')}::text`,
    ],
    ['a number out of range', 'request.parameter_invalid', () => opened.sql`select ${2 ** 40}::int4`],
    ['a number without an end', 'request.parameter_invalid', () => opened.sql`select ${Infinity}::int4`],
    ['a day that is none', 'request.parameter_invalid', () => opened.sql`select ${'2026-02-30'}::date`],
    ['a time that is none', 'request.parameter_invalid', () => opened.sql`select ${'hush'}::timestamptz`],
    [
      'a zone that is none',
      'request.parameter_invalid',
      () => opened.sql`select ${'2026-01-01T00:00:00+99:00'}::timestamptz`,
    ],
    [
      'a zone whose name nobody knows',
      'request.parameter_invalid',
      () => opened.sql`select ${'2026-01-01 10:00 America/Nowhere'}::timestamptz`,
    ],
    ['an offset below zero', 'request.parameter_invalid', () => opened.sql`select 1 offset ${-1}`],
    ['a limit below zero', 'request.parameter_invalid', () => opened.sql`select 1 limit ${-1}`],
    [
      'an escape at the end',
      'request.parameter_invalid',
      () => opened.sql`select ${'hushed'} like ${'hush\\'}`,
    ],
    ['a statement that takes too long', 'database.timeout', () => opened.sql`select pg_sleep(5)`],
  ])('%s is %s', async (_, reason, statement) => {
    const error = await rejectionOf(statement());
    expect(failureOf(error)).toMatchObject({ reason });
    expect(JSON.stringify([error, failureOf(error), String(error)])).not.toContain('hush');
  });

  test('a reference to nothing names the field of the body', async () => {
    const error = await rejectionOf(opened.sql`insert into children values (4, 77)`);
    expect(failureOf(error)).toMatchObject({
      reason: 'request.body_invalid',
      issues: [{ path: 'parent_id', message: 'does not name anything that exists' }],
    });
  });

  test('a lock that is not given in time is database.busy', async () => {
    await opened.sql.transaction(async (tx) => {
      await tx`lock table parents`;
      const error = await rejectionOf(opened.sql`select * from parents`);
      expect(failureOf(error)).toMatchObject({ reason: 'database.busy', retryAfterS: 1 });
    });
  });

  test('a write in a read-only database is database.read_only', async () => {
    const refused = opened.sql.transaction(async (tx) => {
      await tx`set transaction read only`;
      await tx`insert into parents values (1)`;
    });
    expect(failureOf(await rejectionOf(refused))).toMatchObject({
      reason: 'database.read_only',
      retryAfterS: 1,
    });
  });

  test('a deadlock may be tried again, and is database.contention in the end', async () => {
    const { pool, sql } = openTestPool(database.url, { lockTimeoutMs: 5000 });
    await sql`insert into parents values (101), (102)`;
    const locked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lockBoth = async (first: number): Promise<unknown> =>
      sql.transaction(async (tx) => {
        await tx`select 1 from parents where id = ${101 + first} for update`;
        locked[first]?.resolve();
        await locked[1 - first]?.promise;
        return tx`select 1 from parents where id = ${102 - first} for update`;
      });
    const errors = (await Promise.allSettled([lockBoth(0), lockBoth(1)])).filter(
      ({ status }) => status === 'rejected',
    );
    expect(errors).toHaveLength(1);
    for (const refused of errors) {
      const { reason } = refused as PromiseRejectedResult;
      expect(isRetryable(reason)).toBe(true);
      expect(failureOf(reason)).toMatchObject({ reason: 'database.contention' });
    }
    await pool.close();
  });

  test.each([
    ['40001', 'database.contention'],
    ['53100', 'database.storage_full'],
    ['53300', 'database.unavailable'],
    ['57P01', 'database.unavailable'],
    ['57P03', 'database.unavailable'],
    ['ECONNREFUSED', 'database.unavailable'],
    ['ECONNRESET', 'database.unavailable'],
    ['CONNECT_TIMEOUT', 'database.unavailable'],
    ['CONNECTION_CLOSED', 'database.unavailable'],
    ['UNDEFINED_VALUE', 'request.parameter_invalid'],
    ['STATEMENT_DEADLINE', 'database.timeout'],
  ])('the code %s is %s', (code, reason) => {
    expect(failureOf(withCode(code))).toMatchObject({ reason });
  });

  test('an absent database is told in the words of the API', () => {
    expect(failureOf(withCode('ECONNREFUSED'))).toMatchObject({
      message: 'Database connection failed',
      kind: 'unavailable',
      retryAfterS: 1,
    });
  });

  test('everything else is a bug of ours, and a Failure stays what it is', async () => {
    expect(failureOf(await rejectionOf(opened.sql`select nonsense`))).toBeUndefined();
    expect(failureOf(new Error('x'))).toBeUndefined();
    expect(failureOf(undefined)).toBeUndefined();
    const failure = fail('customer.not_found', 'x');
    expect(failureOf(failure)).toBe(failure);
    expect(isRetryable(failure)).toBe(false);
  });

  test('each constraint that has a name here exists in the database', async () => {
    const names = namedConstraints();
    const rows = await opened.sql<{ name: string }>`
      select relname as name from pg_class where relkind = 'i' and relname = any(${names})
      union select conname from pg_constraint where conname = any(${names})
      union select name from unnest(${names}::text[]) name, pg_proc
        where prosrc like '%constraint = ''' || name || '''%'`;
    expect(rows.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  test('each unique and exclusion constraint with a name of its own is a refusal, but for those nobody can hit', async () => {
    const unreachable = [
      // Numbered or ordered by the command itself, under a lock.
      ...['appointment_services_position_taken', 'invoice_lines_position_taken', 'invoices_number_taken'],
      'vehicles_one_primary',
      // Given and made by one at a time, under the lock of a head.
      ...['journal_by_position', 'webhook_deliveries_once', 'outbox_of_message', 'outbox_notice_once'],
      ...['estimate_lines_position_taken', 'estimate_authorizations_once', 'estimates_number_taken'],
      // Random, or passed over where it is there.
      ...['estimate_links_token_taken', 'messages_provider_id_taken'],
    ];
    const rows = await opened.sql<{ name: string }>`
      select c.relname as name from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_class t on t.oid = i.indrelid
      where t.relnamespace = 'public'::regnamespace and (i.indisunique or i.indisexclusion) and not i.indisprimary
        and t.relname not in ('children', 'parents')`;
    const named = new Set([...namedConstraints(), ...unreachable]);
    expect(rows.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('an error of the database', () => {
  test('carries no parameter, no row and no detail into the log', async () => {
    const { log, lines } = logToLines();
    await opened.sql`insert into customers (id, name, phone) values (${Bun.randomUUIDv7()}, 'a', 'hush-phone')`;
    const taken = () =>
      opened.sql`insert into customers (id, name, phone) values (${Bun.randomUUIDv7()}, 'b', 'hush-phone')`;
    const wrong = () =>
      opened.sql`insert into customers (id, name) values (${Bun.randomUUIDv7()}, ${'hush-name'})`;
    for (const refused of [taken, wrong]) {
      const error = await rejectionOf(refused());
      expect(error).toBeInstanceOf(DatabaseError);
      log.error({ err: error, error }, 'refused');
      const own = Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error as object, name)]);
      expect(JSON.stringify(own).replaceAll("'hush-phone'", '')).not.toContain('hush');
    }
    expect(JSON.stringify(lines).replaceAll("'hush-phone'", '')).not.toContain('hush');
  });

  test('may be anything that was thrown', () => {
    for (const thrown of [undefined, null, 'text', 7, {}, new Error('x'), new Failure('server.fault', 'x')]) {
      expect(databaseError(thrown, 'select 1')).toBeInstanceOf(DatabaseError);
    }
  });
});
