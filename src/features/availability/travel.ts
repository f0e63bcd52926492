import type { Place, Point } from '../../values/place.ts';
import type { Area, ShopRules } from './types.ts';

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
    at += Math.min(needed, untilNextHour);
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

export type Located = { point: Point; isCentre: boolean };

/** Where a place lies. An address without coordinates is taken to be at the centre of its area. */
export const locate = ({ areas }: ShopRules, place: Place | null): Located | undefined => {
  if (place === null) return undefined;
  const { lat, lng, address } = place;
  if (lat !== null && lng !== null) return { point: { lat, lng }, isCentre: false };
  const area = areas.find((one) => hasCode(one, address)) ?? areas[0];
  return area === undefined ? undefined : { point: { lat: area.lat, lng: area.lng }, isCentre: true };
};

/** The area that a place lies in; of several the one with the lowest trip fee, for `areas` are in that order. */
export const areaOf = (shop: ShopRules, place: Place): Area | undefined =>
  shop.areas.find((area) => (area.kind === 'radius' ? isNear(area, place) : hasCode(area, place.address)));

/** What a job at this place costs beside its work, and whether somebody should look at it. */
export const termsOf = (
  shop: ShopRules,
  place: Place | null,
): { trip_fee_cents: number; needs_review: boolean } => {
  const area = place === null ? undefined : areaOf(shop, place);
  return {
    trip_fee_cents: area?.trip_fee_cents ?? 0,
    needs_review: place !== null && shop.areas.length > 0 && area === undefined,
  };
};

const isNear = (area: Area, { lat, lng }: Place): boolean =>
  // An address without coordinates cannot be measured: it stands at a centre, and so inside.
  lat === null || lng === null || greatCircleKm(area, { lat, lng }) <= (area.radius_km ?? 0);

/** "94110" stands in "1 Main St, San Francisco, CA 94110-1234", and not in "194110 Long Road". */
const hasCode = ({ postal_codes: codes }: Area, address: string | null): boolean => {
  if (address === null) return false;
  const words = ` ${address.toUpperCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return codes.some((code) => words.includes(` ${code.replace(/[^\p{L}\p{N}]+/gu, ' ')} `));
};
