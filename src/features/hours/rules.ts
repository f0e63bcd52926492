import { invalid } from '../../errors.ts';
import { isBefore, minutesBetween } from '../../values/time.ts';

/** Wall time in the shop's zone: weekday 1 is Monday, "24:00" the end of a day. */
export type WeeklySpan = { weekday: number; from: string; to: string };

// Two years, one of them a leap year.
const MAX_MINUTES = 731 * 24 * 60;

/** What is wrong with which span; of two that overlap it is the later one. Spans that touch are fine. */
export const faultsOf = (spans: readonly WeeklySpan[]): { at: number; message: string }[] => {
  const ends = new Map<number, string>();
  return spans
    .map((span, at) => ({ ...span, at }))
    .sort(byWeek)
    .flatMap(({ weekday, from, to, at }) => {
      const busyUntil = ends.get(weekday) ?? '';
      if (busyUntil < to) ends.set(weekday, to);
      if (from >= to) return [{ at, message: 'must have its from before its to' }];
      return from < busyUntil ? [{ at, message: 'must not overlap another span of its weekday' }] : [];
    });
};

/** As the week goes. */
export const inOrder = (spans: readonly WeeklySpan[]): WeeklySpan[] => [...spans].sort(byWeek);

const byWeek = (one: WeeklySpan, other: WeeklySpan): number =>
  one.weekday - other.weekday || (one.from < other.from ? -1 : Number(one.from > other.from));

/** Throws 422 for an empty or backward range, or one over two years. */
export const assertSpan = (startsAt: string, endsAt: string): void => {
  if (!isBefore(startsAt, endsAt)) throw invalid('ends_at', 'must be after starts_at');
  if (minutesBetween(startsAt, endsAt) > MAX_MINUTES)
    throw invalid('ends_at', 'must be at most two years after starts_at');
};
