import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import postgres from 'postgres';
import packageFile from '../../package.json';
import { connect } from '../helpers/connection.ts';
import { emptyDatabase, type TestDatabase } from '../helpers/database.ts';
import { rejectionOf, until } from './opened.ts';

const ROOT = join(import.meta.dir, '../..');
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

/** With options that the driver's types do not know. */
const open = (options: Record<string, unknown> = {}): postgres.Sql => {
  const { user, password, path } = addressOf(database.url);
  return postgres({
    ...{
      user,
      password,
      path,
      database: database.name,
      fetch_types: false,
      max_pipeline: 0,
      onnotice: () => undefined,
    },
    backoff: () => 0.01,
    ...options,
  } as unknown as postgres.Options<Record<string, never>>);
};

const addressOf = (url: string) => {
  const { username: user, password, searchParams } = new URL(url);
  return { user, password, path: `${searchParams.get('host')}/.s.PGSQL.5432` };
};

const pidOf = async (sql: postgres.Sql | postgres.TransactionSql): Promise<number> =>
  (await sql`select pg_backend_pid() as pid`)[0]?.pid;

const terminate = async (pid: number): Promise<void> => {
  await admin`select pg_terminate_backend(${pid})`;
  await until(async () => (await admin`select 1 from pg_stat_activity where pid = ${pid}`).length === 0);
};

describe('the patch of the driver', () => {
  test('is named in package.json and applied to what is installed', () => {
    const [name, path] = Object.entries(packageFile.patchedDependencies)[0] ?? ['', ''];
    expect(name).toBe(`postgres@${packageFile.dependencies.postgres}`);
    let installed = '';
    for (const line of readFileSync(join(ROOT, path), 'utf8').split('\n')) {
      if (line.startsWith('+++ b/')) {
        installed = readFileSync(join(ROOT, 'node_modules/postgres', line.slice('+++ b/'.length)), 'utf8');
      } else if (line.startsWith('+')) {
        expect(installed).toContain(line.slice(1));
      }
    }
  });

  test('BEGIN reserves its connection also when no more could be written to it', async () => {
    const sql = open({ max: 2 });
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => sql.begin(async (tx) => [await pidOf(tx), await pidOf(tx), n])),
    );
    for (const [first, second] of answers) expect(first).toBe(second);
    await sql.end();
  });

  test('a connection can be reserved before any was open', async () => {
    const sql = open({ max: 1 });
    const reserved = await sql.reserve();
    expect((await reserved`select 1 as one`)[0]).toEqual({ one: 1 });
    reserved.release();
    await sql.end();
  });

  test('an error after the first rows leaves no holes in the next result', async () => {
    const sql = open({ max: 1 });
    await rejectionOf(sql`select 10 / (3 - n) from generate_series(1, 5) as n`);
    expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }]);
    await sql.end();
  });

  test('the last words of a session are not the answer to the first statement of the next', async () => {
    const sql = open({ max: 1 });
    const pid = await pidOf(sql);
    const sleeping = rejectionOf(sql`select pg_sleep(20)`);
    await until(
      async () =>
        (await admin`select 1 from pg_stat_activity where pid = ${pid} and state = 'active'`).length === 1,
    );
    await terminate(pid);
    await sleeping;
    expect((await sql`select 1 as one`)[0]).toEqual({ one: 1 });
    await sql.end();
  });

  test('a transaction whose session is gone never runs on in the transaction of another', async () => {
    const sql = open({ max: 1, max_pipeline: 100 });
    await sql`create table leak (who text)`;
    const parked = Promise.withResolvers<void>();
    const pids = Promise.withResolvers<number>();
    const lateError = Promise.withResolvers<unknown>();
    const first = sql.begin(async (tx) => {
      pids.resolve(await pidOf(tx));
      await parked.promise;
      const late = tx`insert into leak values ('first')`;
      lateError.resolve(
        await late.then(
          () => 'it ran',
          (error: unknown) => error,
        ),
      );
    });
    const firstError = rejectionOf(first);
    await terminate(await pids.promise);
    await firstError;
    await sql.begin(async (tx) => {
      await tx`insert into leak values ('second')`;
      parked.resolve();
      await lateError.promise;
    });
    expect(await lateError.promise).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect([...(await sql`select who from leak`)]).toEqual([{ who: 'second' }]);
    await sql.end();
  });

  test('what stands in line on a reserved session is refused when the session goes', async () => {
    const sql = open({ max: 1 });
    const reserved = await sql.reserve();
    const pid = await pidOf(reserved as unknown as postgres.Sql);
    const errors = Promise.all(
      [reserved`select pg_sleep(20)`, reserved`select 1`, reserved`select 2`].map(rejectionOf),
    );
    await until(
      async () =>
        (await admin`select 1 from pg_stat_activity where pid = ${pid} and state = 'active'`).length === 1,
    );
    await terminate(pid);
    expect(await errors).toHaveLength(3);
    await rejectionOf(reserved`select 3`);
    reserved.release();
    expect((await sql`select 1 as one`)[0]).toEqual({ one: 1 });
    await sql.end();
  });

  test('closing the connections keeps every slot, also those that were not open', async () => {
    const sql = open({ max: 3 });
    await sql`select 1`;
    await (sql as unknown as { close(): Promise<void> }).close();
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => sql`select pg_backend_pid() as pid`));
    expect(new Set(answers.map(([row]) => row?.pid)).size).toBe(3);
    await sql.end();
  });

  test('a host that takes the connection and hangs up refuses the statement, and is not called in a tight loop', async () => {
    let calls = 0;
    const server = createServer((socket) => {
      calls += 1;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const sql = open({ max: 1, host: '127.0.0.1', port, path: undefined, connect_timeout: 5 });
    const began = performance.now();
    expect(await rejectionOf(sql`select 1`)).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(performance.now() - began).toBeLessThan(2000);
    expect(calls).toBeLessThanOrEqual(2);
    await sql.end({ timeout: 0 });
    server.close();
  });

  test('six rounds of killed sessions under load leave every slot alive and no statement unanswered', async () => {
    const sql = open({ max: 4, max_pipeline: 100 });
    let isOver = false;
    const answered = new Array<number>(12).fill(0);
    const loops = answered.map(async (_, loop) => {
      while (!isOver) {
        await sql`select pg_sleep(0.001)`.catch(() => undefined);
        answered[loop] = (answered[loop] ?? 0) + 1;
      }
    });
    for (let round = 1; round <= 6; round += 1) {
      await admin`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = ${database.name} and usename = 'shop'`;
      const before = [...answered];
      await until(() => answered.every((count, loop) => count > (before[loop] ?? 0) + 2));
    }
    isOver = true;
    await Promise.all(loops);
    await sql.end();
  }, 60_000);
});
