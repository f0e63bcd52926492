import * as v from 'valibot';
import { id } from '../../values/id.ts';
import { whole } from '../../values/number.ts';
import { place } from '../../values/place.ts';
import { prose } from '../../values/text.ts';
import { instant } from '../../values/time.ts';

const MAX_SERVICES = 50;
const MAX_MINUTES = 60;
const DEFAULT_MINUTES = 10;

export const NewHold = v.strictObject({
  technician_id: id(),
  starts_at: instant(),
  service_ids: v.exactOptional(
    v.pipe(
      v.array(id(), 'must be a list'),
      v.maxLength(MAX_SERVICES, `must be at most ${MAX_SERVICES} services`),
    ),
    [],
  ),
  location: v.exactOptional(v.nullable(place()), null),
  minutes: v.exactOptional(whole(1, MAX_MINUTES), DEFAULT_MINUTES),
});

export const Confirmation = v.strictObject({
  customer_id: id(),
  vehicle_id: v.exactOptional(v.nullable(id()), null),
  notes: v.exactOptional(v.nullable(prose(5_000)), null),
});

export type NewHold = v.InferOutput<typeof NewHold>;
export type Confirmation = v.InferOutput<typeof Confirmation>;
