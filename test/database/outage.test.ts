import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { fits } from '../../src/database/outage.ts';
import type { PoolOptions } from '../../src/database/pool.ts';
import { type Postgres, startPostgres } from '../../src/process/postgres.ts';
import { connect as connectBare } from '../helpers/connection.ts';
import { makeDataDir } from '../helpers/data-dir.ts';
import { type Opened, openTestPool, rejectionOf, until, watchLoad } from './opened.ts';

let dataDir: string;
let server: Postgres;
let opened: Opened;
let busy: ReturnType<typeof watchLoad>;

const start = (): Promise<Postgres> =>
  startPostgres({ dataDir, maxConnections: 60, say: () => undefined, settings: { fsync: 'off' } });

beforeAll(async () => {
  dataDir = await makeDataDir('outage');
  server = await start();
});

afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  busy = watchLoad();
  opened = openTestPool(server.url, { max: 10, queueMax: 500 });
  await opened.pool.warm();
});

afterEach(() => {
  busy.stop();
  return opened.pool.close();
});

type Answer = { at: number; tookMs: number; isOk: boolean; reason: string };

/** Readers and writers that never stop asking; every answer with when it came and how long it took. */
const load = ({ sql }: Opened, clients: number) => {
  const answers: Answer[] = [];
  let isOver = false;
  const ask = async (client: number): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      const asked = client % 3 === 0 ? sql.transaction((tx) => tx`select 1`) : sql`select pg_sleep(0.001)`;
      const reason = await asked.then(
        () => '',
        (error: { reason?: string; code?: string }) => error.reason ?? error.code ?? String(error),
      );
      answers.push({ at: performance.now(), tookMs: performance.now() - began, isOk: reason === '', reason });
      if (reason !== '') await Bun.sleep(10);
    }
  };
  const clientsDone = Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
  const stop = async (): Promise<Answer[]> => {
    isOver = true;
    await clientsDone;
    return answers;
  };
  return { answers, stop };
};

const kill = (signal: NodeJS.Signals) => async (): Promise<void> => {
  process.kill(server.pid, signal);
  await server.exited;
};

