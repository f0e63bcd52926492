import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type postgres from 'postgres';
import type { Sql, Transaction } from '../../src/database/sql.ts';
import { newTrace } from '../../src/database/timing.ts';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { type Opened, openTestPool, rejectionOf, until } from './opened.ts';

let database: TestDatabase;
let admin: postgres.Sql;
let opened: Opened;

beforeAll(async () => {
  database = await emptyDatabase();
  admin = connect(database.adminUrl, 2);
  await admin`create table marks (who text primary key)`;
  await admin`grant all on marks to shop`;
});

beforeEach(async () => {
  await admin`truncate marks`;
  opened = openTestPool(database.url);
});

afterEach(() => opened.pool.close());

afterAll(async () => {
  await admin.end();
  await database.drop();
});

const mark = (sql: Sql, who: string) => sql`insert into marks (who) values (${who})`;
const marks = async (): Promise<string[]> =>
  (await admin`select who from marks order by who`).map(({ who }) => who);

const pidOf = async (sql: Sql): Promise<number> =>
  (await sql<{ pid: number }>`select pg_backend_pid() as pid`)[0]?.pid ?? 0;

const terminate = async (pid: number): Promise<void> => {
  await admin`select pg_terminate_backend(${pid})`;
  await until(async () => (await admin`select 1 from pg_stat_activity where pid = ${pid}`).length === 0);
};

describe('a transaction', () => {
  test('keeps everything when its work is done', async () => {
    const result = await opened.sql.transaction(async (tx) => {
      await mark(tx, 'a');
      await mark(tx, 'b');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await marks()).toEqual(['a', 'b']);
  });

  test('leaves nothing when its work fails, and throws what the work threw', async () => {
    const error = new Error('no');
    const failed = opened.sql.transaction(async (tx) => {
      await mark(tx, 'a');
      throw error;
    });
    expect(await rejectionOf(failed)).toBe(error);
    expect(await marks()).toEqual([]);
  });

  test('is not taken for committed when a failed statement was passed over', async () => {
    const passedOver = opened.sql.transaction(async (tx) => {
      await mark(tx, 'a');
      await mark(tx, 'a').catch(() => undefined);
    });
    expect(await rejectionOf(passedOver)).toMatchObject({ code: '25P02' });
    expect(await marks()).toEqual([]);
  });

  test('goes on after a savepoint whose work failed', async () => {
    await opened.sql.transaction(async (tx) => {
      await mark(tx, 'a');
      const inner = tx.savepoint(async () => {
        await mark(tx, 'b');
        await tx.savepoint(() => mark(tx, 'c'));
        await mark(tx, 'a');
      });
      expect(await rejectionOf(inner)).toMatchObject({ code: '23505' });
      await mark(tx, 'd');
    });
    expect(await marks()).toEqual(['a', 'd']);
  });

  test('refuses a statement of its handle after its end', async () => {
    let kept: Transaction | undefined;
    await opened.sql.transaction(async (tx) => {
      kept = tx;
      await mark(tx, 'a');
    });
    await rejectionOf(kept ? mark(kept, 'late') : Promise.resolve());
    expect(await marks()).toEqual(['a']);
  });

  test('answers statements sent together in their order, on one session', async () => {
    const pids = await opened.sql.transaction((tx) => Promise.all([pidOf(tx), pidOf(tx), pidOf(tx)]));
    expect(new Set(pids).size).toBe(1);
  });

  test('counts only the statements of its work, and the time of all', async () => {
    const trace = newTrace('counted');
    await opened.pool.database(trace).transaction(async (tx) => {
      await mark(tx, 'a');
      await tx.savepoint(() => mark(tx, 'b'));
    });
    expect(trace.statements).toBe(2);
    expect(trace.runningMs).toBeGreaterThan(0);
  });

  test('gives its place and its connection back after every kind of end', async () => {
    for (let round = 0; round < 20; round += 1) {
      await opened.sql.transaction((tx) => pidOf(tx));
      await rejectionOf(opened.sql.transaction((tx) => tx`select 1 / 0`));
      await rejectionOf(opened.sql.transaction(async (tx) => terminate(await pidOf(tx))));
    }
    expect(opened.pool.counters()).toMatchObject({ inUse: 0, writing: 0, waiting: 0, inFlight: 0 });
    const sleeps = Array.from({ length: 4 }, () => opened.sql`select pg_sleep(0.05)`);
    await Promise.all(sleeps);
  });

  test('sets its time limits itself where they cannot stand at the connection', async () => {
    const { pool, sql } = openTestPool(database.url, { prepare: false, lockTimeoutMs: 1234 });
    const limits = (at: Sql) => at`
      select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
    expect(await sql.transaction(async (tx) => [...(await limits(tx))])).toEqual([
      { lock: '1234ms', statement: '5s' },
    ]);
    expect([...(await limits(sql))]).toEqual([{ lock: '1234ms', statement: '5s' }]);
    await pool.close();
  });
});

describe('a parked transaction whose session is killed (P5)', () => {
  test.each([1, 2, 4])(
    'never runs on, in a saturated pool of %i',
    async (max) => {
      const { pool, sql } = openTestPool(database.url, { max, acquireTimeoutMs: 10_000, queueMax: 1000 });
      let isOver = false;
      const readers = Array.from({ length: 30 }, async () => {
        while (!isOver) await sql`select pg_sleep(0.001)`.catch(() => undefined);
      });
      for (let round = 0; round < 5; round += 1) {
        const died = Promise.withResolvers<number>();
        const resume = Promise.withResolvers<void>();
        const late: unknown[] = [];
        const dead = sql.transaction(async (tx) => {
          await mark(tx, `dead-${round}-early`);
          died.resolve(await pidOf(tx));
          await resume.promise;
          for (const who of ['late', 'later']) {
            late.push(await mark(tx, `dead-${round}-${who}`).catch((error: unknown) => error));
          }
          late.push(await tx.savepoint(async () => 'it ran').catch((error: unknown) => error));
        });
        const ended = rejectionOf(dead);
        await terminate(await died.promise);
        const others = [0, 1].map((other) =>
          rejectionOf(
            sql.transaction(async (tx) => {
              await mark(tx, `other-${round}-${other}`);
              resume.resolve();
              await Bun.sleep(5);
              throw new Error('taken back');
            }),
          ),
        );
        // With one or two places the others get theirs only when the dead transaction has ended.
        if (max <= 2) setTimeout(resume.resolve, 20);
        expect(await ended).toMatchObject({ reason: 'database.unavailable' });
        for (const error of late) expect(error).toMatchObject({ reason: 'database.unavailable' });
        for (const error of await Promise.all(others)) expect(String(error)).toBe('Error: taken back');
      }
      isOver = true;
      await Promise.all(readers);
      expect(await marks()).toEqual([]);
      expect(pool.counters()).toMatchObject({ inUse: 0, waiting: 0, inFlight: 0 });
      await pool.close();
    },
    30_000,
  );

  test('neither commits nor rolls back the work of those who come after it', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 2 });
    let pid = 0;
    const dead = sql.transaction(async (tx) => {
      pid = await pidOf(tx);
      await terminate(pid);
    });
    expect(await rejectionOf(dead)).toMatchObject({ reason: 'database.unavailable' });
    await sql.transaction((tx) => mark(tx, 'after'));
    expect(await marks()).toEqual(['after']);
    await pool.close();
  });
});
