import type { Place, Point } from '../../values/place.ts';
import { greatCircleKm } from './travel.ts';
import type { Area, ShopRules, Whereabouts } from './types.ts';

export type Located = { point: Point; isCentre: boolean };

/** Where a place lies. An address without coordinates is taken to be at the centre of its area. */
export const locate = (shop: ShopRules, place: Place | null): Located | undefined => {
  if (place === null) return undefined;
  const { point, isCentre } = whereabouts(shop, place);
  return point === undefined ? undefined : { point, isCentre };
};

/** What a job at this place costs beside its work, and whether somebody should look at it. */
export const termsOf = (
  shop: ShopRules,
  place: Place | null,
): { trip_fee_cents: number; needs_review: boolean } => {
  if (place === null || shop.areas.length === 0) return { trip_fee_cents: 0, needs_review: false };
  const { area, isAssumed } = whereabouts(shop, place);
  return { trip_fee_cents: area?.trip_fee_cents ?? 0, needs_review: area === undefined || isAssumed };
};

/** Looked up once for each place: a search asks it of every job at every start. */
export const whereabouts = (shop: ShopRules, place: Place): Whereabouts => {
  const known = shop.whereabouts.get(place);
  if (known !== undefined) return known;
  const found = lookUp(shop.areas, place);
  shop.whereabouts.set(place, found);
  return found;
};

/** Of several areas the one with the lowest trip fee counts, for `areas` are in that order. */
const lookUp = (areas: readonly Area[], { lat, lng, address }: Place): Whereabouts => {
  const words = address === null ? '' : wordsOf(address);
  const hasCode = (area: Area): boolean => area.codes.some((code) => words.includes(code));
  if (lat !== null && lng !== null) {
    const point = { lat, lng };
    const isNear = (area: Area): boolean => greatCircleKm(area, point) <= (area.radius_km ?? -1);
    return {
      point,
      isCentre: false,
      area: areas.find((one) => hasCode(one) || isNear(one)),
      isAssumed: false,
    };
  }
  const named = areas.find(hasCode);
  // Without coordinates nobody can tell whether it is inside a radius.
  const area = named ?? areas.find(({ kind }) => kind === 'radius');
  const centre = area ?? areas[0];
  return {
    point: centre === undefined ? undefined : { lat: centre.lat, lng: centre.lng },
    ...{ isCentre: true, area, isAssumed: named === undefined },
  };
};

/** "94110" stands in "1 Main St, San Francisco, CA 94110-1234", and not in "194110 Long Road". */
export const wordsOf = (text: string): string =>
  ` ${text
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
