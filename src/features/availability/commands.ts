import type { Sql, Transaction } from '../../database/sql.ts';
import { invalid } from '../../errors.ts';
import type { Place } from '../../values/place.ts';
import { readCalendars } from './calendars.ts';
import { reckonedInside } from './measuring.ts';
import { instantOf } from './outcome.ts';
import { termsOf } from './places.ts';
import { deleteExpiredHolds, lockTechnician, readVehicleVisits } from './queries.ts';
import { failureOf, hasOtherTimes } from './refusals.ts';
import { type Finding, judge, judgeSpan, type RuleName } from './rules.ts';
import { type Search, startsOf } from './starts.ts';
import type { Book, ShopRules, Span, Travel, Wish } from './types.ts';
import { overlapping } from './visits.ts';

const NEXT_STARTS = 3;
const NEXT_STARTS_WITHIN_MS = 7 * 86_400_000;
const MINUTE_MS = 60_000;
/** About as long as a booking takes. */
const LOOK_AGAIN_AFTER_MS = [10, 20];

/** What `force` with a reason may pass over; a vehicle cannot be in two places. */
const FORCIBLE: readonly RuleName[] = [
  ...(['service_area', 'overlap', 'hours', 'travel_before', 'travel_after', 'jobs_per_day'] as const),
];

/** A job as it would stand in the calendar. */
export type Planned = {
  /** Null for a new one. */
  id: string | null;
  technician_id: string | null;
  vehicle_id: string | null;
  starts_at: string;
  ends_at: string;
  place: Place | null;
  skills: readonly string[];
  /** Its own, kept while it keeps its place; without them those of the settings count. */
  buffers?: Buffers;
};

type Buffers = { buffer_before_minutes: number; buffer_after_minutes: number };

export type How = {
  /** Those that this change could break. */
  rules: readonly RuleName[];
  isForced: boolean;
  isPublic: boolean;
  /** Without the locks: what is seen may change, and nothing is tidied. */
  isLook: boolean;
  /** The instant now. */
  now: string;
  travel?: Travel | undefined;
};

/** What the guard found, to be stored with the job. */
export type Permit = Buffers & {
  /** Above 0 only when the job is forced over another one. */
  lane: number;
  /** The force was needed. */
  isForced: boolean;
  trip_fee_cents: number;
  needs_review: boolean;
};

/**
 * Locks the technician: nobody else writes into the calendar before this transaction ends. 422 for who is none.
 * Where others stand in the line, `look` throws first if the guard refuses as things are: so of a hundred who want one
 * start the losers do not wait for each other.
 */
export const lockCalendar = async (
  tx: Transaction,
  technicianId: string,
  look?: () => Promise<unknown>,
): Promise<void> => {
  const found =
    (await lockUnlessRefused(tx, technicianId, look)) ?? (await lockTechnician(tx, technicianId, true));
  if (found === undefined) throw invalid('technician_id', 'is not a technician of this shop');
  if (!found.is_active) throw invalid('technician_id', 'is a technician who is not active');
};

/** Undefined when the guard would let it pass, and others stand in the line: then it is time to join them. */
const lockUnlessRefused = async (tx: Transaction, technicianId: string, look?: () => Promise<unknown>) => {
  if (look === undefined) return undefined;
  for (const pauseMs of LOOK_AGAIN_AFTER_MS) {
    const found = await lockTechnician(tx, technicianId, false);
    if (found !== undefined) return found;
    await look();
    await Bun.sleep(pauseMs);
  }
  return undefined;
};

/**
 * The booking guard, to be called under lockCalendar; the exclusion constraints stay the guarantee for writers who
 * take no lock. Throws 422 for what can never be and 409, with the next free starts, for what cannot be there.
 */
