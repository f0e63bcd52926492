import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { migrate } from '../../src/database/migrate.ts';
import { createLog } from '../../src/observe/log.ts';
import { readPostmaster } from '../../src/process/embedded/postmaster.ts';
import { findPostgres } from '../../src/process/postgres.ts';
import { figure, ms } from '../drills/figures.ts';
import { madeData } from './made-data.ts';
import { isAnswering, login, loginInFlight, OWNER_VARIABLES, PATIENT } from './requests.ts';
import { freePort, household, isRunning, kill, type Started, until } from './started.ts';

setDefaultTimeout(120_000);

// The promise is five seconds; a busy machine gets some more, but less than the grace of these servers.
const GONE_WITHIN_MS = 20_000;

const house = household();
const { folder, database, serve } = house;
const made = madeData(house, async (url) => {
  await migrate({ url, log: createLog({ level: 'silent' }) });
});

const urlOf = (dataDir: string): Promise<string> =>
  until('the address of the database', () => findPostgres(dataDir));
const postmasterOf = (dataDir: string): number => readPostmaster(join(dataDir, 'postgres/cluster'))?.pid ?? 0;
const killSupervisor = async (server: Started): Promise<void> => {
  server.signal('SIGKILL');
  await until('its end', () => !isRunning(server.pid));
};

describe('after a kill -9 of the supervisor', () => {
  test('R3: its workers end, and a start at once takes over port and database', async () => {
    const PORT = String(await freePort());
    const DATA_DIR = made();
    const variables = { DATA_DIR, PORT, GRACE_S: '600', ...OWNER_VARIABLES, ...PATIENT };
    const first = serve({ ...variables, WORKERS: '2' });
    const address = await first.ready();
    const workers = await first.workers(2);
    const postmaster = postmasterOf(DATA_DIR);
    const { release } = await loginInFlight(address, await urlOf(DATA_DIR));
    await killSupervisor(first);
    const killedAt = performance.now();
    const second = serve(variables);
    await until('the end of its workers', () => !workers.some(isRunning), GONE_WITHIN_MS);
    const goneMs = performance.now() - killedAt;
    await release();
    expect(await second.ready()).toBe(address);
    figure('R3', 'workers gone, with a request in flight', ms(goneMs), '≤ 5 s');
    figure('R3', 'a start at once serves on the same port', ms(performance.now() - killedAt), 'start works');
    expect(await second.hears(/^database ready/)).toMatch(
      /^database ready \(still running: embedded PostgreSQL/,
    );
    expect(postmasterOf(DATA_DIR)).toBe(postmaster);
    expect((await login(address)).status).toBe(200);
    second.signal('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(isRunning(postmaster)).toBe(false);
  });

  test('and of its PostgreSQL, a start recovers every row', async () => {
    const DATA_DIR = made();
    const first = serve({ DATA_DIR, ...OWNER_VARIABLES });
    await first.ready();
    const postmaster = postmasterOf(DATA_DIR);
    await killSupervisor(first);
    kill(postmaster, 'SIGKILL');
    const second = serve({ DATA_DIR });
    const address = await second.ready();
    expect(postmasterOf(DATA_DIR)).not.toBe(postmaster);
    expect((await login(address)).status).toBe(200);
  });

  test('a start waits for its workers also when another server used the same DATA_DIR meanwhile', async () => {
    const DATA_DIR = folder();
    const DATABASE_URL = await database();
    const PORT = String(await freePort());
    const variables = { DATA_DIR, DATABASE_URL };
    const first = serve({ ...variables, PORT });
    const address = await first.ready();
    const neighbour = serve(variables);
    await neighbour.ready();
    neighbour.signal('SIGTERM');
    expect(await neighbour.exit).toBe(0);
    const [worker = 0] = await first.workers(1);
    kill(worker, 'SIGSTOP');
    await killSupervisor(first);
    const second = serve({ ...variables, PORT });
    await second.hears(/^secrets read/);
    // Time enough to find the port taken.
    await Promise.race([second.exit, Bun.sleep(300)]);
    kill(worker, 'SIGCONT');
    expect(await second.ready()).toBe(address);
  });
});

test('after a kill -9 of PostgreSQL the workers stay, say that it is away, and find it again', async () => {
  const DATA_DIR = made();
  const server = serve({ DATA_DIR, WORKERS: '2', ...OWNER_VARIABLES });
  const address = await server.ready();
  const workers = await server.workers(2);
  expect((await login(address)).status).toBe(200);
  kill(postmasterOf(DATA_DIR), 'SIGKILL');
  await server.logs(/^the embedded PostgreSQL ended and is started again/);
  expect((await fetch(`${address}/health/live`)).status).toBe(200);
  await server.logs(/^the embedded PostgreSQL is back/);
  await until('a ready server', () => isAnswering(address));
  await until('a login', async () => (await login(address)).status === 200);
  expect(await server.workers(2)).toEqual(workers);
  expect(server.printed.filter((line) => line.includes('a worker ended'))).toEqual([]);
});

test('start: a second server on the same data is refused with one sentence, and the first does not notice', async () => {
  const DATA_DIR = made();
  const first = serve({ DATA_DIR, ...OWNER_VARIABLES });
  const address = await first.ready();
  const second = serve({ DATA_DIR });
  expect(await second.exit).toBe(1);
  expect(second.said.at(-1)).toBe(
    `Another server is running on the data in ${DATA_DIR}: stop it, or set DATA_DIR.`,
  );
  figure('start', 'a second server on the same data', 'one sentence, exit 1', 'one sentence, exit 1');
  expect((await login(address)).status).toBe(200);
  expect(isRunning(postmasterOf(DATA_DIR))).toBe(true);
});
