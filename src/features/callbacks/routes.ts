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

type Deps = { clock: () => number; secret: string | undefined };

/** For the provider of text messages, whom its signature makes known. */
export const callbacks = ({ clock, secret }: Deps) => {
  const copies = new WeakMap<object, { arrayBuffer(): Promise<ArrayBuffer> }>();
  return new Hono<Env>().post(
    '/sms/callbacks',
    async (c, next) => {
      // What is signed is the body as it came, which can be read once.
      copies.set(c.req.raw, c.req.raw.clone());
      await next();
    },
    accept({
      summary: 'Hears from the provider of text messages: one was delivered, failed or received',
      body: SmsCallback,
      answers: CallbackHeard,
      refuses: ['callback.signature_wrong', 'message.not_found'],
      isUnkept: true,
      example: { type: 'received', id: 'SM1', from: '+12135550142', text: 'The gate code is 1207' },
    }),
    async (c) => {
      const body = new Uint8Array((await copies.get(c.req.raw)?.arrayBuffer()) ?? []);
      const header = (name: string): string | undefined => c.req.header(`webhook-${name}`);
      const signed = {
        id: header('id'),
        timestamp: header('timestamp'),
        signature: header('signature'),
        body,
      };
      assertSigned(secret, signed, clock());
      return write(c, async (tx) => {
        const { region } = await readShop(tx);
        return told({ heard: await hear(tx, region, c.req.valid('json')) });
      });
    },
  );
};
