import { describe, expect, test } from 'bun:test';
import { isRegion, phone, readPhone, region } from '../../src/values/phone.ts';
import { read } from './read.ts';

describe('phone', () => {
  test.each([
    '(213) 555-0123',
    '213.555.0123',
    '213-555-0123',
    '1 213 555 0123',
    '+1 (213) 555 0123',
    '  2135550123 ',
    '\u202a+1 213 555 0123\u202c',
    '２１３５５５０１２３',
    `213${' '.repeat(30)}5550123`,
  ])('reads %j as the one number it is', (text) => {
    expect(read(phone('US'), text)).toBe('+12135550123');
  });

  test('reads a foreign number with its country code, and a local one by its region', () => {
    expect(read(phone('US'), '+44 20 7946 0958')).toBe('+442079460958');
    expect(read(phone('GB'), '020 7946 0958')).toBe('+442079460958');
  });

  test.each([
    '',
    '123',
    '+1',
    '555-0123',
    '113 555 0123',
    '+999 213 555 0123',
    'call 213 555 0123',
    '213 555 0123 or 213 555 0124',
    '213 555 0123 ext 5',
    '+12135550123;ext=5',
    '213\u00005550123',
    '213555012\ud800',
    `213${' '.repeat(31)}5550123`,
  ])('refuses %j and shows a number of the region', (text) => {
    expect(read(phone('US'), text)).toEqual({
      refused: [
        'must be a phone number valid in US or with its country code, for example (201) 555-0123 or +12015550123',
      ],
    });
  });

  test('shows the examples of the region it is made for', () => {
    expect(read(phone('GB'), 'x')).toEqual({
      refused: [
        'must be a phone number valid in GB or with its country code, for example 07400 123456 or +447400123456',
      ],
    });
  });

  test('takes an area code that the library has not heard of', () => {
    expect(readPhone('(235) 555-0123', 'US')).toBe('+12355550123');
  });

  test('refuses a long or wrong input without reading it', () => {
    for (const input of ['1'.repeat(1_000_000), 2135550123, null, ['2135550123']]) {
      expect(read(phone('US'), input)).toHaveProperty('refused');
    }
  });
});

describe('region', () => {
  test('takes a country of the library in any case', () => {
    expect(read(region(), 'us')).toBe('US');
    expect(isRegion('GB')).toBe(true);
  });

  test('refuses what is none', () => {
    for (const input of ['', 'ZZ', 'USA', '001', 'toString', '__proto__', null]) {
      expect(read(region(), input)).toEqual({
        refused: ['must be the two letters of a country, for example US'],
      });
    }
  });
});
