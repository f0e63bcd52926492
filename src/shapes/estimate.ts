import * as v from 'valibot';
import { InvoiceLine } from './invoice.ts';
import { author, cents, count, edited, id, instant, maybe, text } from './parts.ts';

export const ESTIMATE_STATUSES = [
  ...(['draft', 'sent', 'approved', 'partly_approved', 'declined', 'converted'] as const),
] as const;
export const DECISIONS = ['approved', 'declined'] as const;
export const METHODS = ['in_person', 'phone', 'text', 'link'] as const;

const decision = () =>
  v.pipe(
    maybe(v.picklist(DECISIONS)),
    v.description('The last word on the line as it stands; null while there is none'),
  );
const authorized = () => v.pipe(cents(), v.description('What the approved lines come to'));

export const Estimate = v.strictObject({
  id: id(),
  number: count(),
  status: v.picklist(ESTIMATE_STATUSES),
  customer_id: id(),
  vehicle_id: maybe(id()),
  appointment_id: maybe(id()),
  currency: text(),
  lines: v.array(v.strictObject({ ...InvoiceLine.entries, service_id: maybe(id()), decision: decision() })),
  subtotal_cents: cents(),
  discount_cents: v.pipe(cents(), v.description('The discounts of its lines, each of which is in its line')),
  tax_cents: cents(),
  total_cents: cents(),
  authorized_cents: authorized(),
  notes: maybe(text()),
  valid_until: maybe(instant()),
  sent_at: maybe(instant()),
  converted_at: maybe(instant()),
  ...edited(),
});

export const EstimateSent = v.strictObject({
  estimate: Estimate,
  link_url: v.pipe(
    maybe(text()),
    v.description(
      'For the customer; shown once, so null when the request is repeated with its key. It ends at valid_until, or after 30 days. A path, unless the shop has set its address',
    ),
  ),
});

export const Authorization = v.strictObject({
  id: id(),
  estimate_id: id(),
  line_id: id(),
  version: v.pipe(count(), v.description('Of the estimate, which it made')),
  decision: v.picklist(DECISIONS),
  line_name: text(),
  amount_cents: v.pipe(cents(), v.description('What the line came to when it was decided')),
  name: v.pipe(text(), v.description('Who decided')),
  method: v.picklist(METHODS),
  contact: v.pipe(maybe(text()), v.description('The telephone number or address, if one was used')),
  text: v.pipe(text(), v.description('What was agreed, in words')),
  recorded_by: v.pipe(author(), v.description('Null: the customer, by the link')),
  created_at: instant(),
});

export const Authorized = v.strictObject({
  authorizations: v.array(Authorization),
  estimate: Estimate,
});

const { tax_basis_points: _tax, ...shown } = InvoiceLine.entries;

/** What the link shows: a form of its own, so that a field which the staff's form gains is not shown to everybody. */
export const PublicEstimate = v.strictObject({
  id: id(),
  number: count(),
  version: v.pipe(
    count(),
    v.description('Name it in a decision: what somebody has changed since is not agreed to'),
  ),
  status: v.picklist(ESTIMATE_STATUSES),
  currency: text(),
  lines: v.array(v.strictObject({ ...shown, decision: decision() })),
  subtotal_cents: cents(),
  discount_cents: cents(),
  tax_cents: cents(),
  total_cents: cents(),
  authorized_cents: authorized(),
  valid_until: maybe(instant()),
  sent_at: maybe(instant()),
});
