import { describe, expect, test } from 'bun:test';
import { refusal } from '../../../src/features/availability/rules.ts';
import { type Search, STEP_MS, startsOf, wishAt } from '../../../src/features/availability/starts.ts';
import type { Area, Book, ShopRules, Span, Visit } from '../../../src/features/availability/types.ts';
import type { Place } from '../../../src/values/place.ts';
import { zoneClock } from '../../../src/values/zone-clock.ts';
import { shopWith } from '../../helpers/even-shop.ts';
import { SEED } from '../../helpers/seeded.ts';
import { type Chance, chance } from './days.ts';

const RUNS = 600;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const ZONES = ['America/Los_Angeles', 'Europe/London', 'Australia/Lord_Howe'];
/** A Friday before a Sunday on which some of these clocks are set. */
const FRIDAY = Date.parse('2031-03-07T00:00:00Z');

const anArea = (luck: Chance): Area => ({
  ...{ id: `${luck.below(1e6)}`, name: 'A', kind: 'radius', radius_km: 5 + luck.below(60) },
  ...{ lat: 34 + luck.below(50) / 100, lng: -118, codes: [], trip_fee_cents: 0 },
});

const aPlace = (luck: Chance): Place | null => {
  const lng = luck.isTrue(5) ? -70 : -118 + luck.below(50) / 100;
  return luck.pick([
    null,
    { address: 'Somewhere 1', lat: null, lng: null },
    ...Array.from({ length: 4 }, () => ({ address: null, lat: 34 + luck.below(60) / 100, lng })),
  ]);
};

/** Jobs of any length, some forced over others, with gaps in which some drives fit. */
const visitsOf = (luck: Chance): Visit[] => {
  const visits: Visit[] = [];
  let from = FRIDAY - 40 * HOUR_MS;
  for (let at = 0; at < 8 + luck.below(12); at += 1) {
    from += luck.below(9 * 60) * MINUTE_MS;
    const to = from + (15 + luck.below(luck.isTrue(10) ? 40 * 60 : 180)) * MINUTE_MS;
    const buffers = { before: luck.below(20) * MINUTE_MS, after: luck.below(20) * MINUTE_MS };
    visits.push({
      ...{ id: `visit ${at}`, from, to, ...buffers, place: aPlace(luck), lane: 0 },
      isActive: luck.isTrue(85),
    });
    if (!luck.isTrue(20)) from = to + buffers.after;
  }
  return visits;
};

const openOf = (luck: Chance): Span[] => {
  if (luck.isTrue(30)) return [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }];
  return Array.from({ length: 6 }, (_, day) => {
    const opens =
      FRIDAY + (day - 1) * 24 * HOUR_MS + (8 + luck.below(6)) * HOUR_MS + luck.below(60) * MINUTE_MS;
    return { from: opens, to: opens + (3 + luck.below(6)) * HOUR_MS };
  });
};

const aSearch = (luck: Chance): { search: Search; book: Book; span: Span } => {
  const zone = luck.pick(ZONES);
  const shop: ShopRules = {
    ...shopWith(Array.from({ length: 24 }, () => 15 + luck.below(60))),
    ...{ zone, clock: zoneClock(zone, FRIDAY - 200 * HOUR_MS, FRIDAY + 300 * HOUR_MS) },
    ...{ jobsPerDay: luck.pick([null, null, 2, 4]), roadFactor: 1.3, whereabouts: new WeakMap() },
    areas: luck.isTrue(30) ? [anArea(luck), anArea(luck)] : [],
    ...{ lead: luck.below(600) * MINUTE_MS, horizon: luck.below(72) * HOUR_MS },
  };
  const wish = {
    ...{ id: null, before: luck.below(30) * MINUTE_MS, after: luck.below(30) * MINUTE_MS },
    ...{
      place: aPlace(luck),
      skills: [],
      isPublic: luck.isTrue(30),
      now: FRIDAY + luck.below(600) * MINUTE_MS,
    },
    vehicleVisits: luck.isTrue(20)
      ? [{ id: 'v', from: FRIDAY + 9 * HOUR_MS, to: FRIDAY + 15 * HOUR_MS }]
      : [],
  };
  const book = {
    technician: { id: 't', name: 'T', isActive: true, skills: [], start: null },
    ...{ open: openOf(luck), visits: visitsOf(luck) },
  };
  const lengthMs = (15 + luck.below(180)) * MINUTE_MS;
  return { search: { shop, wish, lengthMs }, book, span: { from: FRIDAY, to: FRIDAY + 60 * HOUR_MS } };
};

describe('a search skips from obstacle to obstacle, and passes over no start that the rules would let pass', () => {
  test(`in ${RUNS} random calendars (seed ${SEED})`, () => {
    const luck = chance('search');
    let found = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const { search, book, span } = aSearch(luck);
      const good: number[] = [];
      for (let at = span.from; at < span.to; at += STEP_MS)
        if (refusal(search.shop, book, wishAt(search, at)) === undefined) good.push(at);
      const offered = [...startsOf(search, book, span)].map(({ at }) => at);
      expect([run, offered]).toEqual([run, good]);
      found += good.length;
    }
    expect(found).toBeGreaterThan(RUNS);
  });
});
