import * as v from 'valibot';
import { flag, id, instant, maybe, text } from './parts.ts';

export const Change = v.strictObject({
  cursor: text(),
  /** Such as appointment.moved */
  type: text(),
  entity: text(),
  entity_id: id(),
  /** Of the thing after the change; null where it has none, or is gone. */
  version: maybe(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  at: instant(),
  /** The thing is deleted: what else is known of it can be forgotten. */
  deleted: flag(),
});

/** A feed has no end: `next_cursor` always stands there, and what happens later is found behind it. */
export const Feed = v.strictObject({ items: v.array(Change), next_cursor: text() });

export const BoardTicket = v.strictObject({ ticket: text(), expires_at: instant() });
