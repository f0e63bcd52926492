import * as v from 'valibot';
import { cents, count, flag, id, instant, maybe, text } from './parts.ts';

/** A start at which this technician can be booked. */
export const BookableStart = v.strictObject({
  technician_id: id(),
  starts_at: instant(),
  ends_at: instant(),
  local_start: v.pipe(text(), v.description('The start on the clocks of the shop, with their offset')),
  travel_minutes_before: maybe(count()),
  travel_minutes_after: maybe(count()),
  travel_source: v.picklist(['estimate', 'measured']),
  is_area_centre: v.pipe(
    flag(),
    v.description('The place has no coordinates: drives are reckoned from the centre of its service area'),
  ),
  trip_fee_cents: cents(),
  needs_review: flag(),
  slips: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          appointment_id: id(),
          starts_at: instant(),
          new_starts_at: instant(),
          slips_minutes: count(),
        }),
      ),
      v.description('Of an urgent start alone: the jobs that would have to begin later, in their order'),
    ),
  ),
});

export const Explanation = v.strictObject({
  bookable: flag(),
  rules: v.array(
    v.strictObject({
      rule: text(),
      pass: flag(),
      message: text(),
      details: v.record(v.string(), v.unknown()),
    }),
  ),
});
