import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Data } from '../helpers/app.ts';
import { breakableProject } from '../process/breakable.ts';
import { copyProject } from '../process/copy.ts';
import { household, isRunning, kill, until } from '../process/started.ts';
import { figure, ms, percent } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { servedAgainMs, startLoad } from './load.ts';
import { noteProbes, startProbes } from './probes.ts';
import { openShop, scaled, slowDrill, workersOf } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

test('R1: one of two workers is killed under load: no write is lost, doubled or made up', async () => {
  const shop = await openShop(house);
  const ledger = openLedger(shop);
  const probes = startProbes(shop);
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
  noteProbes('R1', await probes.stop());
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

slowDrill('R9: workers that die at boot: a growing pause, little processor, few lines', async () => {
  const project = copyProject(house.folder());
  const shop = await openShop(house, {}, { project });
  const before = await workersOf(shop);
  writeFileSync(join(project, 'src/values/id.ts'), "throw new Error('dies at boot');\n");
  const { pid, said, printed } = shop.server;
  const [logged, told] = [printed.length, said.length];
  const spent = (): { at: number; seconds: number } => ({
    at: performance.now() / 1_000,
    seconds: processorSecondsOf(pid),
  });
  const begun = spent();
  for (const worker of before) kill(worker, 'SIGKILL');
  await Bun.sleep(30_000);
  const grown = spent();
  await Bun.sleep(30_000);
  const minute = spent();
  const written = printed.length - logged;
  const words = said.length - told;
  await Bun.sleep(30_000);
  const shareOf = (from: typeof begun, to: typeof begun): number =>
    (to.seconds - from.seconds) / (to.at - from.at);
  const first = shareOf(begun, minute);
  const steady = shareOf(grown, spent());
  const ends = printed.slice(logged).map((line): Data => JSON.parse(line));
  // The first to end at boot tries for both.
  const [trial] = ends.filter(({ again_in_ms }) => again_in_ms === 200);
  const pauses = ends.filter(({ worker }) => worker === trial?.worker).map(({ again_in_ms }) => again_in_ms);
  figure('R9', 'pauses before each start', pauses.join(', '), '100 ms doubling to 10 s');
  figure(
    'R9',
    'of one core, in the first minute; once the pause has grown',
    `${percent(first)}; ${percent(steady)}`,
    '< 5 %',
  );
  figure(
    'R9',
    'lines of the log, and words of the workers, in the first minute',
    `${written}, ${words}`,
    '≤ 20',
  );
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, ...pauses.slice(7).map(() => 10_000)]);
  expect(pauses.length).toBeGreaterThan(9);
  expect(written).toBeLessThanOrEqual(20);
  expect(steady).toBeLessThan(0.05);
  // Eight starts in its first quarter, where the pauses are short: so much of the machine, not of one core.
  expect(first / availableParallelism()).toBeLessThan(0.05);
  expect(isRunning(pid)).toBe(true);
});

slowDrill('a worker that leaks 1 GB is replaced, and no request fails', async () => {
  const project = breakableProject(house.folder());
  const shop = await openShop(house, { MAX_RSS_MB: '600', LOG_LEVEL: 'info' }, { project });
  const before = await workersOf(shop);
  const probes = startProbes(shop);
  const ledger = openLedger(shop);
  const load = startLoad(shop, ledger, { writers: 4, readers: 8 });
  // A worker younger than ten seconds is not judged by its memory.
  await Bun.sleep(10_000);
  const leakedAt = performance.now();
  const leak = { 'x-leak-mb': '1024' };
  await (await fetch(`${shop.address}/health/live`, { keepalive: false, headers: leak })).text();
  const line = await shop.server.logs(/^a worker has had its share and is replaced$/);
  const tookMs = performance.now() - leakedAt;
  await Bun.sleep(scaled(5_000, 500));
  const reads = await load.stop();
  const probed = await probes.stop();
  const failed = reads.filter(({ status }) => status !== 200).length + (await ledger.settle());
  await assertLedger(ledger, shop);
  figure('memory', 'a worker over MAX_RSS_MB=600: replaced and ended', ms(tookMs), '–');
  figure('memory', `failed of ${reads.length + ledger.entries.length} requests`, failed, '0');
  noteProbes('memory', probed);
  expect(line).toMatchObject({ reason: 'memory' });
  expect(before).toContain(line.pid);
  expect(failed).toBe(0);
  const after = await workersOf(shop);
  expect(after.filter((pid) => before.includes(pid))).toHaveLength(1);
});

/** Of the process and of those that it has seen end, by /proc. */
const processorSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0);
  return ticks / 100;
};
