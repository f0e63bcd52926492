import { describe, expect, test } from 'bun:test';
import { driveBetween, greatCircleKm } from '../../../src/features/availability/travel.ts';
import type { ShopRules } from '../../../src/features/availability/types.ts';
import { zoneClock } from '../../../src/values/zone-clock.ts';
import { seeded } from '../../helpers/seeded.ts';

const ZONE = 'America/Los_Angeles';
const MIDNIGHT = Date.parse('2031-03-03T00:00:00-08:00');
const HOUR_MS = 3_600_000;

const shopWith = (overrides: Partial<ShopRules>): ShopRules => ({
  zone: ZONE,
  clock: zoneClock(ZONE, MIDNIGHT - 48 * HOUR_MS, MIDNIGHT + 96 * HOUR_MS),
  ...{ bufferBefore: 0, bufferAfter: 0, lead: 0, horizon: 0, jobsPerDay: null, roadFactor: 1 },
  speeds: Array.from({ length: 24 }, () => 60),
  ...{ areas: [], outsideArea: 'block', whereabouts: new WeakMap(), measured: () => undefined },
  ...overrides,
});

/** A degree of latitude is 111.195 km on the sphere of the formula. */
const NORTH = { lat: 35, lng: -118 };
const SOUTH = { lat: 34, lng: -118 };

describe('the great circle', () => {
  test('agrees with known distances', () => {
    expect(greatCircleKm(SOUTH, NORTH)).toBeCloseTo(111.195, 2);
    // Los Angeles to New York, between their airports.
    expect(greatCircleKm({ lat: 33.9425, lng: -118.4081 }, { lat: 40.6398, lng: -73.7789 })).toBeCloseTo(
      3974,
      -1,
    );
    expect(greatCircleKm(SOUTH, SOUTH)).toBe(0);
    expect(greatCircleKm({ lat: 0, lng: 179.5 }, { lat: 0, lng: -179.5 })).toBeCloseTo(111.195, 2);
  });
});

describe('a drive', () => {
  test('takes its kilometres by road at the speed of the hour, rounded up to the minute', () => {
    expect(driveBetween(shopWith({}), SOUTH, NORTH, MIDNIGHT)).toEqual({
      ...{ minutes: 112, kilometres: 111.2, source: 'estimate' },
    });
    expect(driveBetween(shopWith({ roadFactor: 1.5 }), SOUTH, NORTH, MIDNIGHT).minutes).toBe(167);
    expect(driveBetween(shopWith({}), SOUTH, SOUTH, MIDNIGHT).minutes).toBe(0);
  });

  test('goes on at the next hour’s speed: 30 min at 60 km/h, then the rest at 30', () => {
    const speeds = Array.from({ length: 24 }, (_, hour) => (hour < 8 ? 60 : 30));
    const leaving = MIDNIGHT + 7.5 * HOUR_MS;
    // 111.195 km: 30 km until eight, 81.195 km at 30 km/h are 162.39 min.
    expect(driveBetween(shopWith({ speeds }), SOUTH, NORTH, leaving).minutes).toBe(193);
  });

  test('reads the hour on the clocks of the shop, also when they are set', () => {
    const speeds = Array.from({ length: 24 }, (_, hour) => (hour >= 3 ? 120 : 30));
    const sunday = Date.parse('2031-03-09T01:30:00-08:00');
    const clock = zoneClock(ZONE, sunday - 24 * HOUR_MS, sunday + 24 * HOUR_MS);
    // At 02:00 it is 03:00: 15 km in the first half hour, 96.195 km at 120 km/h are 48.1 min.
    expect(driveBetween(shopWith({ speeds, clock }), SOUTH, NORTH, sunday).minutes).toBe(79);
  });

  test('never arrives earlier for leaving later, and a way round is never shorter', () => {
    const random = seeded('drives');
    for (let run = 0; run < 300; run += 1) {
      const speeds = Array.from({ length: 24 }, () => 10 + random(60));
      const shop = shopWith({ speeds });
      const point = () => ({ lat: 33.8 + random(60) / 100, lng: -118.5 + random(60) / 100 });
      const [a, b, c] = [point(), point(), point()];
      const leaving = MIDNIGHT + random(24 * 60) * 60_000;
      const later = leaving + random(120) * 60_000;
      const arrival = (from: typeof a, to: typeof a, at: number): number =>
        at + driveBetween(shop, from, to, at).minutes * 60_000;
      expect(arrival(a, b, later)).toBeGreaterThanOrEqual(arrival(a, b, leaving));
      expect(arrival(b, c, arrival(a, b, leaving))).toBeGreaterThanOrEqual(arrival(a, c, leaving));
    }
  });

  test('what was measured counts instead of the estimate', () => {
    const shop = shopWith({ measured: () => 7 });
    expect(driveBetween(shop, SOUTH, NORTH, MIDNIGHT)).toMatchObject({ minutes: 7, source: 'measured' });
  });
});
