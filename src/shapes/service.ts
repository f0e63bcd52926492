import * as v from 'valibot';
import { cents, count, edited, flag, id, instant, maybe, text, texts } from './parts.ts';

export const SERVICE_KINDS = ['labour', 'part', 'package'] as const;

export const Service = v.strictObject({
  id: id(),
  code: text(),
  name: text(),
  category: text(),
  description: maybe(text()),
  duration_minutes: count(),
  price_cents: cents(),
  kind: v.picklist(SERVICE_KINDS),
  skills: texts(),
  is_active: flag(),
  items: v.array(v.strictObject({ service_id: id(), quantity: count() })),
  deleted_at: maybe(instant()),
  ...edited(),
});
