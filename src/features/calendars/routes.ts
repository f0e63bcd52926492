import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { added, answerFile, told } from '../../http/answers.ts';
import { type Actor, type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { CalendarAddress, Revoked } from '../../shapes/calendar.ts';
import { publishCalendar, readCalendar, revokeCalendar } from './commands.ts';
import { CalendarQuery } from './schema.ts';

const changeBy = (actor: Actor) => ({ ownStaffId: onlyOwnJobsOf(actor) });

export const calendars = ({ clock }: { clock: () => number }) =>
  new Hono<Env>()
    .post(
      '/:id/calendar',
      accept({
        summary: "Makes the secret address of a technician's calendar; the one before it ends",
        answers: CalendarAddress,
        status: 201,
        isUnkept: true,
      }),
      async (c) => {
        const change = { id: pathId(c, 'technician'), expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => {
          const made = await publishCalendar(tx, { ...change, ...changeBy(actor) });
          return added(JSON.stringify(made), made.url);
        });
      },
    )
    .delete(
      '/:id/calendar',
      accept({ summary: "Revokes the secret address of a technician's calendar", answers: Revoked }),
      async (c) => {
        const change = { id: pathId(c, 'technician'), expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => {
          await revokeCalendar(tx, { ...change, ...changeBy(actor) });
          return told({ revoked: true });
        });
      },
    )
    .get(
      '/:id/calendar.ics',
      accept({
        summary: "Sends a technician's jobs as iCalendar, to whoever has the secret address",
        query: CalendarQuery,
        answers: 'text/calendar',
        isTagged: true,
      }),
      async (c) => {
        const asked = { id: pathId(c, 'technician'), token: c.req.valid('query').token, now: clock() };
        return answerFile(c, await readCalendar(c.get('sql'), asked), 'text/calendar; charset=utf-8');
      },
    );
