import { describe, expect, test } from 'bun:test';
import { addTo, figures, newTally, record } from '../../../src/cli/validate/tally.ts';

/** Most are quick and a few very slow, as on a server. */
const made = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(900 * 1.0009 ** ((index * 7919) % count)));

const exact = (us: readonly number[], percentile: number): number => {
  const sorted = [...us].sort((one, other) => one - other);
  return (sorted[Math.ceil((percentile / 100) * sorted.length) - 1] ?? 0) / 1000;
};

describe('the figures', () => {
  const all = made(10_000);
  const tally = newTally();
  for (const us of all) record(tally, us, undefined);
  const { p50_ms, p95_ms, p99_ms, max_ms, ...rest } = figures('booking', tally, 4);

  test.each([
    [50, p50_ms],
    [95, p95_ms],
    [99, p99_ms],
    [100, max_ms],
  ])(
    'the percentile %d is that of the sorted times, to a thousandth or a tenth of a millisecond',
    (rank, ms) => {
      const right = exact(all, rank);
      expect(Math.abs(ms - right)).toBeLessThanOrEqual(0.06 + right / 1000);
    },
  );

  test('counts and rate', () =>
    expect(rest).toEqual({
      ...{ route: 'booking', requests: 10_000, succeeded: 10_000, success_rate: 1, requests_per_s: 2_500 },
      failures: {},
    }));

  test('no percentile is above the slowest', () => {
    const one = newTally();
    record(one, 56_149, undefined);
    expect(figures('one', one, 1)).toMatchObject({ p50_ms: 56.1, p99_ms: 56.1, max_ms: 56.1 });
  });

  test('failures count by their reason, and a success rate is never rounded up', () => {
    const many = newTally();
    for (let index = 0; index < 400_000; index++) record(many, 5, index < 4_001 ? '503' : undefined);
    const sum = newTally();
    addTo(sum, many);
    record(sum, 7, 'timeout');
    expect(figures('many', many, 1)).toMatchObject({ success_rate: 0.98999, failures: { 503: 4_001 } });
    expect(figures('sum', sum, 1)).toMatchObject({ requests: 400_001, failures: { 503: 4_001, timeout: 1 } });
  });

  test('of nothing are nothing', () =>
    expect(figures('none', newTally(), 1)).toMatchObject({ success_rate: null, p95_ms: 0, max_ms: 0 }));
});
