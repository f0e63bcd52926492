import { describe, expect, test } from 'bun:test';
import { localTime, zoneClock } from '../../src/values/zone-clock.ts';

const ZONES = [
  ...['America/Los_Angeles', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'],
  // Here the clocks are set at midnight.
  ...['America/Havana', 'Africa/Cairo', 'America/Santiago', 'Asia/Beirut'],
];
const FROM = Date.parse('2031-01-01T00:00:00Z');
const TO = Date.parse('2032-01-01T00:00:00Z');
const STEP_MS = 17 * 60_000 * 31;

for (const zone of ZONES) {
  describe(zone, () => {
    const clock = zoneClock(zone, FROM - 86_400_000, TO + 86_400_000);
    const zoned = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

    test('shows the hour and the day that Temporal shows, all year long', () => {
      const firstDay = clock.dayAt(FROM);
      const first = zoned(FROM).toPlainDate();
      for (let at = FROM; at < TO; at += STEP_MS) {
        const local = zoned(at);
        expect([at, clock.hourAt(at)]).toEqual([at, local.hour]);
        expect(clock.dayAt(at) - firstDay).toBe(first.until(local.toPlainDate()).days);
        expect(clock.nextDayAt(at)).toBe(
          local.toPlainDate().add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds,
        );
        const next = zoned(at + clock.untilNextHour(at));
        const isSet = next.offsetNanoseconds !== local.offsetNanoseconds;
        expect(isSet || next.hour === (local.hour + 1) % 24).toBe(true);
      }
    });

    test('tells the dates and weekdays between two instants', () => {
      const dates = clock.datesBetween(FROM, TO - 1);
      expect(dates.length).toBeGreaterThanOrEqual(365);
      for (const { date, weekday } of dates) expect(Temporal.PlainDate.from(date).dayOfWeek).toBe(weekday);
    });
  });
}

test('what a clock skips comes after the gap, what it shows twice is the first, and 24:00 ends the day', () => {
  const clock = zoneClock('America/Los_Angeles', FROM, TO);
  expect(localTime('America/Los_Angeles', clock.instantOf('2031-03-09', '02:30'))).toBe(
    '2031-03-09T03:30:00-07:00',
  );
  expect(localTime('America/Los_Angeles', clock.instantOf('2031-11-02', '01:30'))).toBe(
    '2031-11-02T01:30:00-07:00',
  );
  expect(clock.instantOf('2031-03-09', '24:00')).toBe(clock.instantOf('2031-03-10', '00:00'));
});
