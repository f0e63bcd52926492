import { travelAfter, travelBefore } from './drives.ts';
import {
  fails,
  instantOf,
  type Judge,
  minutesOf,
  type Outcome,
  passes,
  type Refusal,
  withBook,
} from './outcome.ts';
import { whereabouts } from './places.ts';
import type { Book, ShopRules, Wish } from './types.ts';
import { endOf, LONGEST_JOB_MS, overlapping } from './visits.ts';

const MINUTE_MS = 60_000;
const LONGEST_PAST_MS = 15 * MINUTE_MS;

export type Finding = { rule: RuleName } & Outcome;

export type RuleName = keyof typeof RULES;

/** What each rule finds, in their order: what can never be comes first. */
export const judge = (
  shop: ShopRules,
  book: Book | undefined,
  wish: Wish,
  names: readonly RuleName[] = RULE_NAMES,
): Finding[] => names.map((rule) => ({ rule, ...RULES[rule](shop, book, wish) }));

/** What can be said before anything is read: a span may be absurd. */
export const judgeSpan = (wish: Wish, names: readonly RuleName[]): Finding[] =>
  Object.entries({ past, length }).flatMap(([rule, judgeOne]) =>
    names.filter((name) => name === rule).map((name) => ({ rule: name, ...judgeOne(wish) })),
  );

/** The first rule that refuses, or undefined when the start is good: all that a search for starts needs to know. */
export const refusal = (shop: ShopRules, book: Book | undefined, wish: Wish): Refusal | undefined => {
  for (const rule of RULE_NAMES) {
    const outcome = RULES[rule](shop, book, wish);
    if (!outcome.pass) return outcome;
  }
  return undefined;
};

const past = ({ from, now }: Wish): Outcome =>
  from >= now - LONGEST_PAST_MS
    ? passes('The start is not over.')
    : fails('The start is more than 15 minutes in the past.', { now: instantOf(now) }, now - LONGEST_PAST_MS);

const length = ({ from, to }: Wish): Outcome => {
  const details = { minutes: (to - from) / MINUTE_MS };
  if (to <= from) return fails('The end is not after the start.', details);
  return to - from > LONGEST_JOB_MS
    ? fails('The job takes more than 48 hours.', details)
    : passes(`The job takes ${minutesOf(to - from)} min.`, details);
};

const active = withBook((_shop, { technician }) =>
  technician.isActive
    ? passes('The technician is active.')
    : fails('The technician is not active.', { technician_id: technician.id }),
);

const skills = withBook((_shop, { technician }, wish) => {
  const missing = wish.skills.filter((skill) => !technician.skills.includes(skill));
  return missing.length === 0
    ? passes('The technician has the skills.', { needed: wish.skills })
    : fails(`The technician lacks the skill ${missing.join(', ')}.`, { needed: wish.skills, missing });
});

const leadTime: Judge = ({ lead }, _book, { from, now, isPublic }) => {
  if (!isPublic) return passes('Lead time binds only those who book for themselves.');
  const details = { lead_minutes: lead / MINUTE_MS };
  return from - now >= lead
    ? passes('The start is far enough ahead.', details)
    : fails(`Bookings need ${minutesOf(lead)} min ahead.`, details, now + lead);
};

const horizon: Judge = (shop, _book, { from, now, isPublic }) => {
  if (!isPublic) return passes('The horizon binds only those who book for themselves.');
  const details = { latest: instantOf(now + shop.horizon) };
  return from - now <= shop.horizon
    ? passes('The start is not too far ahead.', details)
    : fails('The start is further ahead than bookings are taken.', details);
};

const area: Judge = (shop, _book, { place }) => {
  if (shop.areas.length === 0) return passes('The shop has no service areas: it goes everywhere.');
  if (place === null) return passes('The job has no place: no area is asked for.');
  const { area: found, isAssumed } = whereabouts(shop, place);
  if (found !== undefined) {
    const { id: service_area_id, name, trip_fee_cents } = found;
    const details = { service_area_id, name, trip_fee_cents, needs_review: isAssumed };
    return isAssumed
      ? passes(`The address is taken to be in the area ${name}: somebody will look at it.`, details)
      : passes(`The place is in the area ${name}.`, details);
  }
  return shop.outsideArea === 'review'
    ? passes('The place is outside the service areas: somebody will look at it.', { needs_review: true })
    : fails('The place is outside the service areas.', { needs_review: false });
};

const hours = withBook((_shop, { open }, { from, to }) => {
  const around = open.find((span) => span.from <= from && from < span.to);
  if (around !== undefined && to <= around.to) {
    const details = { open_from: edgeOf(around.from), open_to: edgeOf(around.to) };
    return passes('The technician works then.', details);
  }
  const next = open.find((span) => span.from > from);
  const details = { next_open_from: next === undefined ? null : instantOf(next.from) };
  const message = around === undefined ? 'The technician does not work then.' : 'The job outlasts the hours.';
  return fails(message, details, next?.from);
});

/** Null: without an end. */
const edgeOf = (at: number): string | null => (Number.isFinite(at) ? instantOf(at) : null);

const overlap = withBook((_shop, book, wish) => {
  const [first] = overlapping(book, wish);
  if (first === undefined) return passes('The technician is free.');
  const details = {
    conflicts_with: first.id,
    busy_from: instantOf(first.from - first.before),
    busy_to: instantOf(endOf(first)),
  };
  return fails('The technician has another job at that time.', details, endOf(first) + wish.before);
});

const vehicle: Judge = (_shop, _book, { from, to, vehicleVisits }) => {
  const inTheWay = vehicleVisits.find((visit) => visit.from < to && from < visit.to);
  return inTheWay === undefined
    ? passes('The vehicle has no other job then.')
    : fails('This vehicle has another job at that time.', { conflicts_with: inTheWay.id }, inTheWay.to);
};

const jobsPerDay = withBook((shop, book, wish) => {
  if (shop.jobsPerDay === null) return passes('The shop sets no number of jobs a day.');
  const day = shop.clock.dayAt(wish.from);
  const count = book.visits.filter(
    (visit) => visit.id !== wish.id && shop.clock.dayAt(visit.from) === day,
  ).length;
  const details = { jobs: count, jobs_per_day: shop.jobsPerDay };
  return count < shop.jobsPerDay
    ? passes('The day has room for another job.', details)
    : fails(
        'The technician has as many jobs that day as the shop takes.',
        details,
        shop.clock.nextDayAt(wish.from),
      );
});

const RULES = {
  past: (_shop, _book, wish) => past(wish),
  length: (_shop, _book, wish) => length(wish),
  technician: active,
  skills,
  lead_time: leadTime,
  horizon,
  service_area: area,
  overlap,
  vehicle,
  hours,
  travel_before: travelBefore,
  travel_after: travelAfter,
  jobs_per_day: jobsPerDay,
} as const satisfies Record<string, Judge>;

export const RULE_NAMES = Object.keys(RULES) as RuleName[]; // the keys of the table above
