import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { answerHashed } from '../../http/answers.ts';
import { type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { pathId } from '../../http/validate.ts';
import { Day } from '../../shapes/day.ts';
import type { Travel } from '../availability/types.ts';
import { DayQuery } from './schema.ts';
import { tellDay } from './tell.ts';

export const days = ({ clock, travel }: { clock: () => number; travel: Travel | undefined }) =>
  new Hono<Env>().get(
    '/:id/day',
    accept({
      summary: "Tells a technician's day: stops in order, drives, and who will be late",
      query: DayQuery,
      answers: Day,
    }),
    async (c) => {
      const asked = {
        technicianId: pathId(c, 'technician'),
        ownStaffId: onlyOwnJobsOf(c.get('actor')),
        date: c.req.valid('query').date,
        zone: c.get('shop').zone,
        now: clock(),
        travel,
      };
      return answerHashed(c, await tellDay(c.get('sql'), asked));
    },
  );
