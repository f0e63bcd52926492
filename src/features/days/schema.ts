import * as v from 'valibot';
import { calendarDate } from '../../values/time.ts';

export const DayQuery = v.strictObject({ date: v.optional(calendarDate()) });
