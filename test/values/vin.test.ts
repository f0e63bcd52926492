import { describe, expect, test } from 'bun:test';
import { checkDigitOf, hasValidCheckDigit, readVin, suggestVins, vin } from '../../src/values/vin.ts';
import { read } from './read.ts';

// Examples from public descriptions of the check digit; one check digit is X.
const VINS = [
  '11111111111111111',
  '1M8GDM9AXKP042788',
  '1HGCM82633A004352',
  '5GZCZ43D13S812715',
  'JH4KA7561PC008269',
];

describe('vin', () => {
  test('comes out in upper case without the separators that people write', () => {
    expect(read(vin(), ' 1hgcm-82633 a004352 ')).toBe('1HGCM82633A004352');
  });

  test.each([
    '',
    '1HGCM82633A00435',
    '1HGCM82633A0043522',
    '1HGCM82633AOO4352',
    'IHGCM82633A004352',
    '1HGCM82633Q004352',
    '1HGCM82633A00435é',
    '1HGCM82633A00435\u0000',
    '1HGCM82633A0043ß',
    'ſHGCM82633A004352',
  ])('refuses %j', (text) => {
    expect(read(vin(), text)).toEqual({ refused: ['must be 17 letters and digits, without I, O and Q'] });
    expect(readVin(text)).toBeUndefined();
  });

  test('leaves the check digit to the caller', () => {
    expect(read(vin(), '1HGCM82643A004352')).toBe('1HGCM82643A004352');
  });
});

describe('check digit', () => {
  test.each(VINS)('is right in %s', (text) => {
    expect(hasValidCheckDigit(text)).toBe(true);
    expect(checkDigitOf(text)).toBe(text.charAt(8));
  });

  test('weighs each letter by the value that 49 CFR 565 gives it', () => {
    const rows = { 1: 'AJ', 2: 'BKS', 3: 'CLT', 4: 'DMU', 5: 'ENV', 6: 'FW', 7: 'GPX', 8: 'HY', 9: 'RZ' };
    for (const [value, letters] of Object.entries(rows)) {
      const expected = checkDigitOf(`${value}${'0'.repeat(16)}`);
      for (const letter of letters) expect(checkDigitOf(`${letter}${'0'.repeat(16)}`)).toBe(expected);
    }
  });

  test('finds every single wrong digit', () => {
    for (const text of VINS) {
      for (const position of text.matchAll(/\d/g).map((match) => match.index)) {
        const next = String((Number(text.charAt(position)) + 1) % 10);
        expect(hasValidCheckDigit(text.slice(0, position) + next + text.slice(position + 1))).toBe(false);
      }
    }
  });
});

describe('suggestVins', () => {
  test('has nothing to say about a right VIN, nor about what cannot become one', () => {
    for (const text of [...VINS, '', 'abc', '1HGCM82633A00435', '1HGCM82633A00435é']) {
      expect(suggestVins(text)).toEqual([]);
    }
  });

  test('reads O and Q as 0 and I as 1', () => {
    expect(suggestVins('1M8GDM9AXKPO42788')).toEqual(['1M8GDM9AXKP042788']);
    expect(suggestVins('1hgcm82633aqo4352')).toEqual(['1HGCM82633A004352']);
    expect(suggestVins('IHGCM82633AO04352')).toEqual(['1HGCM82633A004352']);
  });

  test.each([
    ['8 as B', '1HGCMB2633A004352', '1HGCM82633A004352'],
    ['D as 0', '5GZCZ43013S812715', '5GZCZ43D13S812715'],
    ['S as 5', '5GZCZ43D135812715', '5GZCZ43D13S812715'],
    ['0 as D and 0 as O', '1M8GDM9AXKPD427O8', undefined],
    ['0 as D beside 0 as O', '1HGCM82633AOD4352', '1HGCM82633A004352'],
  ])('finds the VIN that was misread: %s', (_, seen, meant) => {
    if (meant === undefined) expect(suggestVins(seen)).not.toContain('1M8GDM9AXKP042788');
    else expect(suggestVins(seen)).toContain(meant);
  });

  test('keeps the five likeliest, in the order of how alike the characters look', () => {
    expect(suggestVins('Z565ZUGU773V2UDLS')).toEqual([
      'Z5652UGU773V2UDLS',
      'Z565ZUGU773V2UD1S',
      'Z565ZUGU773V2VDLS',
      'Z566ZUGU773V2UDLS',
      'Z555ZUGU773V2UDLS',
    ]);
  });

  test('suggests at most five, each with a right check digit and none twice, always the same', () => {
    for (const text of VINS) {
      for (const [index, character] of [...text].entries()) {
        const damaged = `${text.slice(0, index)}${character === 'B' ? '8' : 'B'}${text.slice(index + 1)}`;
        const suggested = suggestVins(damaged);
        expect(suggested.length).toBeLessThanOrEqual(5);
        expect(new Set(suggested).size).toBe(suggested.length);
        expect(suggested.every((text) => readVin(text) === text && hasValidCheckDigit(text))).toBe(true);
        expect(suggestVins(damaged)).toEqual(suggested);
      }
    }
  });
});
