import { describe, expect, test } from 'bun:test';
import { calendarText, type Job } from '../../../src/features/calendars/rules.ts';
import { newId } from '../../../src/values/id.ts';
import { readCalendarText } from './reader.ts';

const HOUR = 3_600_000;
const job = (changes: Partial<Job> = {}): Job => ({
  ...{ id: newId(), version: 3, isCalledOff: false },
  ...{ starts_at: '2031-05-05T17:00:00Z', ends_at: '2031-05-05T18:00:00Z' },
  ...{ created_at: '2031-01-01T00:00:00Z', updated_at: '2031-02-01T10:00:00.123Z' },
  ...{
    address: null,
    lat: null,
    lng: null,
    customer: 'Sam',
    phone: null,
    vehicle: null,
    license_plate: null,
  },
  ...{ services: [], notes: null },
  ...changes,
});
const textOf = (jobs: Job[], zone = 'America/Los_Angeles') =>
  calendarText({ name: 'Mo', zone, jobs }, Date.parse(jobs[0]?.starts_at ?? '') - 30 * 24 * HOUR);
const iso = (at: number): string => new Date(at).toISOString();

/** The clocks are set at these instants, in the year before, of, and after; the last zone sets them by half an hour. */
const WEEKENDS: Record<string, string[]> = {
  'America/New_York': ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z', '2027-03-14T07:00:00Z'],
  'America/Los_Angeles': ['2026-03-08T10:00:00Z', '2026-11-01T09:00:00Z', '2031-03-09T10:00:00Z'],
  'Europe/London': ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2028-10-29T01:00:00Z'],
  'Australia/Lord_Howe': ['2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z', '2029-03-31T15:00:00Z'],
};

describe('another reader finds the very instants', () => {
  for (const [zone, turns] of Object.entries(WEEKENDS)) {
    for (const turn of turns) {
      test(`${zone}, each quarter hour of three days around ${turn}`, () => {
        const jobs: Job[] = [];
        for (let minutes = -36 * 60; minutes <= 36 * 60; minutes += 15) {
          const at = Date.parse(turn) + minutes * 60_000;
          jobs.push(job({ starts_at: iso(at), ends_at: iso(at + HOUR) }));
        }
        const read = readCalendarText(textOf(jobs, zone));
        expect(read.map(({ startsAt, endsAt }) => [iso(startsAt), iso(endsAt)])).toEqual(
          jobs.map(({ starts_at, ends_at }) => [starts_at, ends_at]),
        );
        // In UTC stand those alone that touch an hour shown twice.
        expect(new Set(read.map((one) => one.zone)).has(zone)).toBe(true);
        expect(read.filter((one) => one.zone !== zone).length).toBeLessThanOrEqual(16);
      });
    }
  }

  // The rules of Berlin were others until 1995.
  const ZONES: [string, number][] = [
    ...['UTC', 'Asia/Kolkata', 'America/Phoenix', 'America/Santiago', 'Asia/Jerusalem', 'Europe/Dublin'].map(
      (zone): [string, number] => [zone, 2027],
    ),
    ['Europe/Berlin', 1995],
  ];
  test.each(ZONES)('%s: every six hours of two years from %d on', (zone, year) => {
    const begin = Date.UTC(year, 0, 1);
    const jobs = Array.from({ length: 4 * 730 }, (_, at) =>
      job({ starts_at: iso(begin + at * 6 * HOUR), ends_at: iso(begin + at * 6 * HOUR + HOUR) }),
    );
    const read = readCalendarText(textOf(jobs, zone));
    expect(read.map(({ startsAt }) => iso(startsAt))).toEqual(jobs.map(({ starts_at }) => starts_at));
  });

  test('the zone has its yearly rules, or none when its clocks are never set', () => {
    const text = textOf([job()]);
    expect(text).toContain(
      'DAYLIGHT\r\nDTSTART:20300310T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n',
    );
    expect(text).toContain('TZOFFSETFROM:-0800\r\nTZOFFSETTO:-0700\r\n');
    expect(textOf([job()], 'Europe/London')).toContain('RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n');
    expect(textOf([job()], 'America/Phoenix')).not.toContain('RRULE');
  });
});

describe('what stands in an event', () => {
  test('all of it, read back', () => {
    const one = job({
      ...{ address: '1 Main St, San Francisco; rear\\door', lat: 0, lng: -122.5, phone: '+16285550142' },
      ...{ vehicle: '2019 Toyota', license_plate: '7ABC123', services: ['Brakes', 'Oil'] },
      notes: 'Gate code 1207, call\r\nfirst; \u0007bell "broken"',
    });
    const text = textOf([one]);
    expect(text).toContain(String.raw`LOCATION:1 Main St\, San Francisco\; rear\\door`);
    const [event] = readCalendarText(text);
    const read = (name: string) => event?.text(name);
    expect([read('uid'), read('sequence'), read('status')]).toEqual([one.id, '3', 'CONFIRMED']);
    expect(['dtstamp', 'last-modified'].map(read)).toEqual(['2031-02-01T10:00:00Z', '2031-02-01T10:00:00Z']);
    expect(read('created')).toBe('2031-01-01T00:00:00Z');
    expect(read('location')).toBe(one.address ?? '');
    expect(read('geo')).toBe('0,-122.5');
    expect(read('summary')).toBe('Brakes, Oil: Sam');
    expect(read('description')).toBe(
      '+16285550142\n2019 Toyota\n7ABC123\nGate code 1207, call\nfirst; bell "broken"',
    );
  });

  test('a job that was called off is cancelled', () =>
    expect(readCalendarText(textOf([job({ isCalledOff: true })]))[0]?.text('status')).toBe('CANCELLED'));

  test('lines end with CRLF and have at most 75 octets, whole characters each', () => {
    const notes = '👩‍🔧 schlüssel, ключ; 鍵 '.repeat(40).trim();
    const text = textOf([job({ notes })]);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    const lines = text.split('\r\n');
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBe(75);
    expect(lines.some((line) => line.isWellFormed() === false)).toBe(false);
    expect(readCalendarText(text)[0]?.text('description')).toBe(notes);
  });

  test('the same jobs are the same text', () => {
    const jobs = [job()];
    expect(textOf(jobs)).toBe(textOf(jobs));
  });
});
