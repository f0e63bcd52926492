import * as v from 'valibot';
import { cents, id, instant, maybe, text } from './parts.ts';

export const PAYMENT_METHODS = ['cash', 'card', 'ach', 'check', 'other'] as const;

export const Payment = v.strictObject({
  id: id(),
  invoice_id: id(),
  amount_cents: cents(),
  method: v.picklist(PAYMENT_METHODS),
  note: maybe(text()),
  received_at: instant(),
});
