import { describe, expect, test } from 'bun:test';
import { PAUSES_MS } from '../../../src/features/webhooks/rules.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer } from '../../helpers/factories.ts';
import { until } from '../../process/started.ts';
import { ENV, openShop } from './dispatching.ts';
import { openReceiver, verify } from './receiver.ts';

const HOUR_MS = 3_600_000;

const shop = await openShop();
const { owner, app, hookOf, deliveriesOf, readHook } = shop;

describe('a delivery', () => {
  test('tells what happened, signed as Standard Webhooks has it', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url);
    const job = await aBooking(owner());
    await shop.round();
    const told = receiver.received.map(({ body }) => body.type);
    expect(told).toEqual(['webhook.created', 'customer.created', 'appointment.created']);
    const [, , last] = receiver.received;
    if (last === undefined) throw new Error('nothing came');
    expect(verify(hook.secret, last)).toEqual({
      type: 'appointment.created',
      timestamp: expect.any(String),
      data: { entity: 'appointment', entity_id: job.id, version: 1, deleted: false, status: 'scheduled' },
    });
    expect(() => verify(`whsec_${btoa('another secret of 24 byt')}`, last)).toThrow('No matching signature');
    expect(last.headers.get('content-type')).toBe('application/json');
    const [, , logged] = await deliveriesOf(hook);
    expect(logged).toMatchObject({
      ...{ status: 'delivered', attempts: 1, response_status: 200, response_excerpt: 'ok', error: null },
      ...{ type: 'appointment.created', next_attempt_at: null, payload: last.body },
    });
    expect(`msg_${logged.id}`).toBe(last.id);
    expect(logged.duration_ms).toBeGreaterThanOrEqual(0);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('is made of what a webhook asks for, from when it is there, and none while it is off', async () => {
    const receiver = openReceiver();
    await aCustomer(owner());
    const hook = await hookOf(receiver.url, ['appointment.*', 'customer.changed']);
    const { id } = await aCustomer(owner());
    await owner().patch(`/v1/customers/${id}`, { notes: 'n' });
    await aBooking(owner(), { customer_id: id });
    await shop.round();
    await owner().patch(`/v1/webhooks/${hook.id}`, { is_active: false });
    await owner().patch(`/v1/customers/${id}`, { notes: 'o' });
    await shop.round();
    await owner().patch(`/v1/webhooks/${hook.id}`, { is_active: true });
    await owner().patch(`/v1/customers/${id}`, { notes: 'p' });
    await shop.round();
    expect(receiver.received.map(({ body }) => [body.type, body.data.version])).toEqual([
      ['customer.changed', 2],
      ['appointment.created', 1],
      ['customer.changed', 4],
    ]);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('comes in the order of the feed, once, whoever sends: two dispatchers at once', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    const ids: string[] = [];
    for (let count = 0; count < 30; count += 1) ids.push((await aCustomer(owner())).id);
    const other = (await testApp({ url: app.url, env: ENV })).sql;
    await Promise.all([shop.round(), shop.round({ sql: other }), shop.round(), shop.round({ sql: other })]);
    // Who found the webhook taken left it: nothing remains.
    await shop.round();
    expect(receiver.received.map(({ body }) => body.data.entity_id)).toEqual(ids);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('is sent again under the same id when it was not noted: at least once', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    const { send } = shop.deps;
    const killed = shop.round({
      send: async (message) => {
        await send(message);
        throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    await shop.round();
    expect(receiver.received).toHaveLength(1);
    // Its lease is over.
    await app.sql`update webhook_progress set leased_until = now() - interval '1 second'`;
    await shop.round();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });
});

describe('a receiver that fails', () => {
  test('is tried again after growing pauses, nearly a day long, then the delivery has failed', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    receiver.answers(...Array<number>(9).fill(500));
    await shop.round();
    for (const [at, pause] of PAUSES_MS.entries()) {
      expect(receiver.received).toHaveLength(at + 1);
      await shop.later(pause - 1_000);
      await shop.round();
      expect(receiver.received).toHaveLength(at + 1);
      const [delivery] = await deliveriesOf(hook);
      expect(delivery).toMatchObject({ status: 'pending', attempts: at + 1, response_status: 500 });
      await shop.later(2_000);
      await shop.round();
    }
    const [delivery] = await deliveriesOf(hook);
    expect(delivery).toMatchObject({ status: 'failed', attempts: 9, next_attempt_at: null });
    expect(delivery.response_excerpt).toBe('status 500');
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    for (const one of receiver.received) expect(one.signature).toStartWith('v1,');
    expect((await readHook(hook)).is_active).toBe(true);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('holds up no later one, and is well again at its first success', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    await aCustomer(owner());
    receiver.answers(503);
    await shop.round();
    const statuses = async () => (await deliveriesOf(hook)).map(({ status }) => status);
    expect(await statuses()).toEqual(['pending', 'delivered']);
    const [row] = await app.sql`select failing_since from webhook_progress where webhook_id = ${hook.id}`;
    expect(row).toEqual({ failing_since: null });
    await aCustomer(owner());
    await shop.round();
    // The first is not due yet.
    expect(await statuses()).toEqual(['pending', 'delivered', 'delivered']);
    await shop.later(10_000);
    await shop.round();
    expect(await statuses()).toEqual(['delivered', 'delivered', 'delivered']);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('holds up no other webhook, not even with what happens meanwhile', async () => {
    const [dead, well] = [openReceiver(), openReceiver()];
    const hooks = [await hookOf(dead.url, ['customer.*']), await hookOf(well.url, ['customer.*'])];
    await aCustomer(owner());
    const never = Promise.withResolvers<void>();
    const { send } = shop.deps;
    const round = shop.round({
      send: async (message) => {
        if (message.url === dead.url) await never.promise;
        return send(message);
      },
    });
    await until('the first', () => well.received.length === 1);
    await aCustomer(owner());
    await until('the second', () => well.received.length === 2);
    expect(dead.received).toEqual([]);
    never.resolve();
    await round;
    expect(dead.received).toHaveLength(2);
    for (const { id } of hooks) await owner().delete(`/v1/webhooks/${id}`);
  });

  test('that only failed for a day is switched off, and the webhook says so', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    receiver.answers(...Array<number>(3).fill(500));
    await shop.round();
    await shop.later(24 * HOUR_MS - 1);
    await shop.round();
    expect((await readHook(hook)).is_active).toBe(true);
    await aCustomer(owner());
    await shop.later(HOUR_MS);
    await shop.round();
    const off = await readHook(hook);
    expect(off).toMatchObject({ is_active: false, disabled_reason: 'failing', version: hook.version + 1 });
    expect(shop.disabled).toContain(`${hook.id} failing`);
    const left = (await deliveriesOf(hook)).map(({ status }) => status);
    expect(left).toEqual(['canceled', 'canceled']);
    const on = await owner().patch(`/v1/webhooks/${hook.id}`, { is_active: true });
    expect(on.data).toMatchObject({ is_active: true, disabled_reason: null });
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('410 switches off at once', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    await aCustomer(owner());
    receiver.answers(410);
    await shop.round();
    expect(receiver.received).toHaveLength(1);
    expect(await readHook(hook)).toMatchObject({ is_active: false, disabled_reason: 'gone' });
    for (const [path, body] of [['test', undefined]] as const) {
      const { error } = await owner().post(`/v1/webhooks/${hook.id}/${path}`, body);
      expect(error).toMatchObject({ code: 409, reason: 'webhook.inactive' });
    }
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('without an answer in time, with a redirect, with an answer that has no end: each is noted', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    for (let count = 0; count < 3; count += 1) await aCustomer(owner());
    const never = Promise.withResolvers<Response>();
    receiver.answers(
      () => never.promise,
      () => new Response('moved', { status: 302, headers: { location: receiver.url } }),
      () => new Response(new ReadableStream({ pull: (body) => body.enqueue(Buffer.alloc(4_096, 'y')) })),
    );
    await shop.round();
    never.resolve(new Response('late'));
    const [late, moved, long] = await deliveriesOf(hook);
    expect(late).toMatchObject({
      status: 'pending',
      response_status: null,
      error: 'no answer within 0.5 seconds',
    });
    expect(moved).toMatchObject({ status: 'pending', response_status: 302, response_excerpt: 'moved' });
    expect(long).toMatchObject({ status: 'delivered', response_excerpt: 'y'.repeat(500) });
    expect(receiver.received).toHaveLength(3);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });
});

describe('what the owner does', () => {
  test('a test, and a delivery once more under its id', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['appointment.*']);
    const tested = await owner().post(`/v1/webhooks/${hook.id}/test`);
    expect([tested.status, tested.data.type, tested.data.status]).toEqual([202, 'webhook.test', 'pending']);
    await shop.round();
    const [first] = receiver.received;
    if (first === undefined) throw new Error('nothing came');
    expect(verify(hook.secret, first)).toMatchObject({ type: 'webhook.test', data: { entity_id: hook.id } });
    const again = await owner().post(`/v1/webhooks/${hook.id}/deliveries/${tested.data.id}/redeliver`);
    expect([again.status, again.data.status]).toEqual([202, 'pending']);
    await shop.round();
    expect(receiver.received.map(({ id }) => id)).toEqual([first.id, first.id]);
    const other = await hookOf(receiver.url, ['appointment.*']);
    const foreign = await owner().post(`/v1/webhooks/${other.id}/deliveries/${tested.data.id}/redeliver`);
    expect(foreign.error.reason).toBe('delivery.not_found');
    await owner().delete(`/v1/webhooks/${hook.id}`);
    await owner().delete(`/v1/webhooks/${other.id}`);
  });

  test('a new secret: the old one signs too, for a day', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    const { data: next } = await owner().post(`/v1/webhooks/${hook.id}/secret`);
    expect(next.secret).not.toBe(hook.secret);
    await aCustomer(owner());
    await shop.round();
    const [both] = receiver.received;
    if (both === undefined) throw new Error('nothing came');
    expect(both.signature.split(' ')).toHaveLength(2);
    verify(hook.secret, both);
    verify(next.secret, both);
    await shop.later(24 * HOUR_MS + 1);
    await aCustomer(owner());
    await shop.round();
    const [, one] = receiver.received;
    expect(one?.signature.split(' ')).toHaveLength(1);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('the secret is told once: no answer, no journal and no event holds it', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url);
    const { data: next } = await owner().post(`/v1/webhooks/${hook.id}/secret`);
    await shop.round();
    const told = [
      (await owner().get('/v1/webhooks')).text,
      (await owner().get(`/v1/webhooks/${hook.id}`)).text,
      (await owner().patch(`/v1/webhooks/${hook.id}`, { events: ['*'] })).text,
      (await owner().get(`/v1/audit?entity_id=${hook.id}`)).text,
      JSON.stringify(receiver.received.map(({ raw }) => raw)),
      JSON.stringify(app.lines),
    ];
    for (const text of told) for (const { secret } of [hook, next]) expect(text).not.toContain(secret);
    const changes = (await owner().get(`/v1/audit?entity_id=${hook.id}`)).data.items.map((row: Data) =>
      Object.keys(row.changes),
    );
    expect(changes).toContainEqual(['secret_changed_at', 'old_secret_ends_at']);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });
});

test('without a webhook nothing is done, but one look', async () => {
  const before = app.pool.counters().statements;
  await shop.round();
  expect(app.pool.counters().statements - before).toBe(1);
});
