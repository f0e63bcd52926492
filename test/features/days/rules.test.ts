import { describe, expect, test } from 'bun:test';
import type { ShopRules } from '../../../src/features/availability/types.ts';
import { courseOf, type Stop } from '../../../src/features/days/rules.ts';
import {
  at,
  DAY_START,
  EVEN,
  evenShop,
  MINUTE,
  north,
  START,
  shopWith,
  timeOf,
} from '../../helpers/even-shop.ts';

const stop = (id: string, [from, to]: [string, string], changes: Partial<Stop> = {}): Stop => ({
  ...{ id, status: 'scheduled', from: at(from), to: at(to), before: 0, after: 0, place: north(10) },
  ...{ en_route_at: null, started_at: null, completed_at: null },
  ...changes,
});

const dayOf = (
  stops: Stop[],
  now: string,
  { start = START, rules = evenShop }: { start?: typeof START | null; rules?: ShopRules } = {},
) => {
  const course = courseOf(rules, { start, stops, now: at(now), dayStart: DAY_START });
  return {
    finish: course.finish,
    stops: course.stops.map(({ leg, leaveAt, arriveAt, lateMinutes, endsAt }) => [
      leg === null ? null : `${leg.from} ${leg.minutes} min`,
      ...[timeOf(leaveAt), timeOf(arriveAt), lateMinutes, timeOf(endsAt)],
    ]),
  };
};

describe('a day before it begins', () => {
  test('each drive is left for in time, from the stop before; then back to the start', () => {
    const stops = [
      stop('a', ['09:00', '10:00']),
      stop('b', ['11:00', '12:00'], { place: north(30) }),
      stop('c', ['12:00', '13:00'], { place: north(30) }),
    ];
    const { stops: told, finish } = dayOf(stops, '06:00');
    expect(told).toEqual([
      ['start 10 min', '08:50', '09:00', 0, '10:00'],
      ['a 20 min', '10:40', '11:00', 0, '12:00'],
      ['b 0 min', '12:00', '12:00', 0, '13:00'],
    ]);
    expect(finish).toMatchObject({ from: 'c', minutes: 30, kilometres: 30, source: 'estimate' });
    expect([timeOf(finish?.leaveAt ?? 0), timeOf(finish?.arriveAt ?? 0)]).toEqual(['13:00', '13:30']);
  });

  test('the buffers of the jobs lie between: 15 min after, 20 min drive, 10 min before', () => {
    const fits = [
      stop('a', ['09:00', '10:00'], { after: 15 * MINUTE }),
      stop('b', ['10:45', '11:00'], { before: 10 * MINUTE, place: north(30) }),
    ];
    expect(dayOf(fits, '06:00').stops[1]).toEqual(['a 20 min', '10:15', '10:35', 0, '11:00']);
    const tight = [
      fits[0] ?? stop('a', ['', '']),
      { ...(fits[1] ?? stop('b', ['', ''])), from: at('10:40') },
    ];
    // Free at 10:15, there at 10:35, ready to begin at 10:45: five minutes late, and it takes its 20 minutes.
    expect(dayOf(tight, '06:00').stops[1]).toEqual(['a 20 min', '10:15', '10:35', 5, '11:05']);
  });

  test('the drive is reckoned hour by hour: half of it in the rush of seven', () => {
    const rush = shopWith(EVEN.map((_, hour) => (hour === 7 ? 30.01 : 60.01)));
    const { stops } = dayOf([stop('a', ['08:15', '09:00'], { place: north(30) })], '05:00', { rules: rush });
    expect(stops).toEqual([['start 45 min', '07:30', '08:15', 0, '09:00']]);
  });

  test('without a place: no drive; the next one is driven to from the last place that is known', () => {
    const stops = [
      stop('a', ['09:00', '10:00']),
      stop('b', ['10:00', '11:00'], { place: null }),
      stop('c', ['11:10', '12:00'], { place: north(20) }),
    ];
    const told = dayOf(stops, '06:00').stops;
    expect(told.map(([leg]) => leg)).toEqual(['start 10 min', null, 'a 10 min']);
    expect(told[1]).toEqual([null, null, '10:00', 0, '11:00']);
    const { finish, stops: nowhere } = dayOf(stops, '06:00', { start: null });
    expect([finish, ...nowhere.map(([leg]) => leg)]).toEqual([null, null, null, 'a 10 min']);
  });
});

describe('while the day runs', () => {
  const running = (changes: Partial<Stop> = {}) =>
    stop('a', ['09:00', '10:00'], { status: 'in_progress', started_at: at('09:00'), ...changes });

  test('a job that runs over is expected to end now; what follows shifts, drives included', () => {
    const stops = [
      running(),
      stop('b', ['10:30', '11:30'], { place: north(30) }),
      stop('c', ['11:45', '12:15'], { place: north(40) }),
      stop('d', ['14:00', '15:00'], { place: north(40) }),
    ];
    expect(dayOf(stops, '10:25').stops).toEqual([
      [expect.any(String), null, '09:00', 0, '10:25'],
      // 10:25 + 20 = 10:45, 15 late; ends 11:45; 10 min on: 11:55, 10 late; two hours later all is well.
      ['a 20 min', '10:25', '10:45', 15, '11:45'],
      ['b 10 min', '11:45', '11:55', 10, '12:25'],
      ['c 0 min', '14:00', '14:00', 0, '15:00'],
    ]);
  });

  test('one that is in time ends when it should', () =>
    expect(dayOf([running()], '09:30').stops[0]?.slice(2)).toEqual(['09:00', 0, '10:00']));
  test('one that began late is late', () =>
    expect(dayOf([running({ started_at: at('09:20') })], '09:30').stops[0]?.[3]).toBe(20));
  test('a completed one is never late, and frees the technician when it ended', () => {
    const done = running({ status: 'completed', started_at: at('09:40'), completed_at: at('10:20') });
    expect(dayOf([done, stop('b', ['10:20', '11:00'], { place: north(30) })], '10:20').stops).toEqual([
      [expect.any(String), null, '09:40', 0, '10:20'],
      ['a 20 min', '10:20', '10:40', 20, '11:20'],
    ]);
  });

  test('who has not left yet leaves now at the earliest', () =>
    expect(dayOf([stop('a', ['09:00', '10:00'])], '08:55').stops).toEqual([
      ['start 10 min', '08:55', '09:05', 5, '10:05'],
    ]));
  test('who is on the way left when they did, and is not there before now', () => {
    const driving = stop('a', ['09:00', '10:00'], { status: 'en_route', en_route_at: at('08:45') });
    expect(dayOf([driving], '08:50').stops[0]).toEqual(['start 10 min', '08:45', '08:55', 0, '10:00']);
    expect(dayOf([driving], '09:07').stops[0]).toEqual(['start 10 min', '08:45', '09:07', 7, '10:07']);
  });

  test('a job of the night before was not driven to from the start of today', () => {
    const carried = {
      ...running({ started_at: at('00:00') - 3_600_000 }),
      from: at('00:00') - 3_600_000,
      to: at('01:00'),
    };
    const { stops } = dayOf([carried, stop('b', ['02:00', '03:00'], { place: north(30) })], '00:30');
    expect(stops.map(([leg]) => leg)).toEqual([null, 'a 20 min']);
  });
});
