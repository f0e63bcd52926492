import { describe, expect, test } from 'bun:test';
import { quietUntil } from '../../../src/features/notices/quiet.ts';
import { pauseAfter } from '../../../src/features/outbox/rules.ts';

const LA = 'America/Los_Angeles';

describe('the night, from 21:00 to 08:00 in the shop’s zone', () => {
  const CASES: [string, string | undefined, string][] = [
    ['2031-03-04T20:00:00Z', undefined, 'noon'],
    ['2031-03-05T04:59:59Z', undefined, 'a second before nine in the evening'],
    ['2031-03-05T05:00:00Z', '2031-03-05T16:00:00Z', 'nine in the evening'],
    ['2031-03-05T15:59:59Z', '2031-03-05T16:00:00Z', 'a second before eight'],
    ['2031-03-05T16:00:00Z', undefined, 'eight'],
    // The clocks go forward in this night: its morning comes an hour earlier.
    ['2031-03-09T05:30:00Z', '2031-03-09T15:00:00Z', 'the evening before summer time'],
    ['2031-03-09T10:30:00Z', '2031-03-09T15:00:00Z', 'half an hour into summer time'],
    ['2031-03-09T14:59:59Z', '2031-03-09T15:00:00Z', 'the first morning of summer time'],
    ['2031-03-09T15:00:00Z', undefined, 'eight on that morning'],
    // And here they go back, and one o'clock comes twice.
    ['2031-11-02T04:00:00Z', '2031-11-02T16:00:00Z', 'the evening before winter time'],
    ['2031-11-02T08:30:00Z', '2031-11-02T16:00:00Z', 'half past one, the first time'],
    ['2031-11-02T09:30:00Z', '2031-11-02T16:00:00Z', 'half past one, the second time'],
    ['2031-11-02T15:59:00Z', '2031-11-02T16:00:00Z', 'a minute before eight'],
    ['2031-11-02T16:00:00Z', undefined, 'eight on that morning'],
  ];
  for (const [now, until, what] of CASES) test(what, () => expect(quietUntil(now, LA)).toBe(until));

  test('in a zone of its own', () => {
    expect(quietUntil('2031-03-04T20:00:00Z', 'Asia/Kathmandu')).toBe('2031-03-05T02:15:00Z');
    expect(quietUntil('2031-03-04T12:00:00Z', 'Asia/Kathmandu')).toBeUndefined();
  });
});

test('the pauses between attempts: seven, of about a day in all, each a fifth more or less', () => {
  const pauses = (chance: number) =>
    Array.from({ length: 8 }, (_, at) => pauseAfter(at + 1, chance)).map((ms) => ms && ms / 60_000);
  expect(pauses(0.5)).toEqual([1, 5, 15, 60, 180, 420, 720, undefined]);
  expect(pauses(0)[1]).toBe(4);
  expect(pauses(1)[1]).toBe(6);
});
