import * as v from 'valibot';
import { count, edited, id, instant, maybe, text } from './parts.ts';

const Span = v.strictObject({
  weekday: v.pipe(count(), v.description('1 is Monday, 7 is Sunday')),
  from: text(),
  to: v.pipe(text(), v.description('24:00 is the end of the day')),
});

export const Hours = v.strictObject({
  technician_id: id(),
  hours: v.pipe(
    maybe(v.array(Span)),
    v.description(
      "Wall time in the shop's zone (settings), by weekday and time. Null: around the clock; empty: never by the week",
    ),
  ),
  version: edited().version,
});

/** From starts_at up to, but not including, ends_at. */
const planned = {
  starts_at: instant(),
  ends_at: instant(),
  reason: maybe(text()),
  created_at: instant(),
};

export const TimeOff = v.strictObject({ id: id(), technician_id: id(), ...planned });

export const ExtraHours = v.strictObject({ id: id(), technician_id: id(), ...planned });

export const Closure = v.strictObject({ id: id(), ...planned });

/** Nothing moves these jobs by itself: somebody must. */
const inTheWay = {
  appointment_ids: v.pipe(
    v.array(id()),
    v.description('The active jobs that lie in it, the earliest first, at most 50: they stay where they are'),
  ),
};

export const NewTimeOff = v.strictObject({ ...TimeOff.entries, ...inTheWay });

export const NewClosure = v.strictObject({ ...Closure.entries, ...inTheWay });
