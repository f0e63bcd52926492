import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { id } from '../../values/id.ts';
import { instantOrDate } from '../../values/time.ts';

export const ENTITIES = [
  'appointment',
  'closure',
  'customer',
  'extra_hours',
  'note',
  'service',
  'service_area',
  'settings',
  'staff',
  'technician',
  'time_off',
  'vehicle',
] as const;

/** `zone` is the shop's: a bare date is the start of that day there. */
export const auditList = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...pageParameters(['-at']),
    actor_id: v.optional(id()),
    entity: v.optional(v.picklist(ENTITIES, `must be one of ${ENTITIES.join(', ')}`)),
    entity_id: v.optional(id()),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

export type AuditList = v.InferOutput<ReturnType<typeof auditList>>;
