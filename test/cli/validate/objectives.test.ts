import { describe, expect, test } from 'bun:test';
import type { Step } from '../../../src/cli/validate/load.ts';
import { judge, percent } from '../../../src/cli/validate/objectives.ts';
import type { Figures } from '../../../src/cli/validate/tally.ts';

const figures = (changes: Partial<Figures> = {}): Figures => ({
  ...{ route: 'booking', requests: 100, succeeded: 99, success_rate: 0.99, requests_per_s: 10 },
  ...{ p50_ms: 20, p95_ms: 299.9, p99_ms: 799.9, max_ms: 2_000, failures: { 503: 1 } },
  ...changes,
});
const step = (users: number, changes: Partial<Figures> = {}): Step => ({
  ...{ users, seconds: 1, routes: [figures({ route: 'health' }), figures(changes)], all: figures() },
});

describe('the verdict', () => {
  test('is passed with every objective just met', () =>
    expect(judge([step(1), step(200)])).toMatchObject({ passed: true, judged_users: 200, missed: [] }));
  test.each([
    [{ success_rate: 0.98999 }, 'booking, 200 users: 98.99 % succeeded, the objective is 99 %'],
    [{ p95_ms: 300 }, 'booking, 200 users: p95 is 300 ms, the objective is below 300 ms'],
    [{ p99_ms: 800 }, 'booking, 200 users: p99 is 800 ms, the objective is below 800 ms'],
    [{ success_rate: null }, 'booking, 200 users: not one request was sent'],
  ])('one route with %j misses it', (changes, sentence) =>
    expect(judge([step(1), step(200, changes)])).toMatchObject({ passed: false, missed: [sentence] }),
  );
  test('failures count at every step, latencies at 200 users alone', () => {
    expect(judge([step(1, { success_rate: 0.5 }), step(200)]).missed).toHaveLength(1);
    expect(judge([step(100, { p95_ms: 900 }), step(200), step(250, { p99_ms: 900 })]).passed).toBe(true);
  });
  test('without 200 users the largest step counts', () =>
    expect(judge([step(1), step(9, { p95_ms: 301 })])).toMatchObject({ passed: false, judged_users: 9 }));
  test('of no steps is not passed', () => expect(judge([]).passed).toBe(false));
});

test.each([
  [1, '100.00 %'],
  [0.57, '57.00 %'],
  [0.98999, '98.99 %'],
  [0.99999, '99.99 %'],
  [0, '0.00 %'],
  [null, '–'],
])('%p is shown as %s', (rate, text) => expect(percent(rate)).toBe(text));