describe('while PostgreSQL is away', () => {
  test.each<[string, () => Promise<void>]>([
    ['stopped', () => server.stop()],
    ['stopped at once', kill('SIGQUIT')],
    ['killed', kill('SIGKILL')],
  ])(
    '%s: every statement is refused at once, and served within a second of its return',
    async (_, end) => {
      const { answers, stop } = load(opened, 60);
      await until(() => answers.length > 200);
      await end();
      const goneAt = performance.now();
      await until(() => answers.filter(({ at }) => at > goneAt).length > 2000);
      expect(opened.pool.counters().isAway).toBe(true);
      expect(await opened.pool.probe()).toBe(false);
      const askedAt = performance.now();
      for (let count = 0; count < 100; count += 1) await rejectionOf(opened.sql`select 1`);
      expect(performance.now() - askedAt).toBeLessThan(500 + busy.allowanceMs());
      server = await start();
      const backAt = performance.now();
      await until(() => answers.some(({ at, isOk }) => isOk && at > backAt), 30_000);
      const servedAfterMs = (answers.find(({ at, isOk }) => isOk && at > backAt)?.at ?? 0) - backAt;
      const served = answers.length;
      await until(() => answers.length > served + 2000);
      const all = await stop();
      const secondMs = 1000 + busy.allowanceMs();
      expect(servedAfterMs).toBeLessThan(secondMs);
      expect(all.filter(({ isOk, at }) => !isOk && at > backAt + secondMs)).toEqual([]);
      expect([...new Set(all.map(({ reason }) => reason))].sort()).toEqual(['', 'database.unavailable']);
      expect(Math.max(...all.map(({ tookMs }) => tookMs))).toBeLessThan(secondMs);
      expect(opened.pool.counters()).toMatchObject({ inUse: 0, waiting: 0, inFlight: 0 });
      const said = opened.lines.map(({ message }) => message);
      expect(said.filter((message) => String(message).includes('is away'))).toHaveLength(1);
      expect(said.filter((message) => message === 'the database is back')).toHaveLength(1);
    },
    60_000,
  );

  test('who waits in the line for a connection is sent away at once', async () => {
    const { pool, sql } = openTestPool(server.url, { max: 1, acquireTimeoutMs: 10_000 });
    const running = rejectionOf(sql`select pg_sleep(20)`);
    await until(() => pool.counters().inFlight === 1);
    const waiting = Promise.all(Array.from({ length: 20 }, () => rejectionOf(sql`select 1`)));
    await kill('SIGQUIT')();
    const began = performance.now();
    for (const error of [...(await waiting), await running])
      expect(error).toMatchObject({ reason: 'database.unavailable' });
    expect(performance.now() - began).toBeLessThan(1000 + busy.allowanceMs());
    server = await start();
    await until(async () => pool.probe());
    await sql`select 1`;
    await pool.close();
  }, 30_000);

  test('frozen: every statement ends by its deadline and the line, and all is well when it goes on (P7)', async () => {
    const bounds = { acquireTimeoutMs: 300, statementTimeoutMs: 300, max: 10, queueMax: 500 };
    const frozen = openTestPool(server.url, bounds);
    const { answers, stop } = load(frozen, 40);
    await until(() => answers.length > 200);
    const pids = await familyOf(server.pid);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const frozenAt = performance.now();
    await until(() => frozen.pool.counters().isAway, 15_000);
    const before = answers.length;
    await until(() => answers.length > before + 500);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    const resumedAt = performance.now();
    await until(() => answers.some(({ at, isOk }) => isOk && at > resumedAt), 30_000);
    expect((answers.find(({ at, isOk }) => isOk && at > resumedAt)?.at ?? 0) - resumedAt).toBeLessThan(
      1500 + busy.allowanceMs(),
    );
    const all = await stop();
    const boundMs =
      bounds.acquireTimeoutMs + 2 * (bounds.statementTimeoutMs + 1000) + 500 + busy.allowanceMs();
    expect(Math.max(...all.filter(({ at }) => at > frozenAt).map(({ tookMs }) => tookMs))).toBeLessThan(
      boundMs,
    );
    await frozen.pool.close();
  }, 60_000);
});

const familyOf = async (pid: number): Promise<number[]> => {
  const children = Bun.spawnSync(['ps', '-o', 'pid=', '--ppid', String(pid)]).stdout.toString();
  return [pid, ...children.trim().split(/\s+/).map(Number)];
};

describe('a pool', () => {
  test('that is opened while PostgreSQL is away serves as soon as it is there', async () => {
    await server.stop();
    const { pool, sql } = openTestPool(server.url, { min: 2 });
    await pool.warm();
    const began = performance.now();
    expect(await rejectionOf(sql`select 1`)).toMatchObject({ reason: 'database.unavailable' });
    expect(performance.now() - began).toBeLessThan(1000 + busy.allowanceMs());
    server = await start();
    const backAt = performance.now();
    await until(() =>
      sql`select 1`.then(
        () => true,
        () => false,
      ),
    );
    expect(performance.now() - backAt).toBeLessThan(1000 + busy.allowanceMs());
    await pool.close();
  }, 30_000);

  test('with one killed session is not away', async () => {
    const { sql, pool, lines } = opened;
    await rejectionOf(sql`select pg_terminate_backend(pg_backend_pid())`);
    await until(() => pool.probe());
    await sql`select 1`;
    expect(pool.counters().isAway).toBe(false);
    expect(lines).toEqual([]);
  });
});

