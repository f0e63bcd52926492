import { describe, expect, test } from 'bun:test';
import { modelYearOf } from '../../../src/features/vins/rules.ts';

describe('the model year', () => {
  /** A VIN with that seventh and tenth character. */
  const vin = (seventh: string, tenth: string): string => `1HGCM8${seventh}63${tenth}A004352`;

  test.each([
    ['2', 'A', 1980],
    ['2', 'Y', 2000],
    ['2', '1', 2001],
    ['2', '9', 2009],
    ['A', 'A', 2010],
    ['A', 'H', 2017],
    ['A', 'J', 2018],
    ['A', 'P', 2023],
    ['A', 'R', 2024],
    ['A', 'T', 2026],
    ['A', 'V', 2027],
  ])('with %s in the seventh and %s in the tenth place is %i', (seventh, tenth, year) => {
    expect(modelYearOf(vin(seventh, tenth), 2027)).toBe(year);
  });

  test('is never further ahead than next year: then the VIN is of the cycle before', () => {
    expect(modelYearOf(vin('A', 'W'), 2027)).toBe(1998);
    expect(modelYearOf(vin('A', 'W'), 2028)).toBe(2028);
  });

  test('is none where the tenth character stands for no year', () => {
    for (const character of '0UZ') expect(modelYearOf(vin('A', character), 2027)).toBeNull();
  });
});
