import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { told } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { readShop } from '../../http/shop.ts';
import { write } from '../../http/write.ts';
import { CallbackHeard } from '../../shapes/message.ts';
import { hear } from './commands.ts';
import { assertSigned } from './rules.ts';
import { SmsCallback } from './schema.ts';

const SIGNED_WITH = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

type Deps = { clock: () => number; secret: string | undefined };

/** For the provider of text messages, whom its signature makes known. */
export const callbacks = ({ clock, secret }: Deps) =>
  new Hono<Env>().post(
    '/sms/callbacks',
    accept({
      summary: 'Hears from the provider of text messages: one was delivered, failed or received',
      body: SmsCallback,
      answers: CallbackHeard,
      refuses: ['callback.signature_wrong', 'message.not_found'],
      isUnkept: true,
      example: { type: 'received', id: 'SM1', from: '+12135550142', text: 'The gate code is 1207' },
      assertSigned: (c, body) => {
        const [id, timestamp, signature] = SIGNED_WITH.map((name) => c.req.header(name));
        assertSigned(secret, { id, timestamp, signature, body }, clock());
      },
    }),
    async (c) =>
      write(c, async (tx) => {
        const { region } = await readShop(tx);
        return told({ heard: await hear(tx, region, c.req.valid('json')) });
      }),
  );
