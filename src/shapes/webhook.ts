import * as v from 'valibot';
import { count, edited, flag, id, instant, maybe, text, texts } from './parts.ts';

const fields = {
  id: id(),
  url: text(),
  events: texts(),
  is_active: flag(),
  /** Why the server itself has put it off. */
  disabled_reason: maybe(v.picklist(['gone', 'failing'])),
  secret_changed_at: instant(),
  ...edited(),
};

export const Webhook = v.strictObject(fields);

/** The secret is told here and never again. */
export const WebhookWithSecret = v.strictObject({ ...fields, secret: text() });

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'canceled'] as const;

export const WebhookDelivery = v.strictObject({
  id: id(),
  webhook_id: id(),
  type: text(),
  payload: v.record(text(), v.unknown()),
  status: v.picklist(DELIVERY_STATUSES),
  attempts: count(),
  next_attempt_at: maybe(instant()),
  response_status: maybe(count()),
  response_excerpt: maybe(text()),
  error: maybe(text()),
  duration_ms: maybe(count()),
  delivered_at: maybe(instant()),
  created_at: instant(),
});
