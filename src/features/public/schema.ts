import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { SERVICE_KINDS } from '../../shapes/service.ts';
import { email } from '../../values/email.ts';
import { id } from '../../values/id.ts';
import { commaList, whole } from '../../values/number.ts';
import { phone, type Region } from '../../values/phone.ts';
import { line, prose } from '../../values/text.ts';
import { instant } from '../../values/time.ts';
import { modelYear } from '../../values/year.ts';
import { startsQuery } from '../availability/schema.ts';
import { NewHold } from '../holds/schema.ts';

const MAX_HOLD_MINUTES = 15;
const DEFAULT_HOLD_MINUTES = 10;
const MAX_FILTER_VALUES = 50;

const kind = v.picklist(SERVICE_KINDS, `must be one of ${SERVICE_KINDS.join(', ')}`);

export const PublicServiceList = v.strictObject({
  ...pageParameters(['name']),
  category: v.optional(commaList(line(60), MAX_FILTER_VALUES)),
  kind: v.optional(commaList(kind, MAX_FILTER_VALUES)),
});

export const NewPublicHold = v.strictObject({
  ...NewHold.entries,
  minutes: v.exactOptional(whole(1, MAX_HOLD_MINUTES), DEFAULT_HOLD_MINUTES),
});

/** A phone without a country code is one of `region`. */
export const newPublicBooking = ({ region }: { region: Region }) =>
  v.pipe(
    v.strictObject({
      hold_id: id(),
      name: line(200),
      email: v.exactOptional(email()),
      phone: v.exactOptional(phone(region)),
      vehicle: v.strictObject({ year: modelYear(), make: line(60), model: line(60) }),
      // The staff's notes of a job may be longer: what differs from the customer's record is added to them.
      notes: v.exactOptional(prose(2_000)),
    }),
    v.forward(
      v.check(({ email, phone }) => Boolean(email ?? phone), 'is required when there is no phone'),
      ['email'],
    ),
  );

/** Where a job could be moved to. `zone` is the shop's: a bare date is the start of that day there. */
export const otherStartsQuery = (shop: { zone: string }) => {
  const { limit, cursor, from, to } = startsQuery(shop).entries;
  return v.strictObject({ limit, cursor, from, to });
};

export const Reschedule = v.strictObject({ starts_at: instant() });

export type PublicServiceList = v.InferOutput<typeof PublicServiceList>;
export type NewPublicHold = v.InferOutput<typeof NewPublicHold>;
export type NewPublicBooking = v.InferOutput<ReturnType<typeof newPublicBooking>>;
export type OtherStartsQuery = v.InferOutput<ReturnType<typeof otherStartsQuery>>;
export type Reschedule = v.InferOutput<typeof Reschedule>;
