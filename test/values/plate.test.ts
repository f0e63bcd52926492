import { describe, expect, test } from 'bun:test';
import { plate } from '../../src/values/plate.ts';
import { read } from './read.ts';

describe('plate', () => {
  test.each([
    [' 7abc123 ', '7ABC123'],
    ['ab  12   cde', 'AB 12 CDE'],
    ['m-xy 123', 'M-XY 123'],
    ['mu\u0308-a 1', 'MÜ-A 1'],
    ['а123вс 77', 'А123ВС 77'],
    ['7', '7'],
    [`7${' '.repeat(58)}7`, '7 7'],
    ['123456789012', '123456789012'],
  ])('reads %j as %j', (text, expected) => {
    expect(read(plate(), text)).toBe(expected);
  });

  test('gives the same again when its own output comes back in', () => {
    for (const text of ['straße 1', ' 7abc  123', 'mu\u0308-a']) {
      const once = read(plate(), text);
      expect(read(plate(), once)).toEqual(once);
    }
  });

  test.each([
    '',
    '  ',
    '-',
    ' - - ',
    '1234567890123',
    'AB_12',
    'AB.12',
    "A'B",
    'A\tB',
    'A\nB',
    'A\u0000B',
    'A\ud800',
    '🚐',
    `7${' '.repeat(59)}7`,
  ])('refuses %j', (text) => {
    expect(read(plate(), text)).toEqual({
      refused: ['must be 1 to 12 letters, digits, spaces and dashes, with at least one letter or digit'],
    });
  });

  test('refuses what is not a text', () => {
    for (const input of [null, 7, {}, ['7ABC123']]) expect(read(plate(), input)).toHaveProperty('refused');
  });
});
