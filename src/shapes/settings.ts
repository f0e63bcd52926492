import * as v from 'valibot';
import { cents, count, edited, maybe, text } from './parts.ts';

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
  ...edited(),
});
