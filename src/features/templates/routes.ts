import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created, told } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { MessageTemplate, RenderedMessage } from '../../shapes/message.ts';
import { listOf } from '../../shapes/parts.ts';
import { addTemplate, changeTemplate, deleteTemplate, renderTemplate, restoreTemplate } from './commands.ts';
import { findTemplate, listTemplates } from './queries.ts';
import { NewTemplate, Rendering, TemplateList, TemplatePatch } from './schema.ts';

const TAKEN = ['message_template.kind_taken'] as const;

const on = (c: Ctx) => ({ id: pathId(c, 'message_template'), expected: expectedVersion(c) });

export const templates = new Hono<Env>()
  .get(
    '/',
    accept({
      summary: 'Lists the templates of messages',
      query: TemplateList,
      answers: listOf(MessageTemplate),
    }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listTemplates(c.get('sql'), query), query);
    },
  )
  .post(
    '/',
    accept({
      summary: 'Adds a template; the variables that it names are {{customer_name}} and the like',
      body: NewTemplate,
      answers: MessageTemplate,
      status: 201,
      refuses: TAKEN,
      example: {
        name: 'Running late',
        channel: 'sms',
        body: '{{shop_name}}: {{customer_name}}, we are running late. We are sorry!',
      },
    }),
    async (c) => {
      return write(c, async (tx) => {
        const made = await addTemplate(tx, c.req.valid('json'));
        return created(made, `/v1/message-templates/${made.id}`);
      });
    },
  )
  .get('/:id', accept({ summary: 'Reads a template', answers: MessageTemplate }), async (c) => {
    const found = await findTemplate(c.get('sql'), pathId(c, 'message_template'));
    if (found === undefined) throw notFound('message_template');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes a template; what was sent with it stays',
      body: TemplatePatch,
      answers: MessageTemplate,
      refuses: TAKEN,
      example: { body: '{{shop_name}}: {{customer_name}}, we will be late.' },
    }),
    async (c) => {
      const change = { ...on(c), patch: c.req.valid('json') };
      return write(c, async (tx) => changed(await changeTemplate(tx, change)));
    },
  )
  .delete(
    '/:id',
    accept({
      summary: 'Retires a template, which can be restored; the shop tells nothing by it any more',
      answers: MessageTemplate,
    }),
    async (c) => {
      const deletion = on(c);
      return write(c, async (tx) => changed(await deleteTemplate(tx, deletion)));
    },
  )
  .post(
    '/:id/restore',
    accept({ summary: 'Restores a retired template', answers: MessageTemplate, refuses: TAKEN }),
    async (c) => {
      const restoration = on(c);
      return write(c, async (tx) => changed(await restoreTemplate(tx, restoration)));
    },
  )
  .post(
    '/:id/render',
    accept({
      summary: 'Shows what a template would send, for a job or with given variables',
      body: Rendering,
      answers: RenderedMessage,
      refuses: ['message.variables_missing'],
      example: { appointment_id: EXAMPLE_IDS.appointment },
    }),
    async (c) => {
      const rendering = { ...on(c), ...c.req.valid('json') };
      return write(c, async (tx) => told(await renderTemplate(tx, rendering)));
    },
  );