export const passGuard = async (tx: Transaction, planned: Planned, how: How): Promise<Permit> => {
  const span = { from: Date.parse(planned.starts_at), to: Date.parse(planned.ends_at) };
  const bare = {
    ...{ ...span, id: planned.id, place: planned.place, skills: planned.skills },
    ...{ before: 0, after: 0, vehicleVisits: [], isPublic: how.isPublic, now: Date.parse(how.now) },
  };
  const [absurd] = judgeSpan(bare, how.rules).filter(({ pass }) => !pass);
  if (absurd !== undefined) throw failureOf(absurd);
  // Read over the days to come as well, so that a refusal can tell the next starts without reading again.
  const ahead = { from: span.from, to: Math.max(span.to, span.from + NEXT_STARTS_WITHIN_MS) };
  const { shop, book } = await readCalendar(tx, planned, { span: ahead, now: bare.now, isLook: how.isLook });
  const vehicleVisits = await vehicleVisitsOf(tx, planned, ahead);
  const wish = { ...bare, ...buffersOf(shop, planned), vehicleVisits };
  const { travel } = how;
  const refused = await reckonedInside(tx, { shop, travel, mustAsk: true }, (rules) =>
    judge(rules, book, wish, how.rules).filter(({ pass }) => !pass),
  );
  const [final] = refused.filter(({ rule }) => !(how.isForced && FORCIBLE.includes(rule)));
  if (final !== undefined) {
    const details = await reckonedInside(tx, { shop, travel, mustAsk: false }, (rules) =>
      nextStarts({ shop: rules, book, wish, final }),
    );
    throw failureOf(final, { isPublic: how.isPublic, details });
  }
  return {
    lane: refused.some(({ rule }) => rule === 'overlap') ? laneBeside(book, wish) : 0,
    isForced: refused.length > 0,
    buffer_before_minutes: wish.before / MINUTE_MS,
    buffer_after_minutes: wish.after / MINUTE_MS,
    ...termsOf(shop, planned.place),
  };
};

type When = { span: Span; now: number; isLook: boolean };

const readCalendar = async (
  tx: Sql,
  { technician_id: technicianId }: Planned,
  { isLook, ...when }: When,
): Promise<{ shop: ShopRules; book: Book | undefined }> => {
  const { shop, books, hasExpiredHolds } = await readCalendars(tx, { ...when, whose: { technicianId } });
  if (technicianId !== null && hasExpiredHolds && !isLook)
    await deleteExpiredHolds(tx, technicianId, when.now);
  return { shop, book: books[0] };
};

const vehicleVisitsOf = async (tx: Sql, { id, vehicle_id: vehicleId }: Planned, span: Span) =>
  vehicleId === null ? [] : readVehicleVisits(tx, { id, vehicleId, ...span });

const buffersOf = (shop: ShopRules, { buffers }: Planned): { before: number; after: number } =>
  buffers === undefined
    ? { before: shop.bufferBefore, after: shop.bufferAfter }
    : {
        before: buffers.buffer_before_minutes * MINUTE_MS,
        after: buffers.buffer_after_minutes * MINUTE_MS,
      };

const laneBeside = (book: Book | undefined, wish: Wish): number =>
  Math.max(...(book === undefined ? [] : overlapping(book, wish)).map(({ lane }) => lane), -1) + 1;

type Refused = { shop: ShopRules; book: Book | undefined; wish: Wish; final: Finding };

/** The next starts of this technician that every rule would let pass. */
const nextStarts = ({ shop, book, wish, final }: Refused): { next_starts?: string[] } => {
  if (book === undefined || !hasOtherTimes(final)) return {};
  // When a vehicle is somewhere else is not a stranger's to know.
  const vehicleVisits = wish.isPublic ? [] : wish.vehicleVisits;
  const search: Search = { shop, lengthMs: wish.to - wish.from, wish: { ...wish, vehicleVisits } };
  const span = { from: wish.from + 1, to: wish.from + NEXT_STARTS_WITHIN_MS };
  const starts = startsOf(search, book, span).take(NEXT_STARTS);
  return { next_starts: starts.map(({ at }) => instantOf(at)).toArray() };
};
