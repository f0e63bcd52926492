import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type postgres from 'postgres';
import { shareLook } from '../../src/database/shared-look.ts';
import type { Late, Sql } from '../../src/database/sql.ts';
import { newTrace } from '../../src/database/timing.ts';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { openTestPool, rejectionOf, until } from './opened.ts';

const LOCK = 4711;

let database: TestDatabase;
let admin: postgres.Sql;
let changer: postgres.Sql;

beforeAll(async () => {
  database = await emptyDatabase();
  admin = connect(database.adminUrl, 1);
  changer = connect(database.adminUrl, 1);
  await admin`create table known (key text primary key, word text not null)`;
  await admin`insert into known values ('a', 'apple'), ('b', 'bread'), ('d', 'date'), ('e', 'egg')`;
  await admin`grant select on known to public`;
});

afterAll(async () => {
  await Promise.all([admin.end(), changer.end()]);
  await database.drop();
});

const waiting = async (): Promise<number> =>
  (
    await changer`select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`
  ).length;

/** A look, and which keys each of its statements was sent with. */
const lookUp = () => {
  const sent: string[][] = [];
  const find = async (sql: Sql, keys: Late) => {
    const noted = (): string[] => {
      const asked = keys() as string[];
      sent.push(asked);
      return asked;
    };
    const rows = await sql<{ key: string; word: string }>`
      select key, word from known, pg_advisory_xact_lock_shared(${LOCK}) where key = any(${noted}::text[])`;
    return new Map(rows.map(({ key, word }) => [key, word]));
  };
  return { sent, look: shareLook(find) };
};

const PATIENT = { acquireTimeoutMs: 60_000, lockTimeoutMs: 60_000, statementTimeoutMs: 60_000 };

/** What is asked for on the server while `work` runs waits for its end. */
const whileLocked = <T>(work: () => Promise<T>) =>
  admin.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`;
    // In a list, or it would be waited for here.
    return [await work()];
  });

describe('a shared look', () => {
  test('is one statement for all who wait for a connection, each with what is theirs', async () => {
    const { pool, sql } = openTestPool(database.url, { ...PATIENT, max: 1 });
    const { sent, look } = lookUp();
    const asked = ['a', 'b', 'c', 'a'].map((key) => ({ key, trace: newTrace(key) }));
    const looks = await whileLocked(async () => {
      const slow = sql`select pg_advisory_xact_lock(${LOCK})`;
      const early = asked.map(({ key, trace }) => look(pool.database(trace), trace, key));
      await changer`update known set word = 'avocado' where key = 'a'`;
      return [slow, ...early];
    });
    const [, ...found] = await Promise.all(looks.flat());
    expect(found).toEqual(['avocado', 'bread', undefined, 'avocado']);
    expect(sent).toEqual([['a', 'b', 'c']]);
    for (const { trace } of asked) {
      expect(trace.statements).toBe(1);
      expect(trace.waitingMs).toBeGreaterThan(0);
    }
    await pool.close();
  });

  test('that is under way tells nobody who came after it what was true before them', async () => {
    const { pool, sql } = openTestPool(database.url, { ...PATIENT, max: 1 });
    const { sent, look } = lookUp();
    const asked = newTrace('asked');
    const looks = await whileLocked(async () => {
      const first = sql`select 1`;
      const early = look(pool.database(asked), asked, 'e');
      await first;
      await until(async () => (await waiting()) === 1);
      await changer`update known set word = 'endive' where key = 'e'`;
      return [early, look(pool.database(asked), asked, 'e')];
    });
    expect(await Promise.all(looks.flat())).toEqual(['egg', 'endive']);
    expect(sent).toEqual([['e'], ['e']]);
    await pool.close();
  });

  test('that is refused in the line is refused to all of them, and the next one is a new look', async () => {
    const { pool, sql } = openTestPool(database.url, { max: 1, acquireTimeoutMs: 50 });
    const { sent, look } = lookUp();
    const slow = sql`select pg_sleep(0.3)`;
    const refused = ['a', 'b'].map((key) => {
      const trace = newTrace(key);
      return rejectionOf(look(pool.database(trace), trace, key));
    });
    for (const one of await Promise.all(refused)) expect(one).toMatchObject({ reason: 'database.busy' });
    await slow;
    await until(() => pool.counters().inUse === 0);
    const trace = newTrace('later');
    expect(await look(pool.database(trace), trace, 'd')).toBe('date');
    expect(sent).toEqual([['d']]);
    await pool.close();
  });
});
