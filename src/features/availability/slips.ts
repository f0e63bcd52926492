import { locate } from './places.ts';
import { judge, type RuleName, refusal } from './rules.ts';
import { type Search, type Start, startsOf, wishAt } from './starts.ts';
import { driveBetween } from './travel.ts';
import type { Book, ShopRules, Span, Visit } from './types.ts';

const MINUTE_MS = 60_000;
/** What a job that stays where it is can have against a new neighbour. */
const NEIGHBOURLY: readonly RuleName[] = ['overlap', 'travel_before', 'travel_after'];

/** What must be known of a job that is not over, beside its place in the calendar. */
export type Standing = {
  status: 'scheduled' | 'en_route' | 'in_progress' | 'ready';
  skills: readonly string[];
  vehicle_visits: readonly (Span & { id: string })[];
};
type Standings = ReadonlyMap<string, Standing>;
type Asked = Search & { standings: Standings };

export type Slip = { id: string; from: number; to: number };
/** `book` is the calendar as it would be by then. */
export type UrgentStart = Start & { slips: Slip[] };

/**
 * The first minute at which the technician can be there, if scheduled jobs of that day may begin later on the same day;
 * who drives or works, holds, hours and drives are kept. Moving the jobs, the last one first, and then booking succeeds.
 */
export const urgentStart = (
  search: Search,
  { standings, ...planned }: { book: Book; standings: Standings },
  span: Span,
): UrgentStart | undefined => {
  const asked: Asked = { ...search, stepMs: MINUTE_MS, standings };
  const { clock } = search.shop;
  const book = asExpected(asked, planned.book);
  let at = Math.max(span.from, soonestAt(asked, book));
  while (at < span.to) {
    const nextDay = clock.nextDayAt(at);
    const pushable = book.visits.filter((visit) => canBePushed(asked, { visit, at }));
    const fixed = book.visits.filter((visit) => !pushable.includes(visit));
    const open = bookWith(book, [...fixed, ...pushable.map(outOfTheWay)]);
    const found = startsOf(asked, open, { from: at, to: Math.min(nextDay, span.to) }).next();
    if (found.done === true) {
      at = nextDay;
      continue;
    }
    const outcome = pushed(asked, { book, fixed, pushable }, found.value.at);
    if ('slips' in outcome) return outcome;
    at = Math.max(found.value.at + MINUTE_MS, outcome.retryAt);
  }
  return undefined;
};

type Pushing = { book: Book; fixed: readonly Visit[]; pushable: readonly Visit[] };

/** Every job that is in the way goes to the next minute at which the rules let it. */
const pushed = (
  asked: Asked,
  { book, fixed, pushable }: Pushing,
  at: number,
): UrgentStart | { retryAt: number } => {
  const { shop, wish, lengthMs } = asked;
  const urgent: Visit = {
    ...{ id: '', from: at, to: at + lengthMs, before: wish.before, after: wish.after },
    ...{ place: wish.place, lane: 0, isActive: true },
  };
  const moved: Visit[] = [urgent];
  const placed: Visit[] = [];
  const slips: Slip[] = [];
  let first: Visit | undefined;
  for (const [index, visit] of pushable.entries()) {
    if (!isDisturbed(asked, visit, bookWith(book, moved))) {
      placed.push(visit);
      continue;
    }
    first ??= visit;
    const later = pushable.slice(index + 1).map(outOfTheWay);
    const from = earliestOf(
      moving(asked, visit),
      [
        bookWith(book, [...fixed, urgent, ...placed, ...later]),
        // As the calendar stands when this job is moved, before those ahead of it.
        bookWith(book, [...fixed, ...pushable.slice(0, index), ...later]),
      ],
      { from: visit.from + 1, to: shop.clock.nextDayAt(visit.from) },
    );
    if (from === undefined) return { retryAt: clearOf(asked, { book, first }, at) };
    const slipped = { ...visit, from, to: from + visit.to - visit.from, lane: 0, ...buffersOf(shop) };
    slips.push({ id: visit.id, from: visit.from, to: from });
    placed.push(slipped);
    moved.push(slipped);
  }
  const final = bookWith(book, [...fixed, ...placed]);
  const refused = refusal(shop, final, wishAt(asked, at));
  return refused === undefined ? { book: final, at, slips } : { retryAt: at };
};

