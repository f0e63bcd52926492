import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { PAYMENT_METHODS } from '../../shapes/payment.ts';
import { id } from '../../values/id.ts';
import { someCents } from '../../values/money.ts';
import { commaList } from '../../values/number.ts';
import { line } from '../../values/text.ts';
import { instant, instantOrDate } from '../../values/time.ts';

const method = v.picklist(PAYMENT_METHODS, `must be one of ${PAYMENT_METHODS.join(', ')}`);

export const NewPayment = v.strictObject({
  amount_cents: someCents(),
  method,
  note: v.exactOptional(v.nullable(line(300))),
  received_at: v.exactOptional(instant()),
});

export const NewRefund = v.strictObject({ amount_cents: someCents(), reason: line(300) });

/** `zone` is the shop's: a bare date is the start of that day there. */
export const paymentList = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...pageParameters(['-received_at']),
    customer_id: v.optional(id()),
    invoice_id: v.optional(id()),
    appointment_id: v.optional(id()),
    method: v.optional(commaList(method, PAYMENT_METHODS.length)),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

export const OwnPaymentList = v.strictObject(pageParameters(['received_at']));
export const RefundList = v.strictObject(pageParameters(['created_at']));

export type NewPayment = v.InferOutput<typeof NewPayment>;
export type NewRefund = v.InferOutput<typeof NewRefund>;
export type PaymentList = v.InferOutput<ReturnType<typeof paymentList>>;
export type RefundList = v.InferOutput<typeof RefundList>;
