import { expect, setDefaultTimeout } from 'bun:test';
import { household } from '../process/started.ts';
import { figure, ms } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { percentile, startLoad } from './load.ts';
import { noteProbes, startProbes } from './probes.ts';
import { openShop, scaled, slowDrill } from './shop.ts';

const LENGTH_MS = scaled(600_000, 12_000);
/** What a worker needs until its memory and its pool are as they stay. */
const WARM_MS = scaled(120_000, 5_000);
// A worker of seconds still grows into its heap.
const GROWTH = scaled(1.1, 1.5);

setDefaultTimeout(LENGTH_MS + 120_000);

const house = household();

const median = (values: number[]): number => percentile(values, 0.5);

slowDrill('soak: mixed load: memory and connections stay as they are, and no request fails', async () => {
  const shop = await openShop(house);
  const ledger = openLedger(shop);
  const probes = startProbes(shop);
  const began = performance.now();
  const load = startLoad(shop, ledger, { writers: 8, readers: 16 });
  await Bun.sleep(LENGTH_MS);
  const reads = await load.stop();
  const probed = await probes.stop();
  const failed = reads.filter(({ status }) => status !== 200).length;
  const unknown = await ledger.settle();
  await assertLedger(ledger, shop);

  const warm = probed.samples.filter(({ at }) => at - began > WARM_MS && at - began < LENGTH_MS);
  const part = Math.ceil(warm.length / 4);
  /** Of the first and the last quarter of it. */
  const ends = (pick: (sample: (typeof warm)[number]) => number): [number, number] => [
    median(warm.slice(0, part).map(pick)),
    median(warm.slice(-part).map(pick)),
  ];
  const memory = [0, 1].map((at) => ends(({ workers }) => workers[at]?.rss_mb ?? 0));
  const connections = ends((sample) => sample.connections);
  const descriptors = [0, 1].map((at) => ends((sample) => sample.descriptors[at] ?? 0));
  const requests = reads.length + ledger.entries.length;
  const shown = ([from, to]: [number, number]): string => `${from} → ${to}`;
  figure('soak', `failed of ${requests} requests over ${LENGTH_MS / 1_000} s`, failed + unknown, '0');
  figure(
    'soak',
    'RSS of each worker, MB, first and last quarter after the warm-up',
    memory.map(shown).join(', '),
    `≤ ${Math.round((GROWTH - 1) * 100)} % more`,
  );
  figure(
    'soak',
    'database connections; descriptors of each worker',
    `${shown(connections)}; ${descriptors.map(shown).join(', ')}`,
    'no growth',
  );
  figure(
    'soak',
    'p99 of reads',
    ms(
      percentile(
        reads.map(({ tookMs }) => tookMs),
        0.99,
      ),
    ),
    '–',
  );
  noteProbes('soak', probed);
  expect(failed + unknown).toBe(0);
  expect(probed.readiness.filter(({ status }) => status !== 200)).toEqual([]);
  expect(new Set(probed.samples.flatMap(({ workers }) => workers.map(({ pid }) => pid))).size).toBe(2);
  for (const [from, to] of memory) expect(to).toBeLessThanOrEqual(from * GROWTH);
  // The pool breathes with the load, by a few.
  expect(connections[1]).toBeLessThanOrEqual(connections[0] + 4);
  for (const [from, to] of descriptors) expect(to).toBeLessThanOrEqual(from + 8);
});
