import { describe, expect, test } from 'bun:test';
import { cents, cutCents, decimalOf, shareCents, someCents } from '../../src/values/money.ts';
import { accepts } from './read.ts';

describe('cents', () => {
  test('takes whole cents from nothing to ten million', () => {
    for (const amount of [0, 1, 1_000_000_000]) expect(accepts(cents(), amount)).toBe(true);
  });

  test('refuses fractions, debts, more than ten million, and texts', () => {
    for (const amount of [-1, 0.5, 1_000_000_001, 2 ** 53, '5', -0])
      expect(accepts(cents(), amount)).toBe(false);
  });
});

test('someCents takes a cent and more', () =>
  expect([0, 1, 1_000_000_000, 1_000_000_001].map((amount) => accepts(someCents(), amount))).toEqual([
    ...[false, true, true, false],
  ]));

test.each([
  [0, 950, 0],
  [1, 4_999, 0],
  [1, 5_000, 1],
  [5, 999, 0],
  [5, 1_000, 1],
  [1_000, 950, 95],
  [1_053, 950, 100],
  [1_054, 950, 100],
  [100, 10_000, 100],
  [12_345, 0, 0],
  // As doubles, 1.1 × 1005 / 100 falls below the half.
  [1_005, 110, 11],
  [1_000_000_000_000, 9_999, 999_900_000_000],
  [9_007_199_254_740_991, 5_000, 4_503_599_627_370_496],
])('of %p cents %p basis points are %p', (amount, points, share) =>
  expect(shareCents(amount, points)).toBe(share),
);

test.each([
  [100, [1, 1, 1], [33, 33, 33], 1],
  [100, [1, 2, 1], [25, 50, 25], 0],
  [2, [1, 1, 1], [0, 0, 0], 2],
  [100, [0, 0], [50, 50], 0],
  [7, [0, 0, 0], [2, 2, 2], 1],
  [0, [5], [0], 0],
  [200, [100, 100, 1], [99, 99, 0], 2],
  [900_000_000_000, [1_000_000_000_000, 2_000_000_000_000], [300_000_000_000, 600_000_000_000], 0],
])('%p cents cut by %p are %p, and %p is left', (amount, weights, parts, remainder) =>
  expect(cutCents(amount, weights)).toEqual({ parts, remainder }),
);

test.each([
  [0, '0.00'],
  [5, '0.05'],
  [-5, '-0.05'],
  [1_205, '12.05'],
  [-123_456, '-1234.56'],
  [1_000_000_000, '10000000.00'],
])('%p cents are %s', (amount, shown) => expect(decimalOf(amount)).toBe(shown));
