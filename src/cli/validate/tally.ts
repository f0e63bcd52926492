import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Beyond the longest --timeout, for what is above is not recorded. */
const LONGEST_US = 120_000_000;
const SIGNIFICANT_FIGURES = 3;
export type Figures = {
  route: string;
  requests: number;
  succeeded: number;
  /** 0 to 1; null without a request. */
  success_rate: number | null;
  requests_per_s: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
  /** How many failed for which reason: a status, "timeout" or "no answer". */
  failures: Record<string, number>;
};

export type Tally = {
  latency: RecordableHistogram;
  requests: number;
  succeeded: number;
  /** The histogram's own is rounded to its figures. */
  maxUs: number;
  failures: Map<string, number>;
};

export const newTally = (): Tally => ({
  latency: createHistogram({ lowest: 1, highest: LONGEST_US, figures: SIGNIFICANT_FIGURES }),
  requests: 0,
  succeeded: 0,
  maxUs: 0,
  failures: new Map(),
});

/** One request that took `us` microseconds. */
export const record = (tally: Tally, us: number, failure: string | undefined): void => {
  const whole = Math.min(LONGEST_US, Math.max(1, Math.round(us)));
  tally.latency.record(whole);
  tally.maxUs = Math.max(tally.maxUs, whole);
  tally.requests++;
  if (failure === undefined) tally.succeeded++;
  else count(tally, failure, 1);
};

export const addTo = (sum: Tally, tally: Tally): void => {
  sum.latency.add(tally.latency);
  sum.maxUs = Math.max(sum.maxUs, tally.maxUs);
  sum.requests += tally.requests;
  sum.succeeded += tally.succeeded;
  for (const [failure, times] of tally.failures) count(sum, failure, times);
};

export const figures = (route: string, tally: Tally, elapsed: number): Figures => {
  const { latency, requests, succeeded, maxUs, failures } = tally;
  const ms = (us: number): number => rounded(Math.min(us, maxUs) / 1000, 1);
  return {
    route,
    requests,
    succeeded,
    // Never rounded up: 98.9999 % is not 99 %.
    success_rate: requests === 0 ? null : Math.floor((succeeded / requests) * 1e5) / 1e5,
    requests_per_s: rounded(requests / elapsed, 1),
    p50_ms: ms(latency.percentile(50)),
    p95_ms: ms(latency.percentile(95)),
    p99_ms: ms(latency.percentile(99)),
    max_ms: ms(maxUs),
    failures: Object.fromEntries([...failures].sort()),
  };
};

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const count = ({ failures }: Tally, failure: string, more: number): void => {
  failures.set(failure, (failures.get(failure) ?? 0) + more);
};
