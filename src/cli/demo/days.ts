/** The days around today in the shop's zone; 0 is today, -1 yesterday. Moments are milliseconds since 1970. */
export type Days = {
  now: number;
  year: number;
  /** Minutes count from the opening hour. */
  at(day: number, minutes: number): number;
  isOpen(day: number): boolean;
};

export const REACH_DAYS = 180;
export const OPEN_MINUTES = 10 * 60;
export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

const OPENS_AT = '08:00';
const SUNDAY = 7;

/** As the technicians' hours are kept: no job of the demo lies outside them. */
export const OPEN_WEEK = Array.from({ length: 6 }, (_, at) => ({
  weekday: at + 1,
  from: OPENS_AT,
  to: Temporal.PlainTime.from(OPENS_AT).add({ minutes: OPEN_MINUTES }).toString({ smallestUnit: 'minute' }),
}));

export const daysAround = (now: string, zone: string): Days => {
  const instant = Temporal.Instant.from(now);
  const today = instant.toZonedDateTimeISO(zone).toPlainDate();
  const openings = new Map<number, number>();
  const opening = (day: number): number => {
    const known = openings.get(day);
    if (known !== undefined) return known;
    const start = today.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime: OPENS_AT });
    openings.set(day, start.epochMilliseconds);
    return start.epochMilliseconds;
  };
  return {
    now: instant.epochMilliseconds,
    year: today.year,
    at: (day, minutes) => opening(day) + minutes * MINUTE_MS,
    isOpen: (day) => today.add({ days: day }).dayOfWeek !== SUNDAY,
  };
};

export const iso = (at: number): string => new Date(at).toISOString();

/** Undefined stays no moment, and so does one that has not come yet. */
export const isoOnce = (at: number | undefined, now: number): string | null =>
  at === undefined || at > now ? null : iso(at);
