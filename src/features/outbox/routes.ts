import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { shown } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Delivery } from '../../shapes/message.ts';
import { listOf } from '../../shapes/parts.ts';
import { retryDelivery } from './commands.ts';
import { listOutbox } from './queries.ts';
import { OutboxList } from './schema.ts';

export const outbox = ({ clock }: { clock: () => number }) =>
  new Hono<Env>()
    .get(
      '/',
      accept({
        summary: 'Lists what is to be sent, was sent or has failed, the newest first',
        query: OutboxList,
        answers: listOf(Delivery),
      }),
      async (c) => {
        const query = c.req.valid('query');
        return answerPage(c, await listOutbox(c.get('sql'), query), query);
      },
    )
    .post(
      '/:id/retry',
      accept({
        summary: 'Sends again what has failed, as a new text',
        answers: Delivery,
        // Nothing of it is ever edited, so it has no version.
        isOneThing: false,
        refuses: ['outbox.not_found', 'outbox.not_failed'],
      }),
      async (c) => {
        const id = pathId(c, 'outbox');
        const now = new Date(clock()).toISOString();
        return write(c, async (tx) => shown(await retryDelivery(tx, id, now)));
      },
    );
