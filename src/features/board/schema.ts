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
  position: v.pipe(
    whole(0, MAX_POSITION),
    v.description('In its column of the board on which it then stands; beyond the end is the end'),
  ),
  version: v.pipe(whole(1, MAX_VERSION), v.description('The one of the card that was seen')),
});

export type CardMove = v.InferOutput<typeof CardMove>;
