import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { type Postgres, startPostgres } from '../../src/process/postgres.ts';
import { CLEAR, proxyTo, type Weather } from '../helpers/proxy.ts';
import { household } from '../process/started.ts';
import { countsOf } from './ask.ts';
import { figure, ms } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { assertHonest, servedAgainMs, startLoad, timesOf } from './load.ts';
import { isLong, openShop, rowsOf, SLOWER, scaled, workersOf } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();
const ACQUIRE_MS = 2_000;
const STATEMENT_MS = scaled(5_000, 1_000);
/** What the driver's own deadline adds, for a server that is not heard any more; and the machine. */
const DEADLINE_MS = STATEMENT_MS + 1_000;
const BOUND_MS = ACQUIRE_MS + DEADLINE_MS + 500 * SLOWER ** 2;

let open: { proxy: { close(): void }; postgres: Postgres } | undefined;
afterEach(async () => {
  open?.proxy.close();
  await open?.postgres.stop();
  open = undefined;
});

const openBehindProxy = async (hooks: Parameters<typeof proxyTo>[1] = {}) => {
  const dataDir = house.folder();
  const postgres = await startPostgres({ dataDir, maxConnections: 80, say: () => undefined });
  const proxy = await proxyTo(postgres.url, hooks);
  open = { proxy, postgres };
  const variables = { DATABASE_URL: proxy.url, DB_STATEMENT_TIMEOUT_MS: String(STATEMENT_MS) };
  const shop = await openShop(house, variables, { dataDir });
  return { shop, weather: proxy.weather };
};

type Way = { id: string; what: Partial<Weather>; isHarmless?: boolean; backMs?: number; lastMs?: number };

const WAYS: Way[] = [
  { id: 'latency of 20 ms', what: { latencyMs: 20 }, isHarmless: true },
  { id: 'slices of 1 to 7 bytes', what: { sliceBytes: 7 }, isHarmless: true },
  { id: 'reset after 40,000 bytes', what: { resetAfterBytes: 40_000 } },
  // A probe that vanished is given up after a second, and only then the next one is sent.
  { id: 'blackhole', what: { isBlackhole: true }, backMs: 1_300, lastMs: DEADLINE_MS },
];

// The short form leaves out what only takes its time.
const SHORT = ['slices of 1 to 7 bytes', 'reset after 40,000 bytes'];

const RUN = WAYS.filter(({ id }) => isLong || SHORT.includes(id));

for (const {
  id,
  what,
  isHarmless = false,
  backMs: promisedBackMs = 1_000,
  lastMs: promisedMs = 1_000,
} of RUN) {
  test(`the way to the database, ${id}: nothing is lost or made up, and all is well after it`, async () => {
    const { shop, weather } = await openBehindProxy();
    const workers = await workersOf(shop);
    const ledger = openLedger(shop);
    const load = startLoad(shop, ledger, { writers: scaled(40, 8), readers: scaled(40, 8) });
    await Bun.sleep(500);
    Object.assign(weather, what);
    await Bun.sleep(scaled(15_000, 3_000));
    const clearAt = performance.now();
    Object.assign(weather, CLEAR);
    const backMs = await servedAgainMs(shop.address, clearAt);
    await Bun.sleep(1_500);
    const reads = await load.stop();
    await ledger.settle();
    await assertLedger(ledger, shop);
    assertHonest(reads.filter(({ status }) => status !== 504));
    const writes = ledger.entries.map((entry) => ({ ...entry, at: entry.sentAt + entry.tookMs }));
    const refused = [...reads, ...writes].filter(({ status = 0 }) => ![200, 201, 409].includes(status));
    // Who waited out the line found the machine full, which says nothing of the way; a deadline is longer.
    const bad = refused.filter(({ status, tookMs }) => status !== 503 || tookMs < ACQUIRE_MS * 0.9);
    const longest = Math.max(...timesOf(reads), ...timesOf(writes));
    const lastMs = Math.max(0, ...bad.map(({ at }) => at - clearAt));
    figure(id, `answers to ${writes.length} writes`, countsOf(writes), isHarmless ? 'none refused' : '–');
    figure(id, 'longest request', ms(longest), `≤ ${ms(ACQUIRE_MS + DEADLINE_MS)}`);
    figure(id, 'serving again', ms(backMs), `≤ ${ms(promisedBackMs)}`);
    figure(id, 'last refusal after it was clear', ms(lastMs), `≤ ${ms(promisedMs)}`);
    if (isHarmless) expect(bad).toEqual([]);
    expect(refused.filter(({ status = 0 }) => ![503, 504].includes(status))).toEqual([]);
    expect(longest).toBeLessThan(BOUND_MS);
    expect(backMs).toBeLessThan(promisedBackMs * SLOWER);
    // What vanished shortly before is given up at its deadline.
    expect(lastMs).toBeLessThan(promisedMs * SLOWER);
    expect(await workersOf(shop)).toEqual(workers);
  });
}

test('the way is cut when COMMIT was sent: a retry with the same key finds the one row', async () => {
  let isCutting = false;
  let cuts = 0;
  const { shop } = await openBehindProxy({
    toServer: (bytes, cut) => {
      if (!isCutting || !bytes.includes('commit\0') || Math.random() > 0.2) return true;
      cuts += 1;
      // The database gets the word; that it has kept it, or not, nobody hears.
      setTimeout(cut, 1);
      return true;
    },
  });
  const ledger = openLedger(shop);
  isCutting = true;
  const load = startLoad(shop, ledger, { writers: scaled(40, 12), readers: 4 });
  await Bun.sleep(scaled(20_000, 4_000));
  isCutting = false;
  await load.stop();
  const lost = ledger.entries.filter(({ outcome }) => outcome === 'unknown');
  const kept = await rowsOf(
    shop.databaseUrl,
    `select email as mark from customers union all select notes from appointments`,
  );
  const marks = new Set(kept.map(({ mark }) => mark));
  const committed = lost.filter(({ body }) => marks.has(body.email ?? body.notes)).length;
  await ledger.settle();
  await assertLedger(ledger, shop);
  const id = 'cut at COMMIT';
  figure(id, `of ${lost.length} writes without an answer were kept`, committed, 'one row each after a retry');
  expect(cuts).toBeGreaterThan(5);
  expect(committed).toBeGreaterThan(0);
  expect(lost.filter(({ status }) => status !== 503)).toEqual([]);
});
