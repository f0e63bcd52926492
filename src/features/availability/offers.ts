import type { Sql } from '../../database/sql.ts';
import { parameterInvalid } from '../../http/accept.ts';
import { nextCursor, pageOf } from '../../http/page.ts';
import type { Place } from '../../values/place.ts';
import { localTime } from '../../values/zone-clock.ts';
import { readCalendars } from './calendars.ts';
import { reckoned } from './measuring.ts';
import { instantOf } from './outcome.ts';
import { locate, termsOf } from './places.ts';
import { readServices, readVehicleVisits, type Whose } from './queries.ts';
import { type Finding, judge, judgeSpan, RULE_NAMES } from './rules.ts';
import type { AskedJob, ExplainQuery, StartsQuery } from './schema.ts';
import { earliestStarts, type Search, type Start, wishAt } from './starts.ts';
import { driveBetween } from './travel.ts';
import type { ShopRules, Travel, Wish } from './types.ts';

const DAY_MS = 86_400_000;
const RANGE: Range = { days: 7, longestDays: 62 };
const DEFAULT_JOB_MS = 3_600_000;

/** How far a search reaches without `to`, and how far at most. */
export type Range = { days: number; longestDays: number };
export type Asking = { now: number; isPublic: boolean; travel: Travel | undefined };

/** A page of bookable starts as JSON text, the earliest first. */
export const listStarts = async (
  sql: Sql,
  query: StartsQuery,
  { travel, ...asking }: Asking,
): Promise<string> => {
  const paged = pagedOf(query, asking.now);
  const { skills, lengthMs } = await jobOf(sql, query);
  const job = { id: null, place: placeOf(query), skills, lengthMs };
  return pageOfStarts(sql, paged, { job, whose: whoseOf(query, skills), ...asking, travel });
};

/** What a start is looked for; the id of a job that is to be moved, for it is not in its own way. */
export type SoughtJob = {
  id: string | null;
  place: Place | null;
  skills: readonly string[];
  lengthMs: number;
};
type Paging = Pick<StartsQuery, 'limit' | 'cursor' | 'from' | 'to'>;

/** As listStarts, for a job that stands already. */
export const listStartsOf = (
  sql: Sql,
  query: Paging,
  sought: Asking & { job: SoughtJob; whose: Whose },
): Promise<string> => pageOfStarts(sql, pagedOf(query, sought.now), sought);

const pagedOf = <Q extends Paging>(query: Q, now: number) => {
  const paged = { ...query, sort: 'starts_at' };
  return { query, paged, after: pageOf(paged).after, span: spanOf(query, now) };
};

const pageOfStarts = async (
  sql: Sql,
  { query, paged, after, span }: ReturnType<typeof pagedOf>,
  { job, whose, travel, ...asking }: Asking & { job: SoughtJob; whose: Whose },
): Promise<string> => {
  const { lengthMs, ...sought } = job;
  const { shop, books } = await readCalendars(sql, { span, now: asking.now, whose });
  if ('technicianId' in whose && books.length === 0) throw noTechnician();
  const buffers = { before: shop.bufferBefore, after: shop.bufferAfter };
  const wish = { ...sought, vehicleVisits: [], ...buffers, ...asking };
  const from = Math.max(span.from, asking.now, after === undefined ? 0 : Date.parse(after.key));
  const page = (rules: ShopRules) => {
    const search: Search = { shop: rules, lengthMs, wish };
    const rows = [
      ...earliestStarts(search, books, { from, to: span.to })
        .filter(
          ({ at, book }) =>
            after === undefined || at > Date.parse(after.key) || book.technician.id > after.id,
        )
        .take(query.limit + 1),
    ];
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((start) => offerOf(search, start)),
      next_cursor:
        last === undefined
          ? null
          : nextCursor({ sort_key: instantOf(last.at), id: last.book.technician.id }, paged),
    };
  };
  return JSON.stringify(await reckoned(sql, { shop, travel }, page));
};

