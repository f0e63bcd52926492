import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { provePortFree } from '../../src/process/port.ts';
import { within } from '../../src/process/shutdown.ts';
import { figure, ms } from '../drills/figures.ts';
import type { Data } from '../helpers/app.ts';
import { inFlight, login, loginInFlight, OWNER_VARIABLES, PATIENT } from './requests.ts';
import { freePort, household, isRunning, type Started, until } from './started.ts';
import { answerOf } from './starts.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();

const SESSIONS = `select count(*)::int4 from pg_stat_activity where datname = current_database() and application_name = 'edgars-worker'`;

type Shop = { server: Started; address: string; DATA_DIR: string; DATABASE_URL: string };
const opened = async (variables: Record<string, string> = {}): Promise<Shop> => {
  const DATA_DIR = folder();
  const DATABASE_URL = await database();
  const server = serve({ DATA_DIR, DATABASE_URL, ...OWNER_VARIABLES, ...PATIENT, ...variables });
  return { server, address: await server.ready(), DATA_DIR, DATABASE_URL };
};

type Seen = { status: number; connection: string | null; reason: string | undefined };
const readiness = async (address: string): Promise<Seen> => {
  const answer = await fetch(`${address}/health/ready`);
  const { error }: { error: { reason: string } | null } = JSON.parse(await answer.text());
  return { status: answer.status, connection: answer.headers.get('connection'), reason: error?.reason };
};

describe.each([
  ['SIGTERM', (server: Started) => server.signal('SIGTERM')],
  ['Ctrl-C, which the workers hear as well,', (server: Started) => server.signalGroup('SIGINT')],
])('%s', (_, ask) => {
  test('is told to whoever asks, lets requests in flight finish, and ends with 0', async () => {
    const PORT = String(await freePort());
    const { server, address, DATA_DIR, DATABASE_URL } = await opened({ PORT, WORKERS: '2' });
    expect(existsSync(join(DATA_DIR, `supervisor-${PORT}.pid`))).toBe(true);
    const workers = await server.workers(2);
    const { answer, release } = await loginInFlight(address, DATABASE_URL);
    expect(await readiness(address)).toMatchObject({ status: 200, connection: null });
    ask(server);
    const told = await until('not ready', async () => {
      const seen = await readiness(address);
      return seen.status === 503 ? seen : undefined;
    });
    expect(told).toEqual({ status: 503, connection: 'close', reason: 'server.draining' });
    await until('a closed door', () =>
      fetch(`${address}/health/live`, { keepalive: false }).then(
        () => false,
        () => true,
      ),
    );
    expect(workers.some(isRunning)).toBe(true);
    await release();
    const answered = await answer;
    expect([answered.status, answered.headers.get('connection')]).toEqual([200, 'close']);
    expect(await server.exit).toBe(0);
    expect(server.said.at(-1)).toBe('stopping: requests in flight are finished first');
    expect(server.printed.filter((line) => /"level":"(?:warn|error)"/.test(line))).toEqual([]);
    expect(workers.some(isRunning)).toBe(false);
    expect(await provePortFree({ host: '127.0.0.1', port: Number(PORT) }, 0)).toBe(Number(PORT));
    expect(existsSync(join(DATA_DIR, `supervisor-${PORT}.pid`))).toBe(false);
  });
});

describe('the end', () => {
  test('R5: does not wait for a request beyond the grace, says so, and half of a write is not kept', async () => {
    const { server, address, DATABASE_URL } = await opened({ GRACE_S: '1' });
    const { data }: Data = await (await login(address)).json();
    // Its row is written, the journal's is not: that table is locked.
    const { answer, release } = await inFlight(DATABASE_URL, 'journal', () =>
      fetch(`${address}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${data.access_token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Half', email: 'half@example.com' }),
      }),
    );
    const askedAt = performance.now();
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
    const tookMs = performance.now() - askedAt;
    expect(answer).rejects.toThrow();
    expect(await server.logs(/^requests were still in flight/)).toMatchObject({ grace_ms: 1_000 });
    await release();
    await until('the end of its sessions', async () => {
      const [count] = await answerOf(DATABASE_URL, SESSIONS);
      return count === 0;
    });
    expect(await answerOf(DATABASE_URL, `select count(*)::int4 from customers`)).toEqual([0]);
    figure('R5', 'end with a request that never ends, GRACE_S=1', ms(tookMs), '≤ GRACE_S + 2 s');
    figure('R5', 'rows of its half-done write', 0, '0');
    // A busy machine may take twice as long.
    expect(tookMs).toBeLessThanOrEqual(6_000);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('comes at once with a second signal, %s', async (name, code) => {
    const { server, address, DATABASE_URL } = await opened({ GRACE_S: '600' });
    const workers = await server.workers(1);
    const { release } = await loginInFlight(address, DATABASE_URL);
    server.signal('SIGTERM');
    await server.hears(/^stopping/);
    server.signal(name);
    expect(await server.exit).toBe(code);
    await until('the end of the workers', () => !workers.some(isRunning));
    await release();
  });

  test('is the end of a start, too: while the database is made', async () => {
    const DATA_DIR = folder();
    const server = serve({ DATA_DIR, GRACE_S: '600' });
    await until('the first files', () => existsSync(join(DATA_DIR, 'postgres')));
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(server.said.filter((line) => line.startsWith('ready:'))).toEqual([]);
    expect(existsSync(join(DATA_DIR, 'postgres/cluster/postmaster.pid'))).toBe(false);
  });

  test('is the end of a start, too: while the workers begin', async () => {
    const server = serve({
      DATA_DIR: folder(),
      DATABASE_URL: await database(),
      WORKERS: '3',
      GRACE_S: '600',
    });
    await until('a worker', () => childrenOf(server.pid).length > 0);
    const workers = childrenOf(server.pid);
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(workers.some(isRunning)).toBe(false);
  });
});

const childrenOf = (parent: number): number[] =>
  Bun.spawnSync(['ps', '-A', '-o', 'ppid=,pid='])
    .stdout.toString()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([of, pid]) => (of === parent && pid !== undefined ? [pid] : []));

describe('within', () => {
  test('is true for work that is done in time, false for work that fails or takes too long', async () => {
    expect(await within(Promise.resolve(), 60_000)).toBe(true);
    expect(await within(Promise.reject(new Error('failed')), 60_000)).toBe(false);
    expect(await within(new Promise(() => undefined), 1)).toBe(false);
    expect(await within(new Promise(() => undefined), -1)).toBe(false);
  });
});
