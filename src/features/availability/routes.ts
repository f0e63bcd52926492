import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { answerText } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { BookableStart, Explanation } from '../../shapes/availability.ts';
import { listOf } from '../../shapes/parts.ts';
import { explainStart, listStarts } from './offers.ts';
import { availabilityQuery, ExplainQuery } from './schema.ts';
import type { Travel } from './types.ts';
import { listUrgentStarts } from './urgent.ts';

type Deps = { clock: () => number; travel: Travel | undefined };

export const availability = ({ clock, travel }: Deps) => {
  const asking = () => ({ now: clock(), isPublic: false, travel });
  return new Hono<Env>()
    .get(
      '/',
      accept({
        summary: 'Lists the starts at which a job can be booked, the earliest first',
        query: availabilityQuery,
        answers: listOf(BookableStart),
      }),
      async (c) => {
        const { urgent, ...query } = c.req.valid('query');
        const list = urgent ? listUrgentStarts : listStarts;
        return answerText(c, await list(c.get('sql'), query, asking()));
      },
    )
    .get(
      '/explain',
      accept({
        summary: 'Explains by every rule why a start can be booked, or cannot',
        query: ExplainQuery,
        answers: Explanation,
      }),
      async (c) => answerText(c, await explainStart(c.get('sql'), c.req.valid('query'), asking())),
    );
};
