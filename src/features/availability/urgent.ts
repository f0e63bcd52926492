import type { Sql } from '../../database/sql.ts';
import { parameterInvalid } from '../../http/accept.ts';
import { rangeAround } from './calendar.ts';
import { readCalendars } from './calendars.ts';
import { reckoned } from './measuring.ts';
import { type Asking, jobOf, offerOf, placeOf, type Range, spanOf, whoseOf } from './offers.ts';
import { instantOf, minutesOf } from './outcome.ts';
import { readStandings } from './queries.ts';
import type { StartsQuery } from './schema.ts';
import { type Slip, type UrgentStart, urgentStart } from './slips.ts';
import type { Search } from './starts.ts';

/** Every minute and every job is looked at: what is urgent is a matter of a day. */
const RANGE: Range = { days: 1, longestDays: 7 };

/** Who can be there first, as JSON text: one start for each technician, with the jobs that would slip. Nothing is moved. */
export const listUrgentStarts = async (
  sql: Sql,
  query: StartsQuery,
  { travel, ...asking }: Asking,
): Promise<string> => {
  if (query.cursor !== undefined)
    throw parameterInvalid([{ path: 'cursor', message: 'is not possible with urgent: there is one page' }]);
  const span = spanOf(query, asking.now, RANGE);
  const { skills, lengthMs } = await jobOf(sql, query);
  const { shop, books } = await readCalendars(sql, { span, now: asking.now, whose: whoseOf(query, skills) });
  const standings = await readStandings(sql, {
    ...{ technicianIds: books.map(({ technician }) => technician.id) },
    ...{ from: rangeAround(span).from, to: span.to },
  });
  const calendar = { standings: new Map(standings.map((one) => [one.id, one])) };
  const wish = {
    ...{ id: null, place: placeOf(query), skills, vehicleVisits: [], ...asking },
    ...{ before: shop.bufferBefore, after: shop.bufferAfter },
  };
  const items = await reckoned(sql, { shop, travel }, (rules) => {
    const search: Search = { shop: rules, lengthMs, wish };
    const starts = books.flatMap((book) => urgentStart(search, { ...calendar, book }, span) ?? []);
    const ranked = starts.sort((one, other) => one.at - other.at || slipOf(one) - slipOf(other));
    return ranked.slice(0, query.limit).map((start) => ({
      ...offerOf(search, start),
      slips: start.slips.map(slipTold),
    }));
  });
  return JSON.stringify({ items, next_cursor: null });
};

const slipOf = ({ slips }: UrgentStart): number => slips.reduce((sum, { from, to }) => sum + to - from, 0);

const slipTold = ({ id, from, to }: Slip) => ({
  ...{ appointment_id: id, starts_at: instantOf(from), new_starts_at: instantOf(to) },
  slips_minutes: minutesOf(to - from),
});
