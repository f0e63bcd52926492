import * as v from 'valibot';
import { id, instant, maybe, text } from './parts.ts';

export const Message = v.strictObject({
  id: id(),
  appointment_id: id(),
  channel: v.picklist(['sms', 'email']),
  direction: v.picklist(['out', 'in']),
  body: text(),
  status: v.picklist(['queued', 'sent', 'delivered', 'failed', 'canceled']),
  created_at: instant(),
  sent_at: maybe(instant()),
});
