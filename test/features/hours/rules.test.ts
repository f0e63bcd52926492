import { describe, expect, test } from 'bun:test';
import { assertSpan, faultsOf, inOrder, type WeeklySpan } from '../../../src/features/hours/rules.ts';

const span = (text: string): WeeklySpan => {
  const [weekday = '', from = '', to = ''] = text.split(/[ -]/);
  return { weekday: Number(weekday), from, to };
};
const faultyOf = (texts: string[]): number[] => faultsOf(texts.map(span)).map(({ at }) => at);

describe('faultsOf', () => {
  test.each<[string, string[]]>([
    ['no span at all', []],
    ['spans that touch', ['1 08:00-12:00', '1 12:00-17:00']],
    ['a break', ['1 13:00-17:00', '1 08:00-12:00']],
    ['the same time on other days', ['1 08:00-17:00', '2 08:00-17:00', '7 08:00-17:00']],
    ['a whole day, and the next', ['6 00:00-24:00', '7 00:00-24:00']],
    ['the shortest span', ['3 23:59-24:00']],
  ])('finds none in %s', (_, spans) => expect(faultyOf(spans)).toEqual([]));

  test.each<[string, string[], number[]]>([
    ['an empty span', ['1 08:00-08:00'], [0]],
    ['a backward span', ['1 08:00-09:00', '2 17:00-08:00'], [1]],
    ['two that overlap', ['1 08:00-12:00', '1 11:59-17:00'], [1]],
    ['the later one, wherever it stands', ['1 11:59-17:00', '1 08:00-12:00'], [0]],
    ['the same one twice', ['1 08:00-12:00', '1 08:00-12:00'], [1]],
    ['one inside another, behind a shorter one', ['1 08:00-20:00', '1 09:00-10:00', '1 19:00-21:00'], [1, 2]],
    ['one that overlaps until midnight', ['4 00:00-24:00', '4 23:00-24:00'], [1]],
  ])('names %s', (_, spans, at) => expect(faultyOf(spans)).toEqual(at));
});

test('inOrder sorts as the week goes, and leaves what it was given alone', () => {
  const given = ['3 08:00-09:00', '1 13:00-17:00', '1 08:00-12:00'].map(span);
  const before = [...given];
  expect(inOrder(given)).toEqual(['1 08:00-12:00', '1 13:00-17:00', '3 08:00-09:00'].map(span));
  expect(given).toEqual(before);
});

describe('assertSpan', () => {
  const from = '2026-01-01T00:00:00Z';
  test.each(['2026-01-01T00:00:00.001Z', '2028-01-01T00:00:00Z', '2028-01-02T00:00:00Z'])(
    'lets pass what ends at %s',
    (to) => expect(() => assertSpan(from, to)).not.toThrow(),
  );
  test.each([from, '2025-12-31T23:59:59Z'])('refuses what ends at %s', (to) =>
    expect(() => assertSpan(from, to)).toThrow('ends_at must be after starts_at'),
  );
  test('refuses what is longer than two years', () =>
    expect(() => assertSpan(from, '2028-01-02T00:00:00.001Z')).toThrow('at most two years'));
});
