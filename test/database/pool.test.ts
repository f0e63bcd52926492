import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type postgres from 'postgres';
import { newTrace } from '../../src/database/timing.ts';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { proxyTo } from '../helpers/proxy.ts';
import { openTestPool, rejectionOf, until } from './opened.ts';

let database: TestDatabase;
let admin: postgres.Sql;

beforeAll(async () => {
  database = await emptyDatabase();
  admin = connect(database.adminUrl, 2);
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

const sessions = async (name: string): Promise<number> =>
  (await admin`select 1 from pg_stat_activity where application_name = ${name}`).length;

/** Order instead of time: whether something else was done first. */
const settling = (promise: Promise<unknown>) => {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  return { promise, isSettled: () => isSettled };
};

describe('the pool', () => {
  test('never lets a fast statement stand behind a slow one while a connection is idle', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 2 });
    await pool.warm();
    const slow = settling(sql`select pg_sleep(1.5)`);
    for (let count = 0; count < 20; count += 1) await sql`select 1`;
    expect(slow.isSettled()).toBe(false);
    await slow.promise;
    await pool.close();
  });

  test('tells the time in line from the time on the server, and marks only who was slow itself', async () => {
    const { pool, lines } = openTestPool(database.url, { max: 1, slowQueryMs: 100 });
    await pool.warm();
    const [slow, innocent] = [newTrace('slow-one'), newTrace('innocent')];
    const sleeping = pool.database(slow)`select pg_sleep(${0.2}::float8), ${'hush'}::text`;
    await pool.database(innocent)`select 1`;
    await sleeping;
    expect(slow).toMatchObject({ statements: 1, slow: 1 });
    expect(slow.runningMs).toBeGreaterThan(190);
    expect(innocent).toMatchObject({ statements: 1, slow: 0 });
    expect(innocent.waitingMs).toBeGreaterThan(150);
    expect(innocent.runningMs).toBeLessThan(slow.runningMs);
    const warnings = lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      correlation_id: 'slow-one',
      statement: 'select pg_sleep(?::float8), ?::text',
      rows: 1,
    });
    expect(JSON.stringify(lines)).not.toContain('hush');
    expect(pool.counters()).toMatchObject({ slow: 1 });
    await pool.close();
  });

  test('keeps a table of what each text has cost', async () => {
    const { pool, sql } = openTestPool(database.url);
    for (const n of [1, 2, 3]) await sql`select ${n}::int4 as n`;
    await sql`select pg_sleep(0.05)`;
    const [most, ...others] = pool.slowest();
    expect(most).toMatchObject({ statement: 'select pg_sleep(0.05)', count: 1 });
    expect(most?.p95Ms).toBeWithin(45, 500);
    expect(others).toContainEqual(expect.objectContaining({ statement: 'select ?::int4 as n', count: 3 }));
    await pool.close();
  });

  test('refuses who finds no place in time with database.busy, and serves again right after (P12)', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 2, acquireTimeoutMs: 200 });
    const held = [sql`select pg_sleep(0.6)`, sql`select pg_sleep(0.6)`];
    const began = performance.now();
    const refused = await Promise.all(Array.from({ length: 20 }, () => rejectionOf(sql`select 1`)));
    expect(performance.now() - began).toBeWithin(190, 400);
    for (const error of refused) expect(error).toMatchObject({ reason: 'database.busy', retryAfterS: 1 });
    await Promise.all(held);
    await sql`select 1`;
    await pool.close();
  });

  test('keeps a quarter of its places for reads while writers are held by a lock', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 4, acquireTimeoutMs: 300, lockTimeoutMs: 600 });
    await admin`create table held (id integer)`;
    await admin`grant all on held to shop`;
    const release = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holder = admin.begin(async (tx) => {
      await tx`lock table held`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const writers = Promise.all(
      Array.from({ length: 12 }, () => rejectionOf(sql.transaction((tx) => tx`insert into held values (1)`))),
    );
    const waiting = settling(writers);
    for (let count = 0; count < 20; count += 1) await sql`select 1`;
    expect(waiting.isSettled()).toBe(false);
    for (const error of await writers) expect(['database.busy', '55P03']).toContain(codeOf(error));
    release.resolve();
    await holder;
    await pool.close();
  });

  test('takes what a request has waited already off its next line and its locks: one patience for all', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 1, lockTimeoutMs: 1500 });
    await pool.warm();
    const spent = (isAwaited: boolean) =>
      pool.database({ ...newTrace('spent', { isAwaited }), waitingMs: 1000, runningMs: 700 });
    const tookMs = async (refused: Promise<unknown>, reason: string): Promise<number> => {
      const began = performance.now();
      expect(codeOf(await rejectionOf(refused))).toBe(reason);
      return performance.now() - began;
    };
    const holder = connect(database.url);
    await holder`select pg_advisory_lock(1)`;
    const lock = (isAwaited: boolean) =>
      spent(isAwaited).transaction((tx) => tx`select pg_advisory_xact_lock(1)`);
    expect(await tookMs(lock(true), '55P03')).toBeLessThan(1000);
    expect(await tookMs(lock(false), '55P03')).toBeGreaterThan(1400);
    const sleeping = sql`select pg_sleep(2.5)`;
    const lines = [
      tookMs(spent(true)`select 1`, 'database.busy'),
      tookMs(
        spent(true).transaction((tx) => tx`select 1`),
        'database.busy',
      ),
      tookMs(spent(false)`select 1`, 'database.busy'),
    ];
    const [read = 0, write = 0, unhurried = 0] = await Promise.all(lines);
    expect(Math.max(read, write)).toBeLessThan(1000);
    expect(unhurried).toBeGreaterThan(1900);
    await sleeping;
    await holder.end();
    await pool.close();
  });

  test('gives a statement up that outlives its deadline, and never uses its session again', async () => {
    let isDeaf = false;
    const proxy = await proxyTo(database.url, { toClient: () => !isDeaf });
    const { pool, sql } = openTestPool(proxy.url, { max: 1, statementTimeoutMs: 100 });
    const [before] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
    const began = performance.now();
    // The server cancels it, and cannot be heard.
    isDeaf = true;
    const error = await rejectionOf(sql`select pg_sleep(20)`);
    isDeaf = false;
    expect(error).toMatchObject({ code: 'STATEMENT_DEADLINE' });
    expect(performance.now() - began).toBeWithin(1000, 2000);
    const [after] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
    expect(after?.pid).not.toBe(before?.pid ?? 0);
    expect(pool.counters()).toMatchObject({ inUse: 0, overdue: 1 });
    await pool.close();
    proxy.close();
  });

  test.each([true, false])(
    'cancels a statement on the server at its statement timeout (prepared: %p)',
    async (prepare) => {
      const { pool, sql } = openTestPool(database.url, { prepare, statementTimeoutMs: 100 });
      const error = await rejectionOf(sql`select pg_sleep(${5}::float8)`);
      expect(error).toMatchObject({ code: '57014' });
      expect(pool.counters()).toMatchObject({ inUse: 0, statements: 1 });
      await pool.close();
    },
  );

  test('opens its smallest number of connections when warmed, and opens them again when they were cut', async () => {
    const name = `edgars-warm-${database.name}`;
    const { pool } = openTestPool(database.url, { min: 3, applicationName: name });
    await pool.warm();
    // One more is the probe's own.
    expect(await sessions(name)).toBe(4);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`;
    await until(async () => (await sessions(name)) === 0);
    await until(async () => (await sessions(name)) >= 3);
    await pool.close();
    await until(async () => (await sessions(name)) === 0);
  });

  test('answers the probe while every place is taken, one question for all who ask together', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 1 });
    await pool.probe();
    const held = settling(sql`select pg_sleep(1.5)`);
    expect(await Promise.all(Array.from({ length: 50 }, () => pool.probe()))).not.toContain(false);
    expect(held.isSettled()).toBe(false);
    await held.promise;
    await pool.close();
  });

  test('finishes what runs when it is closed, and refuses what comes after', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 1 });
    const running = sql<{ done: string }>`select 'yes' as done from pg_sleep(0.2)`;
    const waiting = rejectionOf(sql`select 1`);
    await until(() => pool.counters().inFlight === 1);
    await pool.close();
    expect((await running)[0]?.done).toBe('yes');
    expect(await waiting).toMatchObject({ reason: 'database.unavailable' });
    expect(await rejectionOf(sql`select 1`)).toMatchObject({ reason: 'database.unavailable' });
    expect(await pool.probe()).toBe(false);
  });
});

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null
    ? String(Reflect.get(error, 'reason') ?? Reflect.get(error, 'code'))
    : String(error);
