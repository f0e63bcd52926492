import { describe, expect, test } from 'bun:test';
import { type Answer, type Client, testApp } from '../helpers/app.ts';
import { aCustomer, inHours } from '../helpers/factories.ts';
import type { Example, World } from './example.ts';
import { EXAMPLES, exampleOf, isUnkept, isWrite, methodOf } from './examples.ts';

const app = await testApp();
const otherWorker = await testApp({ url: app.url });
const owner = await app.as('owner');
const world: World = { app, owner };
const keyedRoutes = Object.keys(EXAMPLES).filter((route) => isWrite(route) && !isUnkept(route));

let made = 0;
const aKey = (): string => {
  made += 1;
  return `key ${made}`;
};

const send = (client: Client, route: string, { path, body }: Example, key: string): Promise<Answer> =>
  client.send(methodOf(route), path, {
    ...(body === undefined ? {} : { body }),
    headers: { 'idempotency-key': key },
  });

const newCustomer = () => ({ name: 'Ana', email: `key-${aKey().slice(4)}@example.com` });
const post = (body: object, key: string, client = owner) =>
  client.post('/v1/customers', body, { headers: { 'idempotency-key': key } });
const customersNamed = async (email: string) =>
  (await app.sql`select 1 from customers where email = ${email}`).length;

/** A link is a secret: it is told once, and kept nowhere. */
const withoutLink = (text: string): string => text.replace(/"link_url":"[^"]+"/, '"link_url":null');

describe('every write replays its answer to the same key', () => {
  for (const route of keyedRoutes) {
    test(route, async () => {
      const example = await exampleOf(world, route);
      const key = aKey();
      const first = await send(owner, route, example, key);
      expect(first.ok).toBe(true);
      expect(first.headers.has('idempotency-replayed')).toBe(false);
      const second = await send(owner, route, example, key);
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect([second.status, second.text]).toEqual([first.status, withoutLink(first.text)]);
      for (const name of ['etag', 'location', 'content-type']) {
        expect(second.headers.get(name)).toBe(first.headers.get(name));
      }
    });
  }
});

describe('Idempotency-Key', () => {
  test('422 for another body under the same key; the first answer stays', async () => {
    const key = aKey();
    const body = newCustomer();
    const first = await post(body, key);
    const other = await post({ ...body, notes: 'x' }, key);
    expect(other.error).toMatchObject({ code: 422, reason: 'idempotency.key_reused' });
    expect((await post(body, key)).text).toBe(first.text);
  });

  test('the same key on another route, thing, method or of another person is another write', async () => {
    const key = aKey();
    const advisor = await app.as('advisor');
    const { data: one } = await post(newCustomer(), key);
    const two = await post(newCustomer(), key, advisor);
    expect(two.status).toBe(201);
    expect(two.headers.has('idempotency-replayed')).toBe(false);
    for (const id of [one.id, two.data.id]) {
      const headers = { 'idempotency-key': key };
      const patched = await owner.patch(`/v1/customers/${id}`, { notes: 'n' }, { headers });
      expect([patched.status, patched.data.version]).toEqual([200, 2]);
      const deleted = await owner.delete(`/v1/customers/${id}`, { headers });
      expect([deleted.status, deleted.data.version]).toEqual([200, 3]);
    }
  });

  test('a refusal keeps no key: once its reason is gone, the same request passes', async () => {
    const key = aKey();
    const body = newCustomer();
    const { id } = await aCustomer(owner, { email: body.email });
    expect((await post(body, key)).error.reason).toBe('customer.email_taken');
    await owner.delete(`/v1/customers/${id}`);
    expect((await post(body, key)).status).toBe(201);
  });

  test('a hundred at once have one effect: the rest are 409 or the same answer, and a hundred after are the same', async () => {
    const key = aKey();
    const body = newCustomer();
    const otherOwner = otherWorker.sameAs(owner);
    const racing = await Promise.all(
      Array.from({ length: 100 }, (_, at) => post(body, key, at % 2 === 0 ? owner : otherOwner)),
    );
    const refused = racing.filter(({ ok }) => !ok);
    const reasons = [...new Set(refused.map(({ error }) => error.reason))];
    expect(['idempotency.in_progress', 'database.busy']).toEqual(expect.arrayContaining(reasons));
    const texts = new Set(racing.filter(({ ok }) => ok).map(({ text }) => text));
    expect(texts.size).toBe(1);
    for (let at = 0; at < 100; at += 1) texts.add((await post(body, key, owner)).text);
    expect(texts.size).toBe(1);
    expect(await customersNamed(body.email)).toBe(1);
  });

  test('409 while the first request with the key still runs, with Retry-After', async () => {
    const key = aKey();
    const { id } = await aCustomer(owner);
    const locked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holder = app.sql.transaction(async (tx) => {
      await tx`select 1 from customers where id = ${id} for update`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const patch = () =>
      owner.patch(`/v1/customers/${id}`, { notes: 'n' }, { headers: { 'idempotency-key': key } });
    const both = [patch(), patch()];
    // One gets the key's lock and waits for the row; the other is told so at once.
    const refused = await Promise.race(both);
    expect(refused.error).toMatchObject({ code: 409, reason: 'idempotency.in_progress' });
    expect(refused.headers.get('retry-after')).toBe('1');
    release.resolve();
    await holder;
    const done = (await Promise.all(both)).filter(({ ok }) => ok);
    expect(done.map(({ data }) => data.version)).toEqual([2]);
    expect((await patch()).text).toBe(done[0]?.text ?? '');
  });

  test('401 comes first: a stranger learns nothing of a key', async () => {
    const key = aKey();
    await post(newCustomer(), key);
    expect((await post(newCustomer(), key, app.stranger)).error.reason).toBe('auth.token_missing');
  });

  test('400 for a key that is empty, longer than 255 or not ASCII', async () => {
    for (const key of ['', 'x'.repeat(256), 'schlüssel']) {
      expect((await post(newCustomer(), key)).error).toMatchObject({
        code: 400,
        reason: 'request.header_invalid',
      });
    }
    expect((await post(newCustomer(), 'x'.repeat(255))).status).toBe(201);
  });

  test('the routes of auth ignore it: each login is a session of its own', async () => {
    const { body, path } = await exampleOf(world, 'POST /v1/auth/login');
    const headers = { 'idempotency-key': aKey() };
    const [one, two] = [
      await app.stranger.post(path, body, { headers }),
      await app.stranger.post(path, body, { headers }),
    ];
    expect(one.data.refresh_token).not.toBe(two.data.refresh_token);
    expect(await app.sql`select 1 from idempotency_keys where body like '%refresh_token%'`).toEqual([]);
  });

  test('a booking sent twice books once', async () => {
    const customer = await aCustomer(owner);
    const body = { customer_id: customer.id, starts_at: inHours(400) };
    const headers = { 'idempotency-key': aKey() };
    const answers = [
      await owner.post('/v1/appointments', body, { headers }),
      await owner.post('/v1/appointments', body, { headers }),
    ];
    expect(new Set(answers.map(({ data }) => data.id)).size).toBe(1);
    expect(await app.sql`select 1 from appointments where customer_id = ${customer.id}`).toHaveLength(1);
  });
});
