import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/errors.ts';
import { assertReadingFits, assertVinChecks } from '../../../src/features/vehicles/rules.ts';

const failureOf = (work: () => void): Failure | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  return undefined;
};

describe('assertVinChecks', () => {
  test('lets pass a right VIN, none, and a wrong one that somebody vouches for', () => {
    expect(failureOf(() => assertVinChecks('1HGCM82633A004352', false))).toBeUndefined();
    expect(failureOf(() => assertVinChecks(null, false))).toBeUndefined();
    expect(failureOf(() => assertVinChecks('1HGCM82653A004352', true))).toBeUndefined();
  });

  test('refuses a wrong check digit and names the VINs that may be meant', () => {
    const failure = failureOf(() => assertVinChecks('1HGCM82633A0D4352', false));
    expect(failure?.reason).toBe('request.body_invalid');
    expect(failure?.issues?.[0]?.path).toBe('vin');
    expect(failure?.details).toEqual({ suggestions: expect.arrayContaining(['1HGCM82633A004352']) });
  });
});

describe('assertReadingFits', () => {
  const fits = (mileage: number, least: number | null, most: number | null, correction = false) =>
    failureOf(() => assertReadingFits(mileage, { least, most, correction })) === undefined;

  test.each([
    [5, null, null, true],
    [5, 5, null, true],
    [4, 5, null, false],
    [5, null, 5, true],
    [6, null, 5, false],
    [6, 5, 7, true],
    [8, 5, 7, false],
    [4, 5, 7, false],
  ])('%i between %p and %p: %p', (mileage, least, most, expected) => {
    expect(fits(mileage, least, most)).toBe(expected);
    expect(fits(mileage, least, most, true)).toBe(true);
  });
});
