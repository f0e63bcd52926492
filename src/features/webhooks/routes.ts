import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created, removed, shown } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { Webhook, WebhookDelivery, WebhookWithSecret } from '../../shapes/webhook.ts';
import { placeAll } from '../changes/places.ts';
import { addWebhook, changeWebhook, redeliver, removeWebhook, rotateSecret, sendTest } from './commands.ts';
import { findWebhook, listDeliveries, listWebhooks } from './queries.ts';
import { DeliveryList, newWebhook, WebhookList, webhookPatch } from './schema.ts';

type Options = { clock: () => number; allowsPrivate: boolean };

export const webhooks = ({ clock, allowsPrivate }: Options) => {
  const now = (): string => new Date(clock()).toISOString();
  return new Hono<Env>()
    .get(
      '/',
      accept({
        summary: 'Lists who is told of what happens',
        query: WebhookList,
        answers: listOf(Webhook),
      }),
      async (c) => {
        const query = c.req.valid('query');
        return answerPage(c, await listWebhooks(c.get('sql'), query), query);
      },
    )
    .post(
      '/',
      accept({
        summary: 'Adds an address that is told of what happens, and tells its secret',
        body: newWebhook(allowsPrivate),
        answers: WebhookWithSecret,
        status: 201,
        example: { url: 'https://hooks.example.com/shop', events: ['appointment.*', 'customer.created'] },
        isUnkept: true,
      }),
      async (c) => {
        // What is older is not for it.
        await placeAll(c.get('sql'), { isPatient: true });
        return write(c, async (tx) => {
          const made = await addWebhook(tx, c.req.valid('json'));
          return created(made, `/v1/webhooks/${made.id}`);
        });
      },
    )
    .get('/:id', accept({ summary: 'Reads a webhook, without its secret', answers: Webhook }), async (c) => {
      const found = await findWebhook(c.get('sql'), pathId(c, 'webhook'));
      if (found === undefined) throw notFound('webhook');
      return answerShape(c, found);
    })
    .patch(
      '/:id',
      accept({
        summary: 'Changes a webhook, or switches it off and on',
        body: webhookPatch(allowsPrivate),
        answers: Webhook,
        example: { events: ['*'], is_active: true },
      }),
      async (c) => {
        const change = { id: pathId(c, 'webhook'), patch: c.req.valid('json'), expected: expectedVersion(c) };
        if (change.patch.is_active === true) await placeAll(c.get('sql'), { isPatient: true });
        return write(c, async (tx) => changed(await changeWebhook(tx, change)));
      },
    )
    .delete(
      '/:id',
      accept({ summary: 'Removes a webhook with its deliveries, for good', answers: Webhook }),
      async (c) => {
        const on = { id: pathId(c, 'webhook'), expected: expectedVersion(c) };
        return write(c, async (tx) => removed(await removeWebhook(tx, on)));
      },
    )
    .post(
      '/:id/secret',
      accept({
        summary: 'Makes a new secret; the old one signs too for 24 hours',
        answers: WebhookWithSecret,
        isUnkept: true,
      }),
      async (c) => {
        const on = { id: pathId(c, 'webhook'), expected: expectedVersion(c), now: clock() };
        return write(c, async (tx) => changed(await rotateSecret(tx, on)));
      },
    )
    .post(
      '/:id/test',
      accept({
        summary: 'Sends the event webhook.test',
        answers: WebhookDelivery,
        status: 202,
        refuses: ['webhook.inactive'],
      }),
      async (c) => {
        const on = { id: pathId(c, 'webhook'), expected: expectedVersion(c), now: now() };
        return write(c, async (tx) => shown(await sendTest(tx, on), 202));
      },
    )
    .get(
      '/:id/deliveries',
      accept({
        summary: 'Lists what was sent to a webhook and what came of it, the newest first',
        query: DeliveryList,
        answers: listOf(WebhookDelivery),
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: pathId(c, 'webhook') };
        if ((await findWebhook(c.get('sql'), query.id)) === undefined) throw notFound('webhook');
        return answerPage(c, await listDeliveries(c.get('sql'), query), query);
      },
    )
    .post(
      '/:id/deliveries/:deliveryId/redeliver',
      accept({
        summary: 'Sends a delivery once more, under the id that it has',
        answers: WebhookDelivery,
        status: 202,
        refuses: ['webhook.inactive', 'delivery.not_found'],
      }),
      async (c) => {
        const on = { id: pathId(c, 'webhook'), expected: expectedVersion(c), now: now() };
        const deliveryId = pathId(c, 'delivery', 'deliveryId');
        return write(c, async (tx) => shown(await redeliver(tx, { ...on, deliveryId }), 202));
      },
    );
};
