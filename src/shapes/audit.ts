import * as v from 'valibot';
import { ROLES } from '../access.ts';
import { id, instant, maybe, text } from './parts.ts';

export const AuditRow = v.strictObject({
  id: id(),
  at: instant(),
  /** Null: it was done from outside the API, or by the holder of a token for a new password. */
  actor: maybe(v.strictObject({ id: id(), name: text(), role: v.picklist([...ROLES, 'customer']) })),
  action: v.picklist(['created', 'changed', 'deleted', 'restored']),
  entity: text(),
  entity_id: id(),
  changes: v.record(text(), v.strictObject({ from: v.unknown(), to: v.unknown() })),
  correlation_id: maybe(text()),
});
