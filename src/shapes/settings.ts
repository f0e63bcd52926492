import * as v from 'valibot';
import { cents, count, edited, maybe, text } from './parts.ts';

export const OUTSIDE_AREA = ['block', 'review'] as const;

export const Settings = v.strictObject({
  shop_name: text(),
  licence_number: maybe(text()),
  timezone: v.pipe(text(), v.description('IANA zone in which the shop reads and counts its days')),
  phone_region: v.pipe(text(), v.description('Country whose phone numbers need no country code')),
  labour_tax_basis_points: count(),
  parts_tax_basis_points: count(),
  buffer_before_minutes: count(),
  buffer_after_minutes: count(),
  lead_minutes: count(),
  horizon_days: count(),
  /** Null: as many as fit. */
  jobs_per_day: maybe(count()),
  authorization_tolerance_cents: cents(),
  outside_area: v.pipe(
    v.picklist(OUTSIDE_AREA),
    v.description('A job outside the service areas is refused, or accepted and marked for review'),
  ),
  travel_road_percent: v.pipe(count(), v.description('The road in percent of the straight line')),
  travel_speeds_kmh: v.pipe(v.array(count()), v.description('One for each hour of the day')),
  messages_per_hour: v.pipe(count(), v.description('Most messages to one customer in an hour')),
  ...edited(),
});
