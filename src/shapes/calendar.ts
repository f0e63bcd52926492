import * as v from 'valibot';
import { text } from './parts.ts';

export const CalendarAddress = v.strictObject({
  url: v.pipe(
    text(),
    v.description(
      'To be put behind the address of this server; shown once, and secret: it opens the calendar',
    ),
  ),
});

export const Revoked = v.strictObject({ revoked: v.literal(true) });
