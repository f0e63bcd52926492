import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { id } from '../../values/id.ts';
import { commaList, flag } from '../../values/number.ts';
import { latitudeText, longitudeText } from '../../values/place.ts';
import { line } from '../../values/text.ts';
import { instant, instantOrDate } from '../../values/time.ts';

const MAX_SERVICES = 50;
const { limit, cursor } = pageParameters(['starts_at']);

const job = {
  service_ids: v.optional(commaList(id(), MAX_SERVICES)),
  lat: v.optional(latitudeText()),
  lng: v.optional(longitudeText()),
  address: v.optional(line(300)),
};

/** `zone` is the shop's: a bare date is the start of that day there. */
export const startsQuery = ({ zone }: { zone: string }) =>
  v.strictObject({
    limit,
    cursor,
    ...job,
    technician_id: v.optional(id()),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

/** `urgent`: who can be there first, if later jobs of that day may slip. */
export const availabilityQuery = (shop: { zone: string }) =>
  v.strictObject({ ...startsQuery(shop).entries, urgent: v.optional(flag(), 'false') });

export const ExplainQuery = v.strictObject({
  ...job,
  technician_id: id(),
  starts_at: instant(),
  ends_at: v.optional(instant()),
  vehicle_id: v.optional(id()),
  /** A job that is moved is not in its own way. */
  appointment_id: v.optional(id()),
});

export type StartsQuery = v.InferOutput<ReturnType<typeof startsQuery>>;
export type ExplainQuery = v.InferOutput<typeof ExplainQuery>;
export type AskedJob = Pick<StartsQuery, keyof typeof job>;
