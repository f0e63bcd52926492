import * as v from 'valibot';
import { Invoice } from './invoice.ts';
import { cents, count, flag, id, instant, maybe, text } from './parts.ts';

export const PAYMENT_METHODS = ['cash', 'card', 'ach', 'check', 'other'] as const;

export const Payment = v.strictObject({
  id: id(),
  invoice_id: maybe(id()),
  appointment_id: v.pipe(
    maybe(id()),
    v.description('The job of a deposit; null for a payment of an invoice'),
  ),
  amount_cents: cents(),
  method: v.picklist(PAYMENT_METHODS),
  note: maybe(text()),
  refunded_cents: cents(),
  applied_cents: v.pipe(cents(), v.description('What an invoice has taken of a deposit')),
  received_at: instant(),
  created_at: instant(),
});

export const Refund = v.strictObject({
  id: id(),
  payment_id: id(),
  amount_cents: cents(),
  reason: text(),
  created_at: instant(),
});

/** With the invoice as it stands afterwards; null for a deposit that no invoice has taken. */
export const PaymentMade = v.strictObject({ payment: Payment, invoice: maybe(Invoice) });
export const RefundMade = v.strictObject({ refund: Refund, invoice: maybe(Invoice) });

/** Cents, a number of an invoice, or a status; null where there is none. */
const figure = () => maybe(v.union([v.number(), text()]));

export const Trial = v.strictObject({
  clean: flag(),
  checked: v.pipe(count(), v.description('Invoices, payments and jobs with deposits')),
  problems: v.array(
    v.strictObject({
      rule: text(),
      entity: v.picklist(['invoice', 'payment', 'appointment']),
      entity_id: id(),
      expected: figure(),
      found: figure(),
    }),
  ),
});
