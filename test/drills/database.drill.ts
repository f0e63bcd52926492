import { expect, setDefaultTimeout, test } from 'bun:test';
import { startPostgres } from '../../src/process/postgres.ts';
import { household, isRunning, kill, until } from '../process/started.ts';
import { figure, ms } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { assertHonest, servedAgainMs, startLoad } from './load.ts';
import { openShop, postmasterOf, scaled } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

for (const [id, signal] of [
  ['P1 restart -m fast', 'SIGINT'],
  ['P2 stop -m immediate', 'SIGQUIT'],
  ['P2 kill -9 of its main process', 'SIGKILL'],
] as const) {
  test(`${id}: 503 with Retry-After meanwhile, back by itself, every acknowledged write present`, async () => {
    const shop = await openShop(house);
    const ledger = openLedger(shop);
    const load = startLoad(shop, ledger, { writers: scaled(50, 16), readers: scaled(100, 16) });
    const back: number[] = [];
    for (let round = 0; round < scaled(3, 1); round += 1) {
      await Bun.sleep(1_500);
      const postmaster = await postmasterOf(shop);
      kill(postmaster, signal);
      await until('its end', () => !isRunning(postmaster));
      back.push(await servedAgainMs(shop.address, performance.now()));
    }
    await Bun.sleep(1_500);
    const reads = await load.stop();
    const unknown = await ledger.settle();
    await assertLedger(ledger, shop);
    assertHonest(reads);
    const longest = Math.max(
      ...reads.map(({ tookMs }) => tookMs),
      ...ledger.entries.map(({ tookMs }) => tookMs),
    );
    figure(id, 'serving again after its end, longest', ms(Math.max(...back)), '≤ 1 s after it accepts');
    figure(id, 'longest request', ms(longest), '≤ 6 s');
    figure(
      id,
      'writes noted, of them unknown at first',
      `${ledger.entries.length}, ${unknown}`,
      'L1–L3, I3 hold',
    );
    expect(longest).toBeLessThan(10_000);
  });
}

test('P6: the database is away for long: every request is answered at once with 503, and served again on its return', async () => {
  const dataDir = house.folder();
  const say = (): void => undefined;
  const start = () => startPostgres({ dataDir, maxConnections: 80, say });
  let postgres = await start();
  const shop = await openShop(house, { DATABASE_URL: postgres.url }, { dataDir });
  const ledger = openLedger(shop);
  const load = startLoad(shop, ledger, { writers: 0, readers: scaled(50, 12) });
  await Bun.sleep(500);
  await postgres.stop();
  const goneAt = performance.now();
  await Bun.sleep(scaled(30_000, 4_000));
  const ask = async (path: string) => {
    const response = await fetch(`${shop.address}${path}`, { keepalive: false });
    return [response.status, response.headers.has('retry-after')];
  };
  expect(await ask('/health/live')).toEqual([200, false]);
  expect(await ask('/health/ready')).toEqual([503, true]);
  expect(await ask('/health')).toEqual([503, true]);
  postgres = await start();
  const backMs = await servedAgainMs(shop.address, performance.now());
  const backAt = performance.now();
  await Bun.sleep(1_000);
  const reads = await load.stop();
  const away = reads.filter(({ at, tookMs }) => at - tookMs > goneAt && at < backAt - backMs);
  assertHonest(reads);
  figure(
    'P6',
    `longest of ${away.length} requests while away`,
    ms(Math.max(...away.map(({ tookMs }) => tookMs))),
    '≤ 1 s',
  );
  figure('P6', 'serving again after its start', ms(backMs), '≤ 2 s');
  expect(away.length).toBeGreaterThan(100);
  shop.server.signal('SIGTERM');
  await shop.server.exit;
  await postgres.stop();
});