/** Every rule with pass or fail and its numbers, for one start. */
export const explainStart = async (
  sql: Sql,
  query: ExplainQuery,
  { travel, ...asking }: Asking,
): Promise<string> => {
  const { skills, lengthMs } = await jobOf(sql, query);
  const from = Date.parse(query.starts_at);
  const to = query.ends_at === undefined ? from + lengthMs : Date.parse(query.ends_at);
  const bare: Wish = {
    ...{ id: query.appointment_id ?? null, from, to, before: 0, after: 0, place: placeOf(query) },
    ...{ skills, vehicleVisits: [], ...asking },
  };
  const absurd = judgeSpan(bare, RULE_NAMES).filter(({ pass }) => !pass);
  if (absurd.some(({ rule }) => rule === 'length')) return explanation(absurd);
  const calendars = await readCalendars(sql, {
    ...{ span: { from, to }, now: asking.now, whose: { technicianId: query.technician_id } },
  });
  const [book] = calendars.books;
  if (book === undefined) throw noTechnician();
  const vehicleVisits =
    query.vehicle_id === undefined
      ? []
      : await readVehicleVisits(sql, { vehicleId: query.vehicle_id, id: bare.id, from, to });
  const { shop } = calendars;
  const wish = { ...bare, before: shop.bufferBefore, after: shop.bufferAfter, vehicleVisits };
  return explanation(await reckoned(sql, { shop, travel }, (rules) => judge(rules, book, wish)));
};

const explanation = (findings: readonly Finding[]): string =>
  JSON.stringify({
    bookable: findings.every(({ pass }) => pass),
    rules: findings.map(({ rule, pass, message, details }) => ({ rule, pass, message, details })),
  });

export const offerOf = (search: Search, { book, at }: Start) => {
  const { shop } = search;
  const wish = wishAt(search, at);
  const here = locate(shop, wish.place);
  return {
    technician_id: book.technician.id,
    starts_at: instantOf(at),
    ends_at: instantOf(wish.to),
    local_start: localTime(shop.zone, at),
    // From the minutes to three places of their choice strangers could reckon where the job before it is.
    ...(wish.isPublic ? {} : travelOf(search, { book, at })),
    is_area_centre: here?.isCentre ?? false,
    ...termsOf(shop, wish.place),
  };
};

const travelOf = (search: Search, { book, at }: Start) => {
  const { shop } = search;
  const wish = wishAt(search, at);
  const here = locate(shop, wish.place);
  const [before, after] = judge(shop, book, wish, ['travel_before', 'travel_after']).map(
    ({ details }) => details,
  );
  // The day's first drive begins where the technician starts from; whether there is time for it, the hours say.
  const { start } = book.technician;
  const first = here === undefined || start === null ? null : driveBetween(shop, start, here.point, at);
  const isFirst = !book.visits.some(
    (visit) => visit.to <= at && shop.clock.dayAt(visit.to) === shop.clock.dayAt(at),
  );
  const arriving = isFirst && first !== null ? first : before;
  const told = [arriving, after].filter((one) => typeof one?.minutes === 'number');
  return {
    travel_minutes_before: arriving?.minutes ?? null,
    travel_minutes_after: after?.minutes ?? null,
    // Measured is what is measured throughout.
    travel_source:
      told.length > 0 && told.every((one) => one?.source === 'measured') ? 'measured' : 'estimate',
  };
};

/** Whose calendars: those of one technician, or of all who can do it. */
export const whoseOf = ({ technician_id: id }: StartsQuery, skills: readonly string[]): Whose =>
  id === undefined ? { skills } : { technicianId: id };

export const spanOf = (
  { from, to }: Pick<StartsQuery, 'from' | 'to'>,
  now: number,
  { days, longestDays }: Range = RANGE,
): { from: number; to: number } => {
  const start = from === undefined ? now : Date.parse(from);
  const end = to === undefined ? start + days * DAY_MS : Date.parse(to);
  if (end <= start) throw unknown('to', 'must be after from');
  if (end - start > (longestDays + 1) * DAY_MS)
    throw unknown('to', `must be at most ${longestDays} days after from`);
  return { from: start, to: end };
};

export const placeOf = ({ lat: latitude, lng: longitude, address: words }: AskedJob): Place | null => {
  const [lat, lng, address] = [latitude ?? null, longitude ?? null, words ?? null];
  if ((lat === null) !== (lng === null)) throw unknown('lat', 'must be given together with lng');
  return lat === null && address === null ? null : { address, lat, lng };
};

export const jobOf = async (sql: Sql, { service_ids: ids = [] }: AskedJob) => {
  const services = ids.length === 0 ? [] : await readServices(sql, ids);
  const missing = ids.find((one) => !services.some(({ id }) => id === one));
  if (missing !== undefined)
    throw unknown('service_ids', `has ${missing}, which is not a service that the shop sells`);
  const minutes = services.reduce((sum, one) => sum + one.duration_minutes, 0);
  return {
    skills: [...new Set(services.flatMap((one) => one.skills))],
    lengthMs: minutes === 0 ? DEFAULT_JOB_MS : minutes * 60_000,
  };
};

const noTechnician = (): Error => unknown('technician_id', 'is not a technician of this shop');

const unknown = (path: string, message: string): Error => parameterInvalid([{ path, message }]);
