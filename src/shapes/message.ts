import * as v from 'valibot';
import { count, edited, flag, id, instant, listOf, maybe, text } from './parts.ts';

export const CHANNELS = ['sms', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What the shop tells by itself. */
export const NOTICE_KINDS = [
  'booked',
  'moved',
  'canceled',
  'reminder_day',
  'reminder_soon',
  'on_the_way',
  'ready',
  'thanks',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** What can be filled into a template: a closed list. */
export const TEMPLATE_VARIABLES = [
  'customer_name',
  'vehicle',
  'starts_at',
  'starts_date',
  'starts_time',
  'technician_name',
  'shop_name',
  'services',
  'address',
] as const;

export const Message = v.strictObject({
  id: id(),
  appointment_id: id(),
  channel: v.picklist(CHANNELS),
  direction: v.picklist(['out', 'in']),
  body: text(),
  status: v.picklist(['queued', 'sent', 'delivered', 'failed', 'canceled']),
  created_at: instant(),
  sent_at: maybe(instant()),
});

export const MessageTemplate = v.strictObject({
  id: id(),
  name: text(),
  kind: v.pipe(
    maybe(v.picklist(NOTICE_KINDS)),
    v.description('What the shop tells by itself with it; null: it is sent when somebody sends it'),
  ),
  channel: v.picklist(CHANNELS),
  subject: v.pipe(maybe(text()), v.description('Of an e-mail')),
  body: text(),
  is_active: flag(),
  deleted_at: maybe(instant()),
  ...edited(),
});

export const RenderedMessage = v.strictObject({
  channel: v.picklist(CHANNELS),
  subject: maybe(text()),
  body: text(),
});

export const DELIVERY_STATUSES = ['queued', 'sending', 'sent', 'failed', 'canceled'] as const;

export const Delivery = v.strictObject({
  id: id(),
  kind: v.pipe(
    text(),
    v.description('password_reset, invoice, estimate, written by somebody, news of a job, or a notice'),
  ),
  appointment_id: maybe(id()),
  message_id: v.pipe(maybe(id()), v.description('Null until there is a text')),
  channel: maybe(v.picklist(CHANNELS)),
  recipient: maybe(text()),
  status: v.picklist(DELIVERY_STATUSES),
  attempts: count(),
  error: v.pipe(maybe(text()), v.description('Why it was not sent, or why the last attempt failed')),
  due_at: instant(),
  sent_at: maybe(instant()),
  created_at: instant(),
});

export const MessageUsage = listOf(
  v.strictObject({
    template_id: id(),
    name: text(),
    kind: MessageTemplate.entries.kind,
    channel: v.picklist(CHANNELS),
    queued: count(),
    sent: count(),
    delivered: count(),
    failed: count(),
    canceled: count(),
  }),
);

export const CallbackHeard = v.strictObject({
  heard: v.pipe(flag(), v.description('False: it was known already, or is about nobody whom the shop knows')),
});
