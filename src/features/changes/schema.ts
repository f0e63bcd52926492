import * as v from 'valibot';
import { cursorParameter, limitParameter, pageParameters } from '../../http/page.ts';
import { id } from '../../values/id.ts';
import { commaList } from '../../values/number.ts';
import { instantOrDate } from '../../values/time.ts';

export const ENTITIES = [
  'appointment',
  'closure',
  'customer',
  'estimate',
  'extra_hours',
  'invoice',
  'message',
  'message_template',
  'note',
  'payment',
  'refund',
  'service',
  'service_area',
  'settings',
  'staff',
  'technician',
  'time_off',
  'vehicle',
  'webhook',
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

const WHATS = ['created', 'changed', 'deleted', 'restored'];

/** What events are asked for by: all, all of an entity, or one type. A job that came into another status has moved. */
export const EVENTS: readonly string[] = [
  '*',
  ...ENTITIES.flatMap((entity) => ['*', ...WHATS].map((what) => `${entity}.${what}`)),
  'appointment.moved',
];

export const eventName = v.picklist(
  EVENTS,
  'must be a type such as appointment.moved, all of an entity such as appointment.*, or *',
);

export const ChangeList = v.strictObject({
  limit: limitParameter(),
  cursor: cursorParameter(),
  types: v.optional(commaList(eventName, EVENTS.length)),
});

/** Whatever stands there is no fault: an id that is not known is answered with a reset. */
export const StreamQuery = v.strictObject({
  ticket: v.optional(v.string()),
  last_event_id: v.optional(v.string()),
});

export type ChangeList = v.InferOutput<typeof ChangeList>;
export type AuditList = v.InferOutput<ReturnType<typeof auditList>>;
