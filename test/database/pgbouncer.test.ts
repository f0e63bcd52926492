import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type postgres from 'postgres';
import { failureOf } from '../../src/database/failures.ts';
import type { Sql } from '../../src/database/sql.ts';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { type PgBouncer, pgBouncerTo, whyNoPgBouncer } from '../helpers/pgbouncer.ts';
import { type Opened, openTestPool, rejectionOf } from './opened.ts';

const LIMITS = { prepare: false, max: 4, statementTimeoutMs: 300, lockTimeoutMs: 200 };

describe.skipIf(whyNoPgBouncer !== undefined)(`through PgBouncer (${whyNoPgBouncer ?? 'installed'})`, () => {
  let database: TestDatabase;
  let bouncer: PgBouncer;
  let admin: postgres.Sql;
  let opened: Opened;

  beforeAll(async () => {
    database = await emptyDatabase();
    bouncer = await pgBouncerTo(database.url, 5);
    admin = connect(database.adminUrl, 2);
    opened = openTestPool(bouncer.url, LIMITS);
  });
  afterAll(async () => {
    await opened.pool.close();
    await bouncer.stop();
    await admin.end();
    await database.drop();
  });

  /** Alone, and as part of a transaction. */
  const bothWays = (run: (sql: Sql) => Promise<unknown>): (() => Promise<unknown>)[] => [
    () => run(opened.sql),
    () => opened.sql.transaction(run),
  ];
  const sleeping = async (): Promise<number> =>
    (
      await admin`select 1 from pg_stat_activity where datname = ${database.name} and state = 'active'
      and query like 'select pg_sleep%'`
    ).length;

  test('a statement over its deadline is cancelled by the server, not only given up here', async () => {
    for (const run of bothWays((sql) => sql`select pg_sleep(${30}::float8)`)) {
      const began = performance.now();
      expect(failureOf(await rejectionOf(run()))?.reason).toBe('database.timeout');
      // Before the pool itself would give it up.
      expect(performance.now() - began).toBeLessThan(LIMITS.statementTimeoutMs + 1_000);
      expect(await sleeping()).toBe(0);
    }
    expect(opened.pool.counters()).toMatchObject({ inUse: 0, overdue: 0 });
  });

  test('a lock that somebody holds is waited for no longer than the lock timeout', async () => {
    await admin`create table held (id integer)`;
    await admin`grant all on held to shop`;
    const [release, locked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = admin.begin(async (tx) => {
      await tx`lock table held`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    for (const run of bothWays((sql) => sql`select * from held where id = ${1}`))
      expect(failureOf(await rejectionOf(run()))?.reason).toBe('database.busy');
    release.resolve();
    await holder;
    for (const run of bothWays((sql) => sql`select * from held where id = ${1}`))
      expect(await run()).toEqual([]);
  });

  test('the limits of one do not stay at a connection that PgBouncer gives to another', async () => {
    const plain = connect(bouncer.url, 5);
    const found = await Promise.all(
      Array.from({ length: 5 }, () =>
        plain.unsafe(`select current_setting('statement_timeout') as limit, pg_sleep(0.05)`),
      ),
    );
    expect(new Set(found.map(([row]) => row?.limit))).toEqual(new Set(['0']));
    await plain.end();
  });
});
