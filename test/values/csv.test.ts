import { describe, expect, test } from 'bun:test';
import { parse } from 'csv-parse/sync';
import { csvLine } from '../../src/values/csv.ts';

describe('a line of CSV', () => {
  test('ends with CRLF; nothing and a number stand as they are', () =>
    expect(csvLine(['a', null, 0, -1.5, '-12.05', '', 'b'])).toBe('a,,0,-1.5,-12.05,,b\r\n'));

  test.each(['a,b', 'say "hello"', 'two\nlines', 'two\r\nlines', ' edges ', '"', 'Ünï ☃ 🚐'])(
    '%j is read back as it was',
    (text) => expect(parse(csvLine([text, 'next']))).toEqual([[text, 'next']]),
  );

  test.each([
    '=1+1',
    '+1',
    '-1+1',
    '@sum(a1)',
    '\t=1',
    '\r=1',
    '＝1',
    '-',
    '+1 (628) 555-0142',
    '=cmd|" /c x"!a1',
  ])('%j is text to a spreadsheet, no formula', (text) =>
    expect(parse(csvLine([text]))).toEqual([[`'${text}`]]),
  );

  test('what merely holds such a sign is left alone', () =>
    expect(csvLine(['2 × Oil = 9', 'a-b', 'x@y.example', "'quoted'"])).toBe(
      "2 × Oil = 9,a-b,x@y.example,'quoted'\r\n",
    ));
});
