import { afterAll, setSystemTime } from 'bun:test';
import { Webhook } from 'standardwebhooks';
import type { Data } from '../../helpers/app.ts';

export type Received = {
  id: string;
  at: number;
  signature: string;
  body: Data;
  raw: string;
  headers: Headers;
};

/** A real receiver on this machine, which answers as it is told to. */
export const openReceiver = () => {
  const received: Received[] = [];
  const answers: (() => Response | Promise<Response>)[] = [];
  const server = Bun.serve({
    ...{ hostname: '127.0.0.1', port: 0 },
    fetch: async (request) => {
      const raw = await request.text();
      const { headers } = request;
      const header = (name: string) => headers.get(`webhook-${name}`) ?? '';
      received.push({
        ...{ id: header('id'), at: Number(header('timestamp')), signature: header('signature') },
        ...{ body: JSON.parse(raw), raw, headers },
      });
      return (answers.shift() ?? (() => new Response('ok')))();
    },
  });
  afterAll(() => server.stop(true));
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    received,
    /** What the next ones are answered, one after the other; then 200 again. */
    answers: (...next: (number | (() => Response | Promise<Response>))[]): void => {
      answers.push(
        ...next.map((one) =>
          typeof one === 'number' ? () => new Response(`status ${one}`, { status: one }) : one,
        ),
      );
    },
  };
};

/** By another implementation than ours, at that moment: throws for a signature that is not of this secret. */
export const verify = (secret: string, { raw, id, at, signature }: Received): Data => {
  setSystemTime(at * 1_000);
  try {
    return new Webhook(secret).verify(raw, {
      ...{ 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature },
    });
  } finally {
    setSystemTime();
  }
};
