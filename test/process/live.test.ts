import { expect, setDefaultTimeout, test } from 'bun:test';
import { listenTo } from '../features/changes/listener.ts';
import { openReceiver, verify } from '../features/webhooks/receiver.ts';
import type { Data } from '../helpers/app.ts';
import { login, OWNER_VARIABLES } from './requests.ts';
import { household, until } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();

test('a worker tells streams and webhooks of what changes, and with both open it ends in time', async () => {
  const receiver = openReceiver();
  const server = serve({
    ...{ DATA_DIR: folder(), DATABASE_URL: await database(), WEBHOOKS_ALLOW_PRIVATE: 'true', GRACE_S: '30' },
    ...OWNER_VARIABLES,
  });
  const address = await server.ready();
  const { data }: Data = await (await login(address)).json();
  const own = { authorization: `Bearer ${data.access_token}` };
  const post = async (path: string, body: object): Promise<Data> => {
    const headers = { ...own, 'content-type': 'application/json' };
    const answer = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return ((await answer.json()) as Data).data;
  };
  const hook = await post('/v1/webhooks', { url: receiver.url, events: ['customer.*'] });
  const listener = await listenTo((path, headers) => fetch(`${address}${path}`, { headers }), { own });
  const { id } = await post('/v1/customers', { name: 'Ana', email: 'ana@example.com' });
  expect(await listener.hears(1)).toMatchObject([{ event: 'customer.created', data: { entity_id: id } }]);
  const told = await until('the webhook', () => receiver.received[0]);
  expect(verify(hook.secret, told)).toMatchObject({ type: 'customer.created', data: { entity_id: id } });
  const began = performance.now();
  server.signal('SIGTERM');
  expect(await server.exit).toBe(0);
  expect(listener.hasEnded()).toBe(true);
  // An open stream would have been cut at the end of the grace.
  expect(performance.now() - began).toBeLessThan(25_000);
  expect(server.printed.join()).not.toContain('still in flight');
});
