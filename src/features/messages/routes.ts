import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { added } from '../../http/answers.ts';
import { type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Message } from '../../shapes/message.ts';
import { listOf } from '../../shapes/parts.ts';
import { writeMessage } from './commands.ts';
import { hasJob, listMessages } from './queries.ts';
import { MessageList, NewMessage } from './schema.ts';

export const messages = ({ clock }: { clock: () => number }) =>
  new Hono<Env>()
    .get(
      '/:id/messages',
      accept({
        summary: 'Lists what was written to and by the customer about a job',
        query: MessageList,
        answers: listOf(Message),
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: pathId(c, 'appointment') };
        if (!(await hasJob(c.get('sql'), query.id, onlyOwnJobsOf(c.get('actor')))))
          throw notFound('appointment');
        return answerPage(c, await listMessages(c.get('sql'), query), query);
      },
    )
    .post(
      '/:id/messages',
      accept({
        summary: 'Writes to the customer of a job: a text of its own, or a template',
        body: NewMessage,
        answers: Message,
        status: 201,
        refuses: [
          ...(['message.no_recipient', 'message.no_consent'] as const),
          ...(['message.too_many', 'message.variables_missing'] as const),
        ],
        example: { channel: 'email', body: 'Hello {{customer_name}}, is there a parking space for our van?' },
      }),
      async (c) => {
        const id = pathId(c, 'appointment');
        const now = new Date(clock()).toISOString();
        const written = { id, now, input: c.req.valid('json'), expected: expectedVersion(c) };
        return write(c, async (tx) =>
          added(await writeMessage(tx, written), `/v1/appointments/${id}/messages`),
        );
      },
    );
