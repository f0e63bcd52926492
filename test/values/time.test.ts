import { describe, expect, test } from 'bun:test';
import {
  addMinutes,
  calendarDate,
  instant,
  instantOrDate,
  inZone,
  isBefore,
  isZone,
  minutesBetween,
  startOfDay,
  zone,
} from '../../src/values/time.ts';
import { accepts, read } from './read.ts';

const SHOP_ZONE = 'America/Los_Angeles';

// A day that is none, or a form that RFC 3339 does not know.
const NOT_DATES = [
  '',
  '2026-02-30',
  '2025-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '2026-1-1',
  '20260101',
];
const OUTSIDE_DATES = [
  '1969-12-31',
  '2200-01-01',
  '0000-01-01',
  '9999-12-31',
  '+002026-01-01',
  '9999999-01-01',
];

describe('instant', () => {
  test.each([
    ['2026-01-01T10:00:00-08:00', '2026-01-01T18:00:00Z'],
    ['2026-01-01T18:00:00Z', '2026-01-01T18:00:00Z'],
    ['2026-01-01t18:00:00z', '2026-01-01T18:00:00Z'],
    ['2026-01-01T18:00:00.000Z', '2026-01-01T18:00:00Z'],
    ['2026-01-01T18:00:00.100Z', '2026-01-01T18:00:00.1Z'],
    ['2026-01-01T18:00:00.123999999Z', '2026-01-01T18:00:00.123Z'],
    ['2026-01-01T18:00:00.0009Z', '2026-01-01T18:00:00Z'],
    ['2026-01-01T00:00:00+05:45', '2025-12-31T18:15:00Z'],
    ['2026-01-01T00:00:00-00:00', '2026-01-01T00:00:00Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
    ['2026-01-01T09:08:07.123456789Z', '2026-01-01T09:08:07.123Z'],
    ['2026-01-01T19:00:00+19:00', '2026-01-01T00:00:00Z'],
    ['2026-01-01T20:00:00+20:59', '2025-12-31T23:01:00Z'],
    ['2026-01-01T00:00:00+01:00', '2025-12-31T23:00:00Z'],
    ['2026-01-01T23:59:00+23:59', '2026-01-01T00:00:00Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['2199-12-31T23:59:59.9999Z', '2199-12-31T23:59:59.999Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(read(instant(), text)).toBe(expected);
  });

  test.each([
    '2026-01-01',
    '2026-01-01T10:00:00',
    '2026-01-01T10:00Z',
    '2026-01-01 10:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T10:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T10:00:00.Z',
    '2026-01-01T10:00:00,5Z',
    '2026-01-01T10:00:00.1234567890Z',
    '2026-01-01T10:00:00+24:00',
    '2026-01-01T10:00:00+08:60',
    '2026-01-01T10:00:00+0800',
    '2026-01-01T10:00:00+08',
    '2026-01-01T10:00:00 08:00',
    '2026-01-01T10:00:00Z[UTC]',
    '2026-01-01T10:00:00Z\u0000',
    '2026-01-01T10:00:00Z\n',
    ' 2026-01-01T10:00:00Z',
    '٢٠٢٦-01-01T10:00:00Z',
    '1970-01-01T00:30:00+01:00',
    '2199-12-31T23:59:59-00:01',
    'now',
    'infinity',
    ...[...NOT_DATES, ...OUTSIDE_DATES].map((date) => `${date}T10:00:00Z`),
  ])('refuses %j', (text) => {
    expect(read(instant(), text)).toEqual({
      refused: [
        'must be an RFC 3339 time with an offset, for example 2026-01-31T10:00:00-08:00, from 1970 to 2199',
      ],
    });
  });

  test('refuses what is not a text', () => {
    for (const input of [0, 1_767_290_400_000, null, {}]) expect(accepts(instant(), input)).toBe(false);
  });
});

describe('calendarDate', () => {
  test('takes real days', () => {
    for (const date of ['2026-01-31', '2024-02-29', '1970-01-01', '2199-12-31']) {
      expect(read(calendarDate(), date)).toBe(date);
    }
  });

  test.each([...NOT_DATES, ...OUTSIDE_DATES, '2026-01-01T00:00:00Z', '2026-01-01\n'])(
    'refuses %j',
    (text) => {
      expect(read(calendarDate(), text)).toEqual({
        refused: ['must be a date, for example 2026-01-31, from 1970 to 2199'],
      });
    },
  );
});

describe('startOfDay', () => {
  test.each([
    // The clocks change at two: the day starts as the day before did, the next one differently.
    [SHOP_ZONE, '2026-03-08', '2026-03-08T08:00:00Z'],
    [SHOP_ZONE, '2026-03-09', '2026-03-09T07:00:00Z'],
    [SHOP_ZONE, '2026-11-01', '2026-11-01T07:00:00Z'],
    [SHOP_ZONE, '2026-11-02', '2026-11-02T08:00:00Z'],
    ['Europe/London', '2026-03-29', '2026-03-29T00:00:00Z'],
    ['Europe/London', '2026-03-30', '2026-03-29T23:00:00Z'],
    ['Europe/London', '2026-10-25', '2026-10-24T23:00:00Z'],
    ['Europe/London', '2026-10-26', '2026-10-26T00:00:00Z'],
    // Half an hour only.
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-06', '2026-04-05T13:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-05', '2026-10-04T13:00:00Z'],
    // No midnight: the day starts at one.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00Z'],
    ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00:00Z'],
    // Midnight twice: the first of them.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z'],
    ['America/Havana', '2026-11-02', '2026-11-02T05:00:00Z'],
    // A day that the island skipped.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z'],
  ])('in %s %s starts at %s', (zone, date, expected) => {
    expect(startOfDay(date, zone)).toBe(expected);
  });
});

describe('instantOrDate', () => {
  const inShop = instantOrDate(SHOP_ZONE);

  test('reads a date as the start of that day in the zone, and an instant as itself', () => {
    expect(read(inShop, '2026-07-01')).toBe('2026-07-01T07:00:00Z');
    expect(read(inShop, '2026-07-01T10:00:00+02:00')).toBe('2026-07-01T08:00:00Z');
  });

  test.each([...NOT_DATES, ...OUTSIDE_DATES, '2026-07-01T10:00:00', '2026-07-01T10:00:00 02:00'])(
    'refuses %j and says how a + is written',
    (text) => {
      expect(read(inShop, text)).toEqual({
        refused: [
          'must be a date such as 2026-01-31 or an RFC 3339 time with an offset such as 2026-01-31T10:00:00-08:00 (in an address a + is written %2B), from 1970 to 2199',
        ],
      });
    },
  );
});

describe('instants', () => {
  test('addMinutes goes by elapsed time across a change of the clocks, both ways', () => {
    expect(addMinutes('2026-03-08T09:30:00Z', 60)).toBe('2026-03-08T10:30:00Z');
    expect(addMinutes('2026-01-01T00:00:00.5Z', -1)).toBe('2025-12-31T23:59:00.5Z');
  });

  test('minutesBetween keeps fractions and sign', () => {
    expect(minutesBetween('2026-01-01T00:00:00Z', '2026-01-01T01:30:15Z')).toBe(90.25);
    expect(minutesBetween('2026-01-01T01:00:00Z', '2026-01-01T00:00:00Z')).toBe(-60);
  });

  test('isBefore orders instants that their texts would order wrongly', () => {
    expect(isBefore('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5Z')).toBe(true);
    expect(isBefore('2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00Z')).toBe(false);
    expect(isBefore('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toBe(false);
  });
});

describe('zone', () => {
  test('takes the names of the IANA list in any case and gives the list’s own', () => {
    expect(read(zone(), 'america/los_angeles')).toBe('America/Los_Angeles');
    for (const name of ['UTC', 'US/Pacific', 'Etc/GMT+5', 'America/Port-au-Prince'])
      expect(isZone(name)).toBe(true);
  });

  test.each([
    '',
    'Mars/Olympus',
    '-08:00',
    '+0800',
    'Z',
    'PST',
    '2026-01-01T00:00Z[Europe/London]',
    'UTC\u0000',
    'a'.repeat(1000),
  ])('refuses %j', (name) => {
    expect(isZone(name)).toBe(false);
    expect(read(zone(), name)).toEqual({
      refused: ['must be a time zone of the IANA list, for example America/Los_Angeles'],
    });
  });
});

test.each([
  ['2026-01-31T18:00:00Z', SHOP_ZONE, '2026-01-31T10:00:00-08:00'],
  ['2026-07-31T18:00:00.123Z', SHOP_ZONE, '2026-07-31T11:00:00-07:00'],
  // The hour that comes twice is told apart by its offset.
  ['2026-11-01T08:30:00Z', SHOP_ZONE, '2026-11-01T01:30:00-07:00'],
  ['2026-11-01T09:30:00Z', SHOP_ZONE, '2026-11-01T01:30:00-08:00'],
  ['2026-01-31T18:00:00Z', 'UTC', '2026-01-31T18:00:00+00:00'],
  ['2026-01-31T18:00:00Z', 'Asia/Kathmandu', '2026-01-31T23:45:00+05:45'],
])('%s in %s is %s', (instant, zone, shown) => expect(inZone(instant, zone)).toBe(shown));
