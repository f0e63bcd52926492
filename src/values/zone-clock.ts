const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What clocks on the wall of a zone show, in a range of instants: for rules that ask tens of thousands of times. */
export type ZoneClock = {
  /** The hour of the day, 0 to 23. */
  hourAt(at: number): number;
  /** Milliseconds until the clock shows another hour, or is set. */
  untilNextHour(at: number): number;
  /** Counts local days: the same number for two instants of one day. */
  dayAt(at: number): number;
  /** The first instant of the next day. */
  nextDayAt(at: number): number;
  /** The weekdays (1 is Monday) and dates that a range touches. */
  datesBetween(from: number, to: number): { date: string; weekday: number }[];
  /** The instant of "08:00" on a date; "24:00" is the end of the day. What a clock skips comes after the gap. */
  instantOf(date: string, time: string): number;
};

/** Instants are milliseconds since 1970; `from` and `to` must enclose all that is asked later. */
export const zoneClock = (zone: string, from: number, to: number): ZoneClock => {
  const turns = turnsOf(zone, from, to);
  const known = new Map<string, number>();
  const turnAt = (at: number): Turn => turns.findLast((turn) => turn.at <= at) ?? turns[0];
  const localMs = (at: number): number => at + turnAt(at).offsetMs;
  const instantOf = (date: string, time: string): number => {
    const key = `${date}T${time}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const day = Temporal.PlainDate.from(date);
    const local = time === '24:00' ? day.add({ days: 1 }).toPlainDateTime() : day.toPlainDateTime(time);
    const at = local.toZonedDateTime(zone).epochMilliseconds;
    known.set(key, at);
    return at;
  };
  return {
    hourAt: (at) => Math.floor(localMs(at) / HOUR_MS) % 24,
    untilNextHour: (at) => {
      const untilHour = HOUR_MS - (localMs(at) % HOUR_MS);
      const turn = turns.find((one) => one.at > at);
      return turn === undefined ? untilHour : Math.min(untilHour, turn.at - at);
    },
    dayAt: (at) => Math.floor(localMs(at) / DAY_MS),
    nextDayAt: (at) => instantOf(dateOf(Math.floor(localMs(at) / DAY_MS) + 1), '00:00'),
    datesBetween: (first, last) => {
      const dates: { date: string; weekday: number }[] = [];
      for (let day = Math.floor(localMs(first) / DAY_MS); day <= Math.floor(localMs(last) / DAY_MS); day += 1)
        dates.push({ date: dateOf(day), weekday: weekdayOf(day) });
      return dates;
    },
    instantOf,
  };
};

type Turn = { at: number; offsetMs: number };

/** The offsets from UTC that count in the range: the first one, and each that follows. */
const turnsOf = (zone: string, from: number, to: number): [Turn, ...Turn[]] => {
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  const turns: [Turn, ...Turn[]] = [{ at: from, offsetMs: at.offsetNanoseconds / 1e6 }];
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (next === null || next.epochMilliseconds > to) return turns;
    turns.push({ at: next.epochMilliseconds, offsetMs: next.offsetNanoseconds / 1e6 });
    at = next;
  }
};

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The first of January 1970, day 0, was a Thursday. */
const weekdayOf = (day: number): number => ((day + 3) % 7) + 1;

/** A local time as clients write it: "2026-03-08T08:00:00-07:00". */
export const localTime = (zone: string, at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });
