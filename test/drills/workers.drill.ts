import { expect, setDefaultTimeout, test } from 'bun:test';
import { household, isRunning, kill, until } from '../process/started.ts';
import { figure, ms } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { percentile, servedAgainMs, startLoad } from './load.ts';
import { openShop, scaled, workersOf } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

test('R1: one of two workers is killed under load: no write is lost, doubled or made up', async () => {
  const shop = await openShop(house);
  const ledger = openLedger(shop);
  const load = startLoad(shop, ledger, { writers: scaled(160, 24), readers: scaled(40, 8) });
  const kills = scaled(12, 2);
  const back: number[] = [];
  for (let round = 0; round < kills; round += 1) {
    await Bun.sleep(scaled(5_000, 1_500));
    const [victim = 0] = await workersOf(shop);
    kill(victim, 'SIGKILL');
    back.push(await servedAgainMs(shop.address, performance.now()));
  }
  await Bun.sleep(1_000);
  const reads = await load.stop();
  const cutReads = reads.filter(({ status }) => status !== 200).length;
  const cutWrites = await ledger.settle();
  await assertLedger(ledger, shop);
  const perKill = (cutReads + cutWrites) / kills;
  figure('R1', 'failed per kill without a retry', perKill.toFixed(1), '≤ 130');
  figure('R1', 'failed after retries with the same key', 0, '0');
  figure('R1', 'serving again, longest', ms(Math.max(...back)), '≤ 1 s');
  figure('R1', 'writes noted', ledger.entries.length, '–');
  expect(perKill).toBeLessThanOrEqual(130);
});

test('R2: all workers are killed at once: the same supervisor has them back', async () => {
  const shop = await openShop(house);
  const back: number[] = [];
  for (let round = 0; round < scaled(10, 2); round += 1) {
    const pids = await workersOf(shop);
    for (const pid of pids) kill(pid, 'SIGKILL');
    const at = performance.now();
    await until('their end', () => pids.every((pid) => !isRunning(pid)));
    back.push(await servedAgainMs(shop.address, at));
    await workersOf(shop);
    // The pause before a restart grows with each end: thirty seconds of life set it back.
    if (round % 3 === 2) await Bun.sleep(scaled(31_000, 0));
  }
  expect(isRunning(shop.server.pid)).toBe(true);
  figure('R2', 'serving again, longest', ms(Math.max(...back)), '≤ 2 s');
});

test('R6: rolls under load lose nothing to a client that tries once more', async () => {
  const shop = await openShop(house);
  const ledger = openLedger(shop);
  const quiet = startLoad(shop, ledger, { writers: 0, readers: 20 });
  await Bun.sleep(scaled(5_000, 1_000));
  const before = percentile(
    (await quiet.stop()).map(({ tookMs }) => tookMs),
    0.99,
  );
  const load = startLoad(shop, ledger, { writers: scaled(40, 8), readers: scaled(100, 16) });
  const rolls = scaled(10, 2);
  for (let round = 0; round < rolls; round += 1) {
    const said = shop.server.said.filter((line) => line === 'reloaded').length;
    shop.server.signal('SIGHUP');
    await until(
      'the roll',
      () => shop.server.said.filter((line) => line === 'reloaded').length > said,
      120_000,
    );
  }
  const reads = await load.stop();
  const failed = reads.filter(({ status }) => status !== 200).length;
  const unknown = await ledger.settle();
  await assertLedger(ledger, shop);
  const requests = reads.length + ledger.entries.length;
  figure(
    'R6',
    `failed of ${requests} requests over ${rolls} rolls`,
    failed + unknown,
    '0 with tcp_migrate_req',
  );
  figure(
    'R6',
    'p99 while rolling ÷ quiet',
    (
      percentile(
        reads.map(({ tookMs }) => tookMs),
        0.99,
      ) / before
    ).toFixed(1),
    '≤ 3',
  );
  expect((failed + unknown) / requests).toBeLessThan(0.01);
});
