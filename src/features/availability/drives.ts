import { localTime } from '../../values/zone-clock.ts';
import { fails, type Outcome, passes, withBook } from './outcome.ts';
import { locate } from './places.ts';
import { type Drive, driveBetween } from './travel.ts';
import type { ShopRules, Visit } from './types.ts';
import { endOf, nearby } from './visits.ts';

const MINUTE_MS = 60_000;

/** Is there time to drive here from where the technician is before? Every lane counts. */
export const travelBefore = withBook((shop, book, wish) => {
  const here = locate(shop, wish.place);
  if (here === undefined) return passes('The job has no place: no drive is reckoned.');
  const starts = wish.from - wish.before;
  const around = placed(shop, nearby(book, wish));
  const before = around.filter(({ visit }) => endOf(visit) <= starts);
  const last = before.reduce((latest, { visit }) => Math.max(latest, visit.from), Number.NEGATIVE_INFINITY);
  const legs = before
    .filter(({ visit }) => visit.to > last || visit.from === last)
    .map(({ visit, there }) => {
      const drive = driveBetween(shop, there.point, here.point, endOf(visit));
      return legOf({ visit, drive, gap: starts - endOf(visit), isCentre: there.isCentre || here.isCentre });
    });
  // Behind the next job the drive is another one, and may be shorter: measured drives know no triangles.
  const next = around.reduce(
    (soonest, { visit }) => (endOf(visit) > starts ? Math.min(soonest, endOf(visit)) : soonest),
    Number.POSITIVE_INFINITY,
  );
  return judgeLegs(
    shop,
    { legs, way: 'from' },
    (leg) => Math.min(endOf(leg.visit) + leg.drive.minutes * MINUTE_MS, next) + wish.before,
  );
});

/** Is there time to drive on from here? */
export const travelAfter = withBook((shop, book, wish) => {
  const here = locate(shop, wish.place);
  if (here === undefined) return passes('The job has no place: no drive is reckoned.');
  const ends = wish.to + wish.after;
  const after = placed(shop, nearby(book, wish)).filter(({ visit }) => visit.from - visit.before >= ends);
  const first = after.reduce((earliest, { visit }) => Math.min(earliest, visit.to), Number.POSITIVE_INFINITY);
  const legs = after
    .filter(({ visit }) => visit.from < first)
    .map(({ visit, there }) => {
      const drive = driveBetween(shop, here.point, there.point, ends);
      const gap = visit.from - visit.before - ends;
      return legOf({ visit, drive, gap, isCentre: there.isCentre || here.isCentre });
    });
  return judgeLegs(shop, { legs, way: 'to' }, (leg) => endOf(leg.visit) + wish.before);
});

/** Visits whose place is known: between others any drive may lie, so the last known place counts. */
const placed = (shop: ShopRules, visits: readonly Visit[]) =>
  visits.flatMap((visit) => {
    const there = locate(shop, visit.place);
    return there === undefined ? [] : [{ visit, there }];
  });

type Leg = { visit: Visit; drive: Drive; gap: number; isCentre: boolean; short: number };

const legOf = (leg: Omit<Leg, 'short'>): Leg => ({
  ...leg,
  short: Math.ceil(leg.drive.minutes - leg.gap / MINUTE_MS),
});

const judgeLegs = (
  shop: ShopRules,
  { legs, way }: { legs: readonly Leg[]; way: 'from' | 'to' },
  retryAt: (leg: Leg) => number,
): Outcome => {
  const worst = legs.reduce<Leg | undefined>(
    (one, leg) => (one === undefined || leg.short > one.short ? leg : one),
    undefined,
  );
  if (worst === undefined) return passes(`There is no job with a place to drive ${way}.`, { minutes: null });
  const { drive, gap, visit, isCentre } = worst;
  const details = {
    appointment_id: visit.id,
    minutes: drive.minutes,
    gap_minutes: Math.floor(gap / MINUTE_MS),
    kilometres: drive.kilometres,
    source: drive.source,
    is_area_centre: isCentre,
  };
  const message = `drive ${drive.minutes} min ${way} the ${localTime(shop.zone, visit.from).slice(11, 16)} job, gap ${details.gap_minutes} min`;
  return worst.short <= 0
    ? passes(message, details)
    : fails(message, { ...details, short_minutes: worst.short }, retryAt(worst));
};
