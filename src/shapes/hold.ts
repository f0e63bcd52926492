import * as v from 'valibot';
import { JobService, Location } from './appointment.ts';
import { cents, flag, id, instant, maybe } from './parts.ts';

export const Hold = v.strictObject({
  id: id(),
  technician_id: id(),
  starts_at: instant(),
  ends_at: instant(),
  location: maybe(Location),
  services: v.array(JobService),
  expires_at: instant(),
  trip_fee_cents: cents(),
  needs_review: flag(),
  created_at: instant(),
});

export const Released = v.strictObject({ released: v.literal(true) });
