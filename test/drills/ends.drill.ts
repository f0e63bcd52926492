import { expect, setDefaultTimeout, test } from 'bun:test';
import { inFlight, PATIENT } from '../process/requests.ts';
import { household } from '../process/started.ts';
import { figure, ms } from './figures.ts';
import { openShop } from './shop.ts';

setDefaultTimeout(180_000);

const house = household();

const IN_FLIGHT = 50;
const KEPT_ALIVE = 100;
const REQUEST_MS = 3_000;

test('R4: SIGTERM with long requests in flight and keep-alive clients: all are answered, then it ends', async () => {
  const shop = await openShop(house, { ...PATIENT, GRACE_S: '30', DB_POOL_MAX: '40' });
  const { address, server, token } = shop;
  const headers = { authorization: `Bearer ${token}` };
  const long = (): Promise<Response> => fetch(`${address}/v1/technicians`, { keepalive: false, headers });
  const { answer, release } = await inFlight(shop.databaseUrl, 'technicians', long);
  const answers = [answer, ...Array.from({ length: IN_FLIGHT - 1 }, long)].map((one) =>
    one.then(
      ({ status, headers: told }) => `${status} ${told.get('connection')}`,
      (error: Error) => error.message,
    ),
  );
  /** Asks on its connection until it hears that this is the last answer on it. */
  const client = async (): Promise<string> => {
    for (;;) {
      const response = await fetch(`${address}/health/live`).catch((error: Error) => error.message);
      if (typeof response === 'string') return response;
      await response.text();
      if (response.headers.get('connection') === 'close') return `${response.status} told to go`;
      await Bun.sleep(20);
    }
  };
  const clients = Array.from({ length: KEPT_ALIVE }, client);
  /** As a load balancer asks, on connections of its own. */
  const watch = async (): Promise<{ saidNotReady: number }> => {
    for (let saidNotReady = 0; ; ) {
      const status = await fetch(`${address}/health/ready`, { keepalive: false }).then(
        (response) => response.status,
        () => 'closed' as const,
      );
      if (status === 'closed') return { saidNotReady };
      if (status === 503) saidNotReady += 1;
      await Bun.sleep(20);
    }
  };
  await Bun.sleep(500);
  const watching = watch();
  const askedAt = performance.now();
  server.signal('SIGTERM');
  await Bun.sleep(REQUEST_MS);
  await release();
  const code = await server.exit;
  const tookMs = performance.now() - askedAt;
  const long200 = Map.groupBy(await Promise.all(answers), (one) => one);
  const told = Map.groupBy(await Promise.all(clients), (one) => one);
  const { saidNotReady } = await watching;
  figure(
    'R4',
    'long requests in flight, answered',
    [...long200].map(([one, all]) => `${all.length} × ${one}`).join(),
    `${IN_FLIGHT} × 200 close`,
  );
  figure(
    'R4',
    'keep-alive clients',
    [...told].map(([one, all]) => `${all.length} × ${one}`).join(),
    'none cut',
  );
  figure('R4', 'answers not ready before the door closed', saidNotReady, '≥ 1');
  figure('R4', `end, requests of ${REQUEST_MS / 1_000} s, exit code ${code}`, ms(tookMs), '≤ 30 s, exit 0');
  expect([...long200.keys()]).toEqual(['200 close']);
  expect([...told.keys()]).toEqual(['200 told to go']);
  expect(saidNotReady).toBeGreaterThan(0);
  expect(code).toBe(0);
  expect(tookMs).toBeLessThanOrEqual(30_000);
});
