import * as v from 'valibot';
import { COLUMN_STATUSES } from '../../shapes/board.ts';
import { id } from '../../values/id.ts';
import { whole } from '../../values/number.ts';
import { calendarDate } from '../../values/time.ts';

const MAX_POSITION = 1_000_000;
const MAX_VERSION = 2_147_483_647;

export const StatsQuery = v.strictObject({ date: v.optional(calendarDate()) });

export const BoardQuery = v.strictObject({
  ...StatsQuery.entries,
  technician_id: v.optional(id()),
});

export const CardMove = v.strictObject({
  status: v.picklist(COLUMN_STATUSES, `must be one of ${COLUMN_STATUSES.join(', ')}`),
  position: whole(0, MAX_POSITION),
  version: whole(1, MAX_VERSION),
});

export type CardMove = v.InferOutput<typeof CardMove>;
