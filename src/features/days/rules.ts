import type { Place, Point } from '../../values/place.ts';
import { type Located, locate } from '../availability/places.ts';
import { type Drive, driveBetween } from '../availability/travel.ts';
import type { ShopRules } from '../availability/types.ts';

const MINUTE_MS = 60_000;
const LONGEST_DRIVE_MINUTES = 1_440;

/** A job as the day sees it; times are milliseconds since 1970, buffers milliseconds. */
export type Stop = {
  id: string;
  status: 'scheduled' | 'en_route' | 'in_progress' | 'ready' | 'completed';
  from: number;
  to: number;
  before: number;
  after: number;
  place: Place | null;
  en_route_at: number | null;
  started_at: number | null;
  completed_at: number | null;
};

export type Leg = Drive & { from: string; is_area_centre: boolean };
export type Expected = {
  leg: Leg | null;
  leaveAt: number | null;
  arriveAt: number;
  lateMinutes: number;
  endsAt: number;
};
type Finish = Leg & { leaveAt: number; arriveAt: number };
export type Course = { stops: Expected[]; finish: Finish | null };

/** Where the technician was last, as far as that is known, and since when they can drive on. */
type Last = { id: string; there: Located; free: number };
type Given = { start: Point | null; stops: readonly Stop[]; now: number; dayStart: number };

/**
 * How the day is expected to go: who runs late is late at the next stop too, as far as drives, buffers and the length
 * of the jobs leave no room. `stops` are in order of their start.
 */
export const courseOf = (shop: ShopRules, { start, stops, now, dayStart }: Given): Course => {
  let last: Last | undefined =
    start === null
      ? undefined
      : { id: 'start', there: { point: start, isCentre: false }, free: Number.NEGATIVE_INFINITY };
  let free = Number.NEGATIVE_INFINITY;
  const expected: Expected[] = [];
  for (const stop of stops) {
    const there = locate(shop, stop.place);
    // Who is still at a job of the day before did not drive there from today's start.
    const origin = stop.from < dayStart && last?.id === 'start' ? undefined : last;
    const way = there === undefined || origin === undefined ? undefined : { origin, there };
    const one = expectedOf(shop, { stop, way, free, now });
    expected.push(one);
    free = Math.max(free, one.endsAt + stop.after);
    if (there !== undefined) last = { id: stop.id, there, free: one.endsAt + stop.after };
  }
  return { stops: expected, finish: finishOf(shop, { start, last, free }) };
};

type Way = { origin: Last; there: Located };
type Next = { stop: Stop; way: Way | undefined; free: number; now: number };

const expectedOf = (shop: ShopRules, { stop, way, free, now }: Next): Expected => {
  const length = stop.to - stop.from;
  const inTime = stop.from - stop.before;
  const ideal = way === undefined ? null : latestLeaving(shop, way, inTime);
  if (hasBegun(stop)) {
    const begins = stop.started_at ?? stop.from;
    const isOver = stop.status === 'completed';
    return {
      leg: way === undefined ? null : legOf(shop, way, stop.en_route_at ?? ideal ?? begins),
      leaveAt: stop.en_route_at,
      arriveAt: begins,
      lateMinutes: isOver ? 0 : minutesLate(begins, stop.from),
      endsAt: isOver ? (stop.completed_at ?? stop.to) : Math.max(stop.to, now),
    };
  }
  const isDriving = stop.status === 'en_route';
  const soonest = Math.max(way?.origin.free ?? free, now);
  const leaveAt =
    isDriving && stop.en_route_at !== null
      ? stop.en_route_at
      : ideal === null
        ? null
        : Math.max(ideal, soonest);
  const leg = way === undefined || leaveAt === null ? null : legOf(shop, way, leaveAt);
  const arrives = leg === null || leaveAt === null ? inTime : leaveAt + leg.minutes * MINUTE_MS;
  // Nobody who is not there yet arrives before now, nor begins before the stop before is done.
  const arriveAt = Math.max(arrives, free, now);
  const begins = Math.max(stop.from, arriveAt + stop.before);
  return {
    ...{ leg, leaveAt, arriveAt },
    lateMinutes: minutesLate(begins, stop.from),
    endsAt: begins + length,
  };
};

const finishOf = (
  shop: ShopRules,
  { start, last, free }: { start: Point | null; last: Last | undefined; free: number },
): Finish | null => {
  if (start === null || last === undefined || last.id === 'start') return null;
  const leg = legOf(shop, { origin: last, there: { point: start, isCentre: false } }, free);
  return { ...leg, leaveAt: free, arriveAt: free + leg.minutes * MINUTE_MS };
};

const hasBegun = ({ status }: Stop): boolean => status !== 'scheduled' && status !== 'en_route';

const minutesLate = (begins: number, planned: number): number =>
  Math.max(0, Math.floor((begins - planned) / MINUTE_MS));

const legOf = (shop: ShopRules, { origin, there }: Way, leaving: number): Leg => ({
  from: origin.id,
  ...driveBetween(shop, origin.there.point, there.point, leaving),
  is_area_centre: origin.there.isCentre || there.isCentre,
});

/** The last whole minute before `arrival` at which to leave; who leaves later never arrives earlier. */
const latestLeaving = (shop: ShopRules, { origin, there }: Way, arrival: number): number => {
  const leaving = (minutes: number): number => arrival - minutes * MINUTE_MS;
  const isInTime = (minutes: number): boolean =>
    driveBetween(shop, origin.there.point, there.point, leaving(minutes)).minutes <= minutes;
  let [low, high] = [0, LONGEST_DRIVE_MINUTES];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isInTime(middle)) high = middle;
    else low = middle + 1;
  }
  return leaving(low);
};
