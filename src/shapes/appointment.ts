import * as v from 'valibot';
import { cents, count, degrees, edited, flag, id, instant, maybe, text } from './parts.ts';
import { SERVICE_KINDS } from './service.ts';

export const APPOINTMENT_STATUSES = [
  'scheduled',
  'en_route',
  'in_progress',
  'ready',
  'completed',
  'no_show',
  'canceled',
] as const;

export const JobService = v.strictObject({
  id: id(),
  service_id: id(),
  name: text(),
  kind: v.picklist(SERVICE_KINDS),
  quantity: count(),
  duration_minutes: count(),
  price_cents: cents(),
});

export const Location = v.strictObject({
  address: maybe(text()),
  lat: maybe(degrees()),
  lng: maybe(degrees()),
});

export const Appointment = v.strictObject({
  id: id(),
  status: v.picklist(APPOINTMENT_STATUSES),
  customer_id: id(),
  vehicle_id: maybe(id()),
  technician_id: maybe(id()),
  starts_at: instant(),
  ends_at: instant(),
  location: maybe(Location),
  services: v.array(JobService),
  total_cents: cents(),
  paid_cents: cents(),
  notes: maybe(text()),
  force_reason: maybe(text()),
  trip_fee_cents: cents(),
  needs_review: v.pipe(flag(), v.description('Outside the service areas: somebody should look at it')),
  en_route_at: maybe(instant()),
  started_at: maybe(instant()),
  ready_at: maybe(instant()),
  completed_at: maybe(instant()),
  no_show_at: maybe(instant()),
  canceled_at: maybe(instant()),
  deleted_at: maybe(instant()),
  ...edited(),
});
