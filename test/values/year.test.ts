import { expect, test } from 'bun:test';
import { modelYear } from '../../src/values/year.ts';
import { accepts } from './read.ts';

test('modelYear takes the years in which there can be a car', () => {
  for (const year of [1886, 2026, 2100]) expect(accepts(modelYear(), year)).toBe(true);
  for (const year of [1885, 2101, 26, 2026.5, '2026', null]) expect(accepts(modelYear(), year)).toBe(false);
});
