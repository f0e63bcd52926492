/** One statement text with what it took; times in milliseconds. */
export type TextCost = { statement: string; count: number; totalMs: number; p95Ms: number; maxMs: number };
export type Slowest = { add(text: string, runningMs: number): void; list(limit: number): TextCost[] };

type Cost = { count: number; totalMs: number; maxMs: number; buckets: Uint32Array };

const TEXTS_KEPT = 300;
/** Each bucket is a quarter of a doubling wide, from 1 µs on: the p95 is at most 19 % too high. */
const BUCKETS_PER_DOUBLING = 4;
const BUCKETS = 112;
const P95 = 0.95;

/** A bounded table of what each statement text has cost this process. */
export const createSlowest = (): Slowest => {
  const costs = new Map<string, Cost>();
  return {
    add: (text, runningMs) => {
      const cost = costs.get(text) ?? admit(costs, text);
      cost.count += 1;
      cost.totalMs += runningMs;
      if (runningMs > cost.maxMs) cost.maxMs = runningMs;
      const bucket = bucketOf(runningMs);
      cost.buckets[bucket] = (cost.buckets[bucket] ?? 0) + 1;
    },
    list: (limit) =>
      [...costs]
        .sort(([, a], [, b]) => b.totalMs - a.totalMs)
        .slice(0, limit)
        .map(([text, cost]) => ({
          statement: readable(text),
          count: cost.count,
          totalMs: cost.totalMs,
          p95Ms: p95Of(cost),
          maxMs: cost.maxMs,
        })),
  };
};

/** The text on one line with `?` for each value. */
export const readable = (text: string): string => text.replace(/\$\d+/g, '?').replace(/\s+/g, ' ').trim();

const admit = (costs: Map<string, Cost>, text: string): Cost => {
  if (costs.size >= TEXTS_KEPT) {
    const [cheapest] = [...costs].reduce((least, entry) =>
      entry[1].totalMs < least[1].totalMs ? entry : least,
    );
    costs.delete(cheapest);
  }
  const cost = { count: 0, totalMs: 0, maxMs: 0, buckets: new Uint32Array(BUCKETS) };
  costs.set(text, cost);
  return cost;
};

const bucketOf = (ms: number): number => {
  const bucket = Math.ceil(Math.log2(ms * 1000) * BUCKETS_PER_DOUBLING);
  return Math.min(Math.max(bucket, 0), BUCKETS - 1);
};

const p95Of = (cost: Cost): number => {
  let left = Math.ceil(cost.count * P95);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    left -= cost.buckets[bucket] ?? 0;
    if (left <= 0) return Math.min(2 ** (bucket / BUCKETS_PER_DOUBLING) / 1000, cost.maxMs);
  }
  return cost.maxMs;
};
