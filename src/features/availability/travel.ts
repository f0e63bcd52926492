import type { Point } from '../../values/place.ts';
import type { ShopRules } from './types.ts';

const EARTH_KM = 6_371;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Jobs further apart than this have a night between them: no drive is reckoned. */
export const LONGEST_DRIVE_MS = 24 * HOUR_MS;

export type Drive = { minutes: number; kilometres: number; source: 'estimate' | 'measured' };

/** How long the drive takes for whom leaves at `leaving` (milliseconds since 1970). */
export const driveBetween = (shop: ShopRules, from: Point, to: Point, leaving: number): Drive => {
  const kilometres = greatCircleKm(from, to) * shop.roadFactor;
  const measured = shop.measured(from, to);
  return {
    minutes: measured ?? estimatedMinutes(shop, kilometres, leaving),
    kilometres: Math.round(kilometres * 10) / 10,
    source: measured === undefined ? 'estimate' : 'measured',
  };
};

/**
 * Whole minutes, rounded up, hour by hour at that hour's speed: so who leaves later never arrives earlier, and a job
 * that is taken out of the day never makes the drive between its neighbours too long.
 */
const estimatedMinutes = ({ clock, speeds }: ShopRules, kilometres: number, leaving: number): number => {
  let left = kilometres;
  let at = leaving;
  while (left > 0 && at - leaving < LONGEST_DRIVE_MS) {
    const speed = speeds[clock.hourAt(at)] ?? 1;
    const untilNextHour = clock.untilNextHour(at);
    const needed = (left / speed) * HOUR_MS;
    at += Math.min(needed, untilNextHour, leaving + LONGEST_DRIVE_MS - at);
    left = needed <= untilNextHour ? 0 : left - (untilNextHour / HOUR_MS) * speed;
  }
  return Math.ceil((at - leaving) / MINUTE_MS);
};

/** The haversine formula. */
export const greatCircleKm = (from: Point, to: Point): number => {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const sine = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const chord =
    sine(to.lat - from.lat) +
    Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * sine(to.lng - from.lng);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
};
