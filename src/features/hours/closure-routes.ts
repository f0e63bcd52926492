import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { added, removed } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Closure, NewClosure } from '../../shapes/hours.ts';
import { listOf } from '../../shapes/parts.ts';
import { addClosure, removeClosure } from './commands.ts';
import { listSpans } from './queries.ts';
import { newSpan, spanList } from './schema.ts';

export const closures = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists when the whole shop is closed', query: spanList, answers: listOf(Closure) }),
    async (c) => {
      const query = c.req.valid('query');
      const found = await listSpans(c.get('sql'), { table: 'closures', technicianId: null }, query);
      return answerPage(c, found, query);
    },
  )
  .post(
    '/',
    accept({
      summary: 'Closes the whole shop for a time, and tells the jobs that somebody must move',
      body: newSpan,
      answers: NewClosure,
      status: 201,
      example: { starts_at: '2101-11-24', ends_at: '2101-11-26', reason: 'Thanksgiving' },
    }),
    async (c) => {
      return write(c, async (tx) => added((await addClosure(tx, c.req.valid('json'))).shape, '/v1/closures'));
    },
  )
  .delete(
    '/:id',
    accept({
      summary: 'Removes a closure: the shop is open then after all',
      answers: Closure,
      // A closure is never changed: it has no version.
      isOneThing: false,
      refuses: ['closure.not_found'],
    }),
    async (c) => {
      const id = pathId(c, 'closure');
      return write(c, async (tx) => removed(await removeClosure(tx, id)));
    },
  );
