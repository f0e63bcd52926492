import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { commaList, flag, whole, wholeText } from '../../src/values/number.ts';
import { read } from './read.ts';

describe('whole', () => {
  test('takes both ends of its range', () => {
    for (const number of [-5, 0, 9]) expect(read(whole(-5, 9), number)).toBe(number);
  });

  test('refuses all else with one sentence that names the range', () => {
    const wild = [-6, 10, 0.5, -0, Number.NaN, Infinity, 2 ** 53, 1e21, '5', null, true, [5], {}];
    for (const input of wild) {
      expect(read(whole(-5, 9), input)).toEqual({ refused: ['must be a whole number from -5 to 9'] });
    }
  });

  test('refuses numbers that a double cannot hold exactly, whatever the range', () => {
    for (const number of [2 ** 53, -(2 ** 53)]) {
      expect(read(whole(-Infinity, Infinity), number)).toHaveProperty('refused');
    }
  });
});

describe('wholeText', () => {
  test('reads plain decimal digits', () => {
    expect(read(wholeText(-10, 100), '0')).toBe(0);
    expect(read(wholeText(-10, 100), '100')).toBe(100);
    expect(read(wholeText(-10, 100), '-10')).toBe(-10);
    expect(read(wholeText(-10, 100), '90')).toBe(90);
    expect(read(wholeText(0, Infinity), '9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    '',
    ' 5',
    '5 ',
    '007',
    '00',
    '+5',
    '-0',
    '1e3',
    '0x10',
    '5.0',
    '1_0',
    '٥',
    '5\n',
    '9'.repeat(30),
    'NaN',
  ])('refuses %j with one sentence', (text) => {
    expect(read(wholeText(-10, 100), text)).toEqual({ refused: ['must be a whole number from -10 to 100'] });
  });

  test('refuses what lies outside the range, and numbers', () => {
    for (const input of ['101', '-11', 5]) expect(read(wholeText(-10, 100), input)).toHaveProperty('refused');
  });
});

describe('flag', () => {
  test('reads true and false only', () => {
    expect(read(flag(), 'true')).toBe(true);
    expect(read(flag(), 'false')).toBe(false);
    for (const input of ['', 'TRUE', '1', 'yes', true, null]) {
      expect(read(flag(), input)).toEqual({ refused: ['must be true or false'] });
    }
  });
});

describe('commaList', () => {
  const colours = commaList(v.picklist(['red', 'green', 'blue'], 'must be a colour'), 3);

  test('reads values in the order given, each once', () => {
    expect(read(colours, 'red')).toEqual(['red']);
    expect(read(colours, 'green,red,green')).toEqual(['green', 'red']);
  });

  test('counts equal outputs once, not equal inputs', () => {
    expect(read(commaList(v.pipe(v.string(), v.toLowerCase()), 5), 'A,a,B')).toEqual(['a', 'b']);
  });

  test.each(['', ',', 'red,', ',red', 'red,,blue'])('refuses the empty value in %j', (text) => {
    expect(read(colours, text)).toEqual({ refused: ['must not contain an empty value'] });
  });

  test('refuses more values than allowed', () => {
    expect(read(colours, 'red,red,red,red')).toEqual({ refused: ['must be at most 3 values'] });
  });

  test('refuses a list with one wrong value and says what is wrong with it', () => {
    expect(read(colours, 'red,pink')).toEqual({ refused: ['must be a colour'] });
  });

  test('refuses what is not a text', () => {
    for (const input of [['red'], null, 1]) {
      expect(read(colours, input)).toEqual({
        refused: ['must be a list of values with commas between them'],
      });
    }
  });
});
