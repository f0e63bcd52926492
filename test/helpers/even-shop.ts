import type { ShopRules } from '../../src/features/availability/types.ts';
import { zoneClock } from '../../src/values/zone-clock.ts';

export const MINUTE = 60_000;
export const DAY_START = Date.parse('2026-06-01T00:00:00Z');
/** "9:05" on the day of the tests, in UTC, which is the shop's zone. */
export const at = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return DAY_START + (hours * 60 + minutes) * MINUTE;
};
export const timeOf = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString().slice(11, 16);

/** A little over a kilometre a minute: so many kilometres are so many whole minutes. */
export const EVEN = Array<number>(24).fill(61);
export const shopWith = (speeds: readonly number[]): ShopRules => ({
  zone: 'UTC',
  clock: zoneClock('UTC', DAY_START - 7 * 86_400_000, DAY_START + 7 * 86_400_000),
  ...{ bufferBefore: 0, bufferAfter: 0, lead: 0, horizon: 0, jobsPerDay: null, roadFactor: 1 },
  ...{ speeds, areas: [], outsideArea: 'block' },
  whereabouts: new WeakMap(),
  measured: () => undefined,
});
export const evenShop = shopWith(EVEN);

const KM_PER_DEGREE = (6_371 * Math.PI) / 180;
/** So many kilometres north of the start. */
export const north = (kilometres: number) => ({ address: null, lat: kilometres / KM_PER_DEGREE, lng: 0 });
export const START = { lat: 0, lng: 0 };