/** Carries bytes from a TCP port to the server's socket, as a host of its own would; `close` is that host's end. */
const openRelay = async (to = server): Promise<{ port: number; close: () => void }> => {
  const folder = new URL(to.url).searchParams.get('host');
  const sockets = new Set<{ destroy(): void }>();
  const relay = createServer((client) => {
    const upstream = connect(`${folder}/.s.PGSQL.5432`);
    for (const [from, onto] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => onto.destroy());
      from.on('close', () => onto.destroy());
      from.pipe(onto);
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  const close = (): void => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close };
};

describe('a pool with several hosts', () => {
  const openAt = (ports: number[], kind: string, options: Partial<PoolOptions> = {}): Opened => {
    const { username, password } = new URL(server.url);
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    return openTestPool(
      `postgres://${username}:${password}@${hosts}/shop?target_session_attrs=${kind}`,
      options,
    );
  };

  test('passes over a host that is away, and moves on when its host goes', async () => {
    const [first, second] = [await openRelay(), await openRelay()];
    const { pool, sql } = openAt([1, first.port, second.port], 'primary', { min: 2 });
    await pool.warm();
    await sql`select 1`;
    first.close();
    const goneAt = performance.now();
    await until(
      () =>
        sql`select 1`.then(
          () => true,
          () => false,
        ),
      30_000,
    );
    expect(performance.now() - goneAt).toBeLessThan(1500 + busy.allowanceMs());
    await pool.close();
    second.close();
  });

  test('leaves a host that has become read-only, also with the connections it has there', async () => {
    const otherDir = await makeDataDir('outage-other');
    const other = await startPostgres({ dataDir: otherDir, maxConnections: 20, say: () => undefined });
    const [admin, otherAdmin] = [connectBare(server.adminUrl), connectBare(other.adminUrl)];
    await otherAdmin.unsafe(`alter role shop password '${new URL(server.url).password}'`);
    const [first, second] = [await openRelay(), await openRelay(other)];
    const { pool, sql } = openAt([first.port, second.port], 'read-write', { min: 3 });
    await pool.warm();
    const serverOf = async () =>
      (await sql<{ id: string }>`select system_identifier::text as id from pg_control_system()`)[0];
    const before = await serverOf();
    await admin`alter system set default_transaction_read_only = on`;
    await admin`select pg_reload_conf()`;
    // A write that is refused is what tells that the host is no longer the right one.
    await until(async () => {
      await sql`create table if not exists moved (id integer)`.catch(() => undefined);
      const now = await serverOf().catch(() => before);
      return now?.id !== before?.id;
    });
    for (let count = 0; count < 10; count += 1) expect(await serverOf()).not.toEqual(before);
    await admin`set default_transaction_read_only = off`;
    await admin`alter system reset default_transaction_read_only`;
    await admin`select pg_reload_conf()`;
    await pool.close();
    first.close();
    second.close();
    await Promise.all([admin.end(), otherAdmin.end()]);
    await other.stop();
    await rm(otherDir, { recursive: true, force: true });
  }, 30_000);

  test.each([
    ['any', [true, true, true]],
    ['primary', [true, true, false]],
    ['standby', [false, false, true]],
    ['read-write', [true, false, false]],
    ['read-only', [false, true, true]],
    ['prefer-standby', [true, true, true]],
  ] as const)('takes for %s the sessions that fit', (kind, expected) => {
    const sessions = [
      { is_standby: false, is_read_only: false },
      { is_standby: false, is_read_only: true },
      { is_standby: true, is_read_only: true },
    ];
    expect(sessions.map((session) => fits(kind, session))).toEqual([...expected]);
  });

  test('serves nobody while no host has the wanted role', async () => {
    const relay = await openRelay();
    const { pool, sql } = openAt([1, relay.port], 'standby');
    await pool.warm();
    expect(await pool.probe()).toBe(false);
    expect(await rejectionOf(sql`select 1`)).toMatchObject({ reason: 'database.unavailable' });
    await pool.close();
    relay.close();
  });
});

test('a log of an outage names the reason, and no password', async () => {
  const away = openTestPool('postgres://edgar:hush@127.0.0.1:1/shop');
  await rejectionOf(away.sql`select 1`);
  await until(() => away.lines.length > 0);
  expect(away.lines[0]).toMatchObject({ level: 'warn', code: 'ECONNREFUSED' });
  expect(JSON.stringify(away.lines)).not.toContain('hush');
  await away.pool.close();
});
