import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { DECISIONS, ESTIMATE_STATUSES, METHODS } from '../../shapes/estimate.ts';
import { MAX_LINES } from '../../shapes/invoice.ts';
import { id } from '../../values/id.ts';
import { cents } from '../../values/money.ts';
import { commaList, whole } from '../../values/number.ts';
import { line, MAX_NOTES_LENGTH, prose } from '../../values/text.ts';
import { instant, instantOrDate } from '../../values/time.ts';
import { Booking } from '../appointments/schema.ts';
import { NewLine as InvoiceLine } from '../invoices/schema.ts';

const MAX_VERSION = 1_000_000_000;

const NewLine = v.strictObject({
  ...InvoiceLine.entries,
  /** Of the catalog. A package of its is taken apart, as on an invoice. */
  service_id: v.exactOptional(v.nullable(id())),
});

const lines = () =>
  v.pipe(v.array(NewLine, 'must be a list'), v.maxLength(MAX_LINES, `must be at most ${MAX_LINES} lines`));

const optionalFields = {
  vehicle_id: v.exactOptional(v.nullable(id())),
  lines: v.exactOptional(lines()),
  /** All discounts together, those of the lines among them: what is over them is spread over the lines. */
  discount_cents: v.exactOptional(cents()),
  /** For the staff. */
  notes: v.exactOptional(v.nullable(prose(MAX_NOTES_LENGTH))),
  valid_until: v.exactOptional(v.nullable(instant())),
};

export const NewEstimate = v.strictObject({
  customer_id: id(),
  /** Of a job that is there already; else the estimate becomes one. */
  appointment_id: v.exactOptional(v.nullable(id())),
  ...optionalFields,
});

export const EstimatePatch = v.strictObject(optionalFields);

const decisions = () =>
  v.pipe(
    v.array(
      v.strictObject({
        line_id: id(),
        decision: v.picklist(DECISIONS, `must be one of ${DECISIONS.join(', ')}`),
      }),
      'must be a list',
    ),
    v.minLength(1, 'must be at least one line'),
    v.maxLength(MAX_LINES, `must be at most ${MAX_LINES} lines`),
  );

/** What every decision has, whoever writes it down. */
export const Decided = v.strictObject({
  version: v.pipe(whole(1, MAX_VERSION), v.description('The one of the estimate that is decided on')),
  lines: decisions(),
  name: v.pipe(line(300), v.description('Of the person who decided')),
});

export const NewAuthorizations = v.strictObject({
  ...Decided.entries,
  version: v.exactOptional(
    v.pipe(
      Decided.entries.version,
      v.description('The one that the customer was told of; without it they agree to what stands'),
    ),
  ),
  method: v.picklist(METHODS, `must be one of ${METHODS.join(', ')}`),
  contact: v.exactOptional(
    v.pipe(
      v.nullable(line(300)),
      v.description(
        'The number or address that was used: 16 CCR § 3353.1 asks for it where somebody phones or writes',
      ),
    ),
  ),
  text: prose(2_000),
});

const { customer_id: _customer, vehicle_id: _vehicle, services: _services, ...when } = Booking.entries;

/** A booking of what was approved: the rest of it is in the estimate. */
export const EstimateBooking = v.strictObject(when);

/** `zone` is the shop's: a bare date is the start of that day there. */
export const estimateList = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...pageParameters(['-created_at']),
    customer_id: v.optional(id()),
    vehicle_id: v.optional(id()),
    appointment_id: v.optional(id()),
    status: v.optional(
      commaList(
        v.picklist(ESTIMATE_STATUSES, `must be one of ${ESTIMATE_STATUSES.join(', ')}`),
        ESTIMATE_STATUSES.length,
      ),
    ),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

export const AuthorizationList = v.strictObject(pageParameters(['created_at']));

export type EstimateStatus = (typeof ESTIMATE_STATUSES)[number];
export type Decision = (typeof DECISIONS)[number];
export type Method = (typeof METHODS)[number];
export type NewLine = v.InferOutput<typeof NewLine>;
export type NewEstimate = v.InferOutput<typeof NewEstimate>;
export type EstimatePatch = v.InferOutput<typeof EstimatePatch>;
export type Decided = v.InferOutput<typeof Decided>;
export type NewAuthorizations = v.InferOutput<typeof NewAuthorizations>;
export type EstimateBooking = v.InferOutput<typeof EstimateBooking>;
export type EstimateList = v.InferOutput<ReturnType<typeof estimateList>>;
export type AuthorizationList = v.InferOutput<typeof AuthorizationList>;
