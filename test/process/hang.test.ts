import { expect, setDefaultTimeout, test } from 'bun:test';
import { createConnection } from 'node:net';
import { figure } from '../drills/figures.ts';
import { scaled } from '../drills/shop.ts';
import { breakableProject } from './breakable.ts';
import { household, isRunning, kill, type Started } from './started.ts';

setDefaultTimeout(180_000);

const { folder, database, serve } = household();
// Under `bun run drill` as long as it is in a shop.
const TIMEOUT_S = scaled(30, 3);
const BLOCK_MS = scaled(40_000, 30_000);
const CLIENTS = 20;
const ENDED = /^a worker ended and is started again$/;
const READY = /^worker ready$/;
/** A request that takes longer stood at the worker that hangs. */
const STUCK_MS = TIMEOUT_S * 500;

const open = async (cwd?: string) => {
  const variables = { WORKERS: '2', WORKER_TIMEOUT_S: String(TIMEOUT_S) };
  const server = serve(
    { DATA_DIR: folder(), DATABASE_URL: await database(), ...variables },
    cwd === undefined ? {} : { cwd },
  );
  return { server, address: await server.ready(), workers: await server.workers(2) };
};

const linesOf = ({ printed }: Started, message: RegExp): string[] =>
  printed.filter((line) => message.test(JSON.parse(line).message));

type Client = { stuck: number; failed: number; answered: number };

/** Each asks again and again, on connections that it keeps. */
const startClients = (address: string) => {
  let isOver = false;
  const ask = async (client: Client): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      const isAnswered = await fetch(`${address}/health/ready`).then(
        async (response) => response.ok && (await response.text()) !== '',
        () => false,
      );
      client[isAnswered ? 'answered' : 'failed'] += 1;
      if (performance.now() - began > STUCK_MS) client.stuck += 1;
      await Bun.sleep(20);
    }
  };
  const clients = Array.from({ length: CLIENTS }, () => ({ stuck: 0, failed: 0, answered: 0 }));
  const asking = clients.map(ask);
  return async (): Promise<Client[]> => {
    isOver = true;
    await Promise.all(asking);
    return clients;
  };
};

/** By hand: a client that sends it again would break the other worker, too. */
const block = (address: string): void => {
  const { hostname, port } = new URL(address);
  const socket = createConnection(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET /health/live HTTP/1.1\r\nHost: shop\r\nX-Block-Ms: ${BLOCK_MS}\r\n\r\n`);
};

test.each([
  [
    'is stopped',
    async (): Promise<string | undefined> => undefined,
    (worker: number): void => kill(worker, 'SIGSTOP'),
  ],
  ['loops', async () => breakableProject(folder()), (_: number, address: string): void => block(address)],
] as const)(
  'R8: a worker that %s is replaced after WORKER_TIMEOUT_S, and the other one answers',
  async (how, prepare, hang) => {
    const { server, address, workers } = await open(await prepare());
    const stop = startClients(address);
    await Bun.sleep(500);
    // On a busy machine some may have been too slow at their start.
    const ended = linesOf(server, ENDED).length;
    const ready = linesOf(server, READY).length;
    const hungAt = performance.now();
    hang(workers[0] ?? 0, address);
    const line = await server.logs(ENDED, ended);
    const killedMs = performance.now() - hungAt;
    await server.logs(READY, ready);
    const replacedMs = performance.now() - hungAt;
    const clients = await stop();
    expect(line.reason).toBe(`no sign of life for ${TIMEOUT_S} s`);
    expect(workers).toContain(line.pid);
    expect(isRunning(line.pid)).toBe(false);
    expect((await server.workers(2)).filter((pid) => workers.includes(pid))).toHaveLength(1);
    // A client loses the one request that stood at the worker which hung, and no other.
    const failed = clients.reduce((sum, client) => sum + client.failed, 0);
    expect(clients.filter((client) => client.failed > client.stuck || client.stuck > 1)).toEqual([]);
    const stuck = clients.filter((client) => client.stuck > 0).length;
    expect(stuck).toBeLessThan(CLIENTS);
    figure(
      'R8',
      `a worker that ${how}: replaced, WORKER_TIMEOUT_S=${TIMEOUT_S}`,
      `${(replacedMs / 1_000).toFixed(1)} s`,
      '≤ 1 s later',
    );
    figure(
      'R8',
      `a worker that ${how}: clients that stood at it, of them cut; the ${CLIENTS - stuck} others, cut`,
      `${stuck}, ${failed}; 0`,
      'others 0',
    );
    // Never early: its last sign of life was a second before at most. A busy machine is later than the promise.
    expect(killedMs).toBeGreaterThan((TIMEOUT_S - 1) * 1_000);
    expect(replacedMs).toBeLessThanOrEqual(TIMEOUT_S * 1_000 + scaled(3_000, 20_000));
  },
);

test('a supervisor that was held up itself takes its workers for living', async () => {
  const { server, workers } = await open();
  server.signal('SIGSTOP');
  await Bun.sleep(TIMEOUT_S * 1_000 + 2_000);
  server.signal('SIGCONT');
  await Bun.sleep(3_000);
  expect(await server.workers(2)).toEqual(workers);
  expect(server.printed.filter((line) => line.includes('no sign of life'))).toEqual([]);
});
