import * as v from 'valibot';
import { APPOINTMENT_STATUSES, JobService, Location } from './appointment.ts';
import { BookableStart } from './availability.ts';
import { cents, flag, id, instant, maybe, text } from './parts.ts';
import { Service } from './service.ts';

// What strangers see: forms of their own, so that a field which the staff's forms gain is not shown to everybody.

const { id: _line, ...sold } = JobService.entries;

export const PublicShop = v.strictObject({
  name: text(),
  licence_number: maybe(text()),
  timezone: v.pipe(text(), v.description('IANA zone of the clocks of the shop')),
  phone_region: v.pipe(text(), v.description('Country whose phone numbers need no country code')),
});

export const PublicService = v.strictObject({
  id: id(),
  name: text(),
  category: text(),
  description: maybe(text()),
  duration_minutes: Service.entries.duration_minutes,
  price_cents: cents(),
  kind: Service.entries.kind,
});

export const PublicStart = v.strictObject({
  technician_id: id(),
  starts_at: instant(),
  ends_at: instant(),
  local_start: BookableStart.entries.local_start,
  is_area_centre: BookableStart.entries.is_area_centre,
  trip_fee_cents: cents(),
  needs_review: flag(),
});

export const PublicHold = v.strictObject({
  id: id(),
  technician_id: id(),
  starts_at: instant(),
  ends_at: instant(),
  location: maybe(Location),
  services: v.array(v.strictObject(sold)),
  expires_at: instant(),
  trip_fee_cents: cents(),
  needs_review: flag(),
});

export const PublicAppointment = v.strictObject({
  id: id(),
  status: v.picklist(APPOINTMENT_STATUSES),
  technician_id: maybe(id()),
  starts_at: instant(),
  ends_at: instant(),
  services: v.array(v.strictObject(sold)),
  total_cents: cents(),
  trip_fee_cents: cents(),
  needs_review: flag(),
  confirmed_at: maybe(instant()),
  canceled_at: maybe(instant()),
  created_at: instant(),
});

export const PublicBooking = v.strictObject({
  appointment: PublicAppointment,
  manage_url: v.pipe(
    text(),
    v.description(
      'Opens this one job, until 30 days after its end. A path, unless the shop has set its address',
    ),
  ),
});

export const LinksEnded = v.strictObject({ ended: v.literal(true) });
