import { describe, expect, test } from 'bun:test';
import { cents, decimalOf, lineTotalCents } from '../../src/values/money.ts';
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

describe('lineTotalCents', () => {
  test('multiplies whole quantities exactly, up to the largest price', () => {
    expect(lineTotalCents(3, 4999)).toBe(14_997);
    expect(lineTotalCents(0, 4999)).toBe(0);
    expect(lineTotalCents(9_000_000, 1_000_000_000)).toBe(9_000_000_000_000_000);
  });

  test('rounds half up to the cent where doubles would lose it', () => {
    expect(lineTotalCents(1.005, 100)).toBe(101);
    expect(lineTotalCents(0.5, 1)).toBe(1);
    expect(lineTotalCents(1.5, 8999)).toBe(13_499);
    expect(lineTotalCents(0.333, 100)).toBe(33);
    expect(lineTotalCents(2.675, 100)).toBe(268);
  });
});

test.each([
  [0, '0.00'],
  [5, '0.05'],
  [-5, '-0.05'],
  [1_205, '12.05'],
  [-123_456, '-1234.56'],
  [1_000_000_000, '10000000.00'],
])('%p cents are %s', (amount, shown) => expect(decimalOf(amount)).toBe(shown));
