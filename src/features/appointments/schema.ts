import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { id } from '../../values/id.ts';
import { cents } from '../../values/money.ts';
import { commaList, flag, whole } from '../../values/number.ts';
import { place } from '../../values/place.ts';
import { line, prose } from '../../values/text.ts';
import { instant, instantOrDate } from '../../values/time.ts';
import { STATUSES } from './rules.ts';

export const MAX_SERVICES = 50;

const status = v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`);
export const MAX_QUANTITY = 1_000;
const quantity = whole(1, MAX_QUANTITY);

export const NewJobService = v.strictObject({
  service_id: id(),
  quantity: v.exactOptional(quantity),
  price_cents: v.exactOptional(cents()),
});

export const JobServicePatch = v.strictObject({
  quantity: v.exactOptional(quantity),
  price_cents: v.exactOptional(cents()),
});

const jobServices = v.pipe(
  v.array(NewJobService, 'must be a list'),
  v.maxLength(MAX_SERVICES, `must be at most ${MAX_SERVICES} services`),
);

/** Fields that POST and PATCH share; null clears. */
const optionalFields = {
  vehicle_id: v.exactOptional(v.nullable(id())),
  technician_id: v.exactOptional(v.nullable(id())),
  location: v.exactOptional(v.nullable(place())),
  services: v.exactOptional(jobServices),
  notes: v.exactOptional(v.nullable(prose(5_000))),
  force: v.exactOptional(v.strictObject({ reason: line(300) })),
};

export const Booking = v.strictObject({
  customer_id: id(),
  starts_at: instant(),
  ends_at: v.exactOptional(instant()),
  ...optionalFields,
});

export const AppointmentPatch = v.strictObject({
  starts_at: v.exactOptional(instant()),
  ends_at: v.exactOptional(instant()),
  ...optionalFields,
});

export const Move = v.strictObject({ status });

/** `zone` is the shop's: a bare date is the start of that day there. */
export const appointmentList = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...pageParameters(['starts_at', 'updated_at']),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
    status: v.optional(commaList(status, STATUSES.length)),
    technician_id: v.optional(id()),
    customer_id: v.optional(id()),
    vehicle_id: v.optional(id()),
    updated_since: v.optional(instantOrDate(zone)),
    deleted: v.optional(flag(), 'false'),
  });

export const HistoryList = v.strictObject(pageParameters(['-at']));

export type NewJobService = v.InferOutput<typeof NewJobService>;
export type JobServicePatch = v.InferOutput<typeof JobServicePatch>;
export type Booking = v.InferOutput<typeof Booking>;
export type AppointmentPatch = v.InferOutput<typeof AppointmentPatch>;
export type HistoryList = v.InferOutput<typeof HistoryList>;
export type AppointmentList = v.InferOutput<ReturnType<typeof appointmentList>>;
