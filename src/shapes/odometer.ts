import * as v from 'valibot';
import { author, count, flag, id, instant, maybe, text } from './parts.ts';

export const OdometerReading = v.strictObject({
  id: id(),
  vehicle_id: id(),
  mileage: count(),
  read_at: instant(),
  note: maybe(text()),
  correction: flag(),
  author: author(),
  created_at: instant(),
});
