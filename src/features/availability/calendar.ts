import type { Place, Point } from '../../values/place.ts';
import { zoneClock } from '../../values/zone-clock.ts';
import { wordsOf } from './places.ts';
import { LONGEST_DRIVE_MS } from './travel.ts';
import type { Area, Book, ShopRules, Span, Visit } from './types.ts';
import { LONGEST_JOB_MS } from './visits.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** As PostgreSQL gives them: spans are pairs of milliseconds since 1970. */
export type ShopRow = {
  timezone: string;
  buffer_before_minutes: number;
  buffer_after_minutes: number;
  lead_minutes: number;
  horizon_days: number;
  jobs_per_day: number | null;
  travel_road_percent: number;
  travel_speeds_kmh: number[];
  outside_area: 'block' | 'review';
  areas: (Omit<Area, 'codes'> & { postal_codes: string[] })[];
  closures: [number, number][];
};

export type TechnicianRow = {
  id: string;
  name: string;
  is_active: boolean;
  skills: string[];
  start: Point | null;
  hours: { weekday: number; from: string; to: string }[] | null;
  time_off: [number, number][];
  extra_hours: [number, number][];
  /** One after the other, their fields between separators: five times as fast as JSON. Null: none. */
  visits: string | null;
  has_expired_holds: boolean;
};

/** What must be known to judge starts in `asked`: jobs, drives and hours reach over its ends. */
export const rangeAround = ({ from, to }: Span): Span => ({
  from: from - LONGEST_JOB_MS - LONGEST_DRIVE_MS,
  to: to + LONGEST_JOB_MS + LONGEST_DRIVE_MS,
});

export const shopRulesOf = (row: ShopRow, range: Span): ShopRules => ({
  zone: row.timezone,
  // A day more on either side, for the drives and days at the range's ends.
  clock: zoneClock(row.timezone, range.from - DAY_MS, range.to + DAY_MS),
  bufferBefore: row.buffer_before_minutes * MINUTE_MS,
  bufferAfter: row.buffer_after_minutes * MINUTE_MS,
  lead: row.lead_minutes * MINUTE_MS,
  horizon: row.horizon_days * DAY_MS,
  jobsPerDay: row.jobs_per_day,
  roadFactor: row.travel_road_percent / 100,
  speeds: row.travel_speeds_kmh,
  areas: row.areas.map(({ postal_codes: codes, ...area }) => ({ ...area, codes: codes.map(wordsOf) })),
  whereabouts: new WeakMap(),
  outsideArea: row.outside_area,
  measured: () => undefined,
});

export const bookOf = (
  row: TechnicianRow,
  shop: { rules: ShopRules; closures: readonly [number, number][] },
  range: Span,
): Book => ({
  technician: {
    ...{ id: row.id, name: row.name, isActive: row.is_active, skills: row.skills, start: row.start },
  },
  open: without(
    row.hours === null
      ? [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }]
      : joined([...weekly(shop.rules, row.hours, range), ...row.extra_hours.map(spanOf)]),
    joined([...row.time_off, ...shop.closures].map(spanOf)),
  ),
  visits: row.visits === null ? [] : row.visits.split('\x1e').map(visitOf),
});

const visitOf = (text: string): Visit => {
  const [id = '', from, to, before, after, lane, isActive, lat = '', lng = '', address = ''] =
    text.split('\x1f');
  return {
    id,
    from: Number(from),
    to: Number(to),
    before: Number(before) * MINUTE_MS,
    after: Number(after) * MINUTE_MS,
    lane: Number(lane),
    isActive: isActive === 't',
    place: placeOf(lat, lng, address),
  };
};

const placeOf = (lat: string, lng: string, address: string): Place | null => {
  const words = address === '' ? null : address;
  if (lat !== '') return { lat: Number(lat), lng: Number(lng), address: words };
  return words === null ? null : { lat: null, lng: null, address: words };
};

const spanOf = ([from, to]: [number, number]): Span => ({ from, to });

/** Wall-clock hours become instants date by date, so that a day keeps its hours when the clocks are set. */
const weekly = ({ clock }: ShopRules, hours: NonNullable<TechnicianRow['hours']>, range: Span): Span[] =>
  clock
    .datesBetween(range.from, range.to)
    .flatMap(({ date, weekday }) =>
      hours
        .filter((span) => span.weekday === weekday)
        .map((span) => ({ from: clock.instantOf(date, span.from), to: clock.instantOf(date, span.to) })),
    );

/** In order, those that touch or overlap made one; empty ones, which a skipped hour leaves, left out. */
const joined = (spans: readonly Span[]): Span[] => {
  const inOrder = spans.filter(({ from, to }) => from < to).sort((one, other) => one.from - other.from);
  const result: Span[] = [];
  for (const { from, to } of inOrder) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
};

/** `spans` with `gaps` cut out; both in order. */
const without = (spans: readonly Span[], gaps: readonly Span[]): Span[] =>
  spans.flatMap((span) => {
    const pieces: Span[] = [];
    let from = span.from;
    for (const gap of gaps) {
      if (gap.to <= from || gap.from >= span.to) continue;
      if (gap.from > from) pieces.push({ from, to: gap.from });
      from = Math.max(from, gap.to);
    }
    if (from < span.to) pieces.push({ from, to: span.to });
    return pieces;
  });
