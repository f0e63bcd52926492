import * as v from 'valibot';
import { count, edited, flag, id, instant, maybe, text } from './parts.ts';

export const Vehicle = v.strictObject({
  id: id(),
  customer_id: id(),
  year: count(),
  make: text(),
  model: text(),
  trim: maybe(text()),
  color: maybe(text()),
  vin: maybe(text()),
  license_plate: maybe(text()),
  mileage: maybe(count()),
  is_primary: flag(),
  is_active: flag(),
  notes: maybe(text()),
  deleted_at: maybe(instant()),
  ...edited(),
});
