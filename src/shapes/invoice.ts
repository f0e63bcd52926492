import * as v from 'valibot';
import { cents, count, edited, id, instant, maybe, text } from './parts.ts';

export const INVOICE_STATUSES = ['draft', 'issued', 'partially_paid', 'paid', 'void'] as const;
export const LINE_KINDS = ['labour', 'part', 'package', 'fee'] as const;
/** Of an invoice, and of an estimate. */
export const MAX_LINES = 200;

export const InvoiceLine = v.strictObject({
  id: id(),
  position: count(),
  kind: v.picklist(LINE_KINDS),
  name: text(),
  quantity: count(),
  unit_price_cents: cents(),
  discount_cents: cents(),
  tax_basis_points: count(),
  tax_cents: cents(),
  total_cents: cents(),
});

export const Invoice = v.strictObject({
  id: id(),
  number: v.pipe(maybe(count()), v.description('Null until it is issued; then without gaps')),
  appointment_id: id(),
  customer_id: id(),
  vehicle_id: maybe(id()),
  status: v.picklist(INVOICE_STATUSES),
  currency: text(),
  lines: v.array(InvoiceLine),
  subtotal_cents: cents(),
  discount_cents: v.pipe(cents(), v.description('The discounts of its lines, each of which is in its line')),
  tax_cents: cents(),
  total_cents: cents(),
  paid_cents: cents(),
  due_cents: cents(),
  issued_at: maybe(instant()),
  sent_at: maybe(instant()),
  paid_at: maybe(instant()),
  voided_at: maybe(instant()),
  ...edited(),
});
