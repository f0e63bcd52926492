import { describe, expect, test } from 'bun:test';
import { line, prose, search } from '../../src/values/text.ts';
import { accepts, read } from './read.ts';

describe('line', () => {
  test('trims both ends and keeps the inside as it was written', () => {
    expect(read(line(40), '\u00a0 Edgar  O’Neill-Çelik 🚐 \t\n')).toBe('Edgar  O’Neill-Çelik 🚐');
  });

  test('refuses what is empty once trimmed, zero-width spaces included', () => {
    for (const text of ['', '   ', '\n', '\u200b\u200b', '\u2060']) {
      expect(read(line(40), text)).toEqual({ refused: ['must not be empty'] });
    }
  });

  test('counts the length after trimming', () => {
    expect(read(line(3), ' abc ')).toBe('abc');
    expect(read(line(3), 'abcd')).toEqual({ refused: ['must be at most 3 characters long'] });
  });

  test('refuses NUL, other control characters and every kind of line end', () => {
    for (const character of ['\u0000', '\u0007', '\u001b', '\u007f', '\u0085', '\n', '\r', '\t', '\u2028']) {
      expect(read(line(40), `a${character}b`)).toEqual({
        refused: ['must be one line without control characters'],
      });
    }
  });

  test('refuses lone surrogates', () => {
    for (const text of ['a\ud800', '\udc00a', 'a\ud800b']) {
      expect(read(line(40), text)).toEqual({
        refused: ['must be well-formed Unicode, without lone surrogates'],
      });
    }
  });

  test('names one fault at a time', () => {
    expect(read(line(3), 'abc\u0000\ud800')).toEqual({ refused: ['must be at most 3 characters long'] });
    expect(read(line(9), '\u0000\ud800')).toEqual({
      refused: ['must be well-formed Unicode, without lone surrogates'],
    });
  });

  test('refuses what is not a text', () => {
    for (const input of [null, undefined, 7, true, [], {}, ['a']]) {
      expect(read(line(40), input)).toEqual({ refused: ['must be a text'] });
    }
  });
});

describe('prose', () => {
  test('keeps lines and tabs, and writes every line end as \\n', () => {
    expect(read(prose(40), ' one\r\ntwo\rthree\n\tfour \r\n')).toBe('one\ntwo\nthree\n\tfour');
  });

  test('refuses NUL and the other control characters', () => {
    for (const character of ['\u0000', '\u0008', '\u001b', '\u009f']) {
      expect(read(prose(40), `a\n${character}b`)).toEqual({
        refused: ['must not contain control characters other than line ends and tabs'],
      });
    }
  });

  test.each([
    ['\n\t\r\n', 'must not be empty'],
    ['x\u0000'.repeat(21), 'must be at most 40 characters long'],
    ['a\ud800\u0000', 'must be well-formed Unicode, without lone surrogates'],
    [7, 'must be a text'],
  ])('refuses %j: %s', (input, message) => {
    expect(read(prose(40), input)).toEqual({ refused: [message] });
  });
});

describe('search', () => {
  test('turns runs of white space into one space', () => {
    expect(read(search(40), '  edgar \u00a0  o’neill ')).toBe('edgar o’neill');
  });

  test('refuses control characters and empty words', () => {
    for (const text of ['a\u0000b', ' ', 'x'.repeat(41)]) expect(accepts(search(40), text)).toBe(false);
  });
});
