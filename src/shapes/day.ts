import * as v from 'valibot';
import { APPOINTMENT_STATUSES, Location } from './appointment.ts';
import { count, degrees, flag, id, instant, maybe, text, texts } from './parts.ts';

const drive = () => ({
  minutes: count(),
  kilometres: v.pipe(v.number(), v.minValue(0)),
  source: v.picklist(['estimate', 'measured']),
  is_area_centre: v.pipe(flag(), v.description('An end of it is no known point, but the centre of an area')),
});

const Stop = v.strictObject({
  id: id(),
  position: count(),
  status: v.picklist(APPOINTMENT_STATUSES),
  customer: v.strictObject({ name: text(), phone: maybe(text()) }),
  vehicle: maybe(
    v.strictObject({
      id: id(),
      year: v.pipe(v.number(), v.safeInteger()),
      make: text(),
      model: text(),
      color: maybe(text()),
      license_plate: maybe(text()),
    }),
  ),
  location: maybe(Location),
  services: texts(),
  starts_at: instant(),
  ends_at: instant(),
  notes: maybe(text()),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  leg: v.pipe(
    maybe(
      v.strictObject({
        from: v.union([v.literal('start'), id()]),
        ...drive(),
      }),
    ),
    v.description('The drive here from the last place that is known; null when there is none, or none here'),
  ),
  leave_at: v.pipe(
    maybe(instant()),
    v.description('When to leave for this stop to be in time, or as soon as the technician can'),
  ),
  arrive_at: v.pipe(instant(), v.description('Expected; of a job that has begun, when it did')),
  late_minutes: v.pipe(count(), v.description('Expected start later than starts_at, buffers included')),
  expected_ends_at: instant(),
});

export const Day = v.strictObject({
  date: v.pipe(v.string(), v.isoDate()),
  timezone: text(),
  technician: v.strictObject({ id: id(), name: text(), initials: text() }),
  start: maybe(v.strictObject({ lat: degrees(), lng: degrees() })),
  stops: v.array(Stop),
  finish: v.pipe(
    maybe(v.strictObject({ from: id(), ...drive(), leave_at: instant(), arrive_at: instant() })),
    v.description('The drive back to the start; null when there is no start, or no place to drive from'),
  ),
});
