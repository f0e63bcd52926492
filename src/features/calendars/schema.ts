import * as v from 'valibot';
import { EXAMPLE_CALENDAR_TOKEN } from '../../http/example-shop.ts';
import { documented } from '../../values/documented.ts';

export const CalendarQuery = v.strictObject({
  token: v.pipe(
    v.string('must be the token of the address'),
    documented({ type: 'string', examples: [EXAMPLE_CALENDAR_TOKEN] }),
    v.maxLength(100, 'must be the token of the address'),
  ),
});
