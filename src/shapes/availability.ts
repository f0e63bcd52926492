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