const isDisturbed = (asked: Asked, visit: Visit, moved: Book): boolean => {
  const { from, to, before, after } = visit;
  const wish = { ...moving(asked, visit).wish, from, to, before, after };
  return judge(asked.shop, moved, wish, NEIGHBOURLY).some(({ pass }) => !pass);
};

/** While the first one is in the way, a later start pushes all of them still further. */
const clearOf = (asked: Asked, { book, first }: { book: Book; first: Visit }, at: number): number => {
  const to = asked.shop.clock.nextDayAt(at);
  const start = startsOf(asked, bookWith(book, [first]), { from: at, to }).next();
  return start.done === true ? to : start.value.at;
};

/** The first start that is good in all books; they differ in what stands in the calendar at which time. */
const earliestOf = (search: Search, books: readonly Book[], span: Span): number | undefined => {
  let from = span.from;
  for (;;) {
    const starts = books.map((book) => startsOf(search, book, { from, to: span.to }).next());
    const ats = starts.flatMap((start) => (start.done === true ? [] : [start.value.at]));
    if (ats.length < books.length) return undefined;
    const latest = Math.max(...ats);
    if (ats.every((at) => at === latest)) return latest;
    from = latest;
  }
};

/** A job that is moved takes the buffers of the settings, as every job that is booked. */
const moving = ({ shop, stepMs, standings, wish }: Asked, visit: Visit): Search => {
  const standing = standings.get(visit.id);
  return {
    ...{ shop, lengthMs: visit.to - visit.from, ...(stepMs === undefined ? {} : { stepMs }) },
    wish: {
      ...{ id: visit.id, place: visit.place, isPublic: false, now: wish.now, ...buffersOf(shop) },
      ...{ skills: standing?.skills ?? [], vehicleVisits: standing?.vehicle_visits ?? [] },
    },
  };
};

const buffersOf = ({ bufferBefore, bufferAfter }: ShopRules) => ({
  before: bufferBefore,
  after: bufferAfter,
});

const canBePushed = (
  { shop, standings, wish }: Asked,
  { visit, at }: { visit: Visit; at: number },
): boolean =>
  standings.get(visit.id)?.status === 'scheduled' &&
  visit.to > wish.now &&
  shop.clock.dayAt(visit.from) === shop.clock.dayAt(at);

/** It still counts among the jobs of the day. */
const outOfTheWay = (visit: Visit): Visit => ({ ...visit, isActive: false });

const bookWith = (book: Book, visits: readonly Visit[]): Book => ({
  ...book,
  visits: visits.toSorted((one, other) => one.from - other.from),
});

const isUnderWay = ({ standings }: Asked, { id }: Visit): boolean => {
  const status = standings.get(id)?.status;
  return status !== undefined && status !== 'scheduled';
};

/** Who is at work does not end before now, and who drives has the whole job before them. */
const asExpected = (asked: Asked, book: Book): Book => {
  const { now } = asked.wish;
  const visits = book.visits.map((visit) => {
    if (!isUnderWay(asked, visit)) return visit;
    const isDriving = asked.standings.get(visit.id)?.status === 'en_route';
    return { ...visit, to: Math.max(visit.to, isDriving ? now + visit.to - visit.from : now) };
  });
  return { ...book, visits };
};

/** Nobody can leave before now from where they are: at the last job of today, else at their start. */
const soonestAt = (asked: Asked, { technician, visits }: Book): number => {
  const { shop, wish } = asked;
  const { now } = wish;
  const here = locate(shop, wish.place);
  const last = visits.findLast(
    (visit) =>
      visit.from <= now &&
      shop.clock.dayAt(visit.from) === shop.clock.dayAt(now) &&
      (!visit.isActive || isUnderWay(asked, visit)) &&
      locate(shop, visit.place) !== undefined,
  );
  const there = last === undefined ? technician.start : locate(shop, last.place)?.point;
  if (here === undefined || there === undefined || there === null) return now;
  return now + driveBetween(shop, there, here.point, now).minutes * MINUTE_MS + wish.before;
};
