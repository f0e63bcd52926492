import { expect, setDefaultTimeout, test } from 'bun:test';
import { PATIENT } from '../process/requests.ts';
import { household, until } from '../process/started.ts';
import { figure } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { percentile, startLoad } from './load.ts';
import { migratesRequests, setMigrateRequests } from './namespace.ts';
import { mostConnections, noteProbes, startProbes } from './probes.ts';
import { type DrillShop, openShop, scaled } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

const POOL_MAX = 20;
// A machine that is too busy for its load sends nobody away meanwhile: only what a roll does counts here.
const WAITING = { ...PATIENT, DB_ACQUIRE_TIMEOUT_MS: '60000', GRACE_S: '30' };
const CLIENTS = { writers: scaled(40, 8), readers: scaled(100, 16) };
const ROLLS = scaled(10, 1);

const roll = async ({ server }: DrillShop): Promise<void> => {
  const reloads = () => server.said.filter((line) => line === 'reloaded').length;
  const before = reloads();
  server.signal('SIGHUP');
  await until('the roll', () => reloads() > before, 120_000);
};

const countsOf = (failed: string[]): string =>
  failed.length === 0
    ? '0'
    : [...Map.groupBy(failed, (one) => one)].map(([one, all]) => `${all.length} × ${one}`).join(', ');

/** So many requests in all, and the rolls spread over them. */
const rollUnderLoad = async (shop: DrillShop, least: number) => {
  const ledger = openLedger(shop);
  const quiet = startLoad(shop, ledger, CLIENTS);
  await Bun.sleep(scaled(10_000, 1_000));
  const before = (await quiet.stop()).map(({ tookMs }) => tookMs);
  const quietWrites = ledger.entries.length;
  const probes = startProbes(shop);
  const load = startLoad(shop, ledger, CLIENTS);
  for (let round = 0; round < ROLLS; round += 1) {
    await roll(shop);
    await until(
      'enough requests',
      () =>
        load.reads.length + ledger.entries.length - quietWrites > (least * (round + 1)) / ROLLS || undefined,
      120_000,
    );
  }
  const reads = await load.stop();
  const probed = await probes.stop();
  const failed = [
    ...reads.flatMap(({ status }) => (status === 200 ? [] : `read ${status ?? 'cut'}`)),
    ...ledger.entries.flatMap(({ outcome, status }) =>
      outcome === 'unknown' ? `write ${status ?? 'cut'}` : [],
    ),
  ];
  await ledger.settle();
  await assertLedger(ledger, shop);
  const during = reads.map(({ tookMs }) => tookMs);
  return {
    probed,
    failed,
    requests: reads.length + ledger.entries.length - quietWrites,
    slower: percentile(during, 0.99) / percentile(before, 0.99),
  };
};

test('R6: rolls under load, where the kernel hands waiting connections over: no request fails', async () => {
  setMigrateRequests(true);
  const hasMigration = migratesRequests();
  const shop = await openShop(house, { ...WAITING, DB_POOL_MAX: String(POOL_MAX) });
  const { probed, failed, requests, slower } = await rollUnderLoad(shop, scaled(100_000, 2_000));
  const promise = hasMigration ? '0' : '0 with tcp_migrate_req, which is off here';
  figure('R6', `failed of ${requests} requests over ${ROLLS} rolls`, countsOf(failed), promise);
  figure('R6', 'p99 of reads while rolling ÷ without', slower.toFixed(1), '≤ 3');
  // Of two workers, of the replacement of one, and of the supervisor; each has one for health and one that listens.
  const cap = 3 * (POOL_MAX + 2) + 2;
  figure('R6', 'database connections, at most', mostConnections(probed), `≤ ${cap}`);
  noteProbes('R6', probed);
  if (hasMigration) expect(failed).toEqual([]);
  // A short run has too few requests for a p99 of its own: each roll starts a process on the same cores.
  expect(slower).toBeLessThanOrEqual(scaled(3, 9));
  expect(mostConnections(probed)).toBeLessThanOrEqual(cap);
});

test('R6: rolls under load, where it does not: at most one request in 50,000', async () => {
  setMigrateRequests(false);
  const shop = await openShop(house, WAITING);
  const { failed, requests } = await rollUnderLoad(shop, scaled(50_000, 2_000)).finally(() =>
    setMigrateRequests(true),
  );
  figure(
    'R6',
    `failed of ${requests} requests over ${ROLLS} rolls, tcp_migrate_req off`,
    countsOf(failed),
    '≤ 1 in 50,000',
  );
  expect(failed.length, countsOf(failed)).toBeLessThanOrEqual(Math.ceil(requests / 50_000));
});
