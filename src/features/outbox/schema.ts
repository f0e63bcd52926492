import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { DELIVERY_STATUSES } from '../../shapes/message.ts';
import { id } from '../../values/id.ts';
import { commaList } from '../../values/number.ts';

const status = v.picklist(DELIVERY_STATUSES, `must be one of ${DELIVERY_STATUSES.join(', ')}`);

export const OutboxList = v.strictObject({
  ...pageParameters(['-created_at']),
  status: v.optional(commaList(status, DELIVERY_STATUSES.length)),
  appointment_id: v.optional(id()),
});

export type OutboxList = v.InferOutput<typeof OutboxList>;
