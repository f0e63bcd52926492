import { describe, expect, test } from 'bun:test';
import { disable, leaseWebhooks, takeDue } from '../../../src/features/webhooks/deliveries.ts';
import type { Send } from '../../../src/features/webhooks/sender.ts';
import { aCustomer } from '../../helpers/factories.ts';
import { until } from '../../process/started.ts';
import { openShop } from './dispatching.ts';
import { openReceiver } from './receiver.ts';

const shop = await openShop();
const { owner, app, hookOf, deliveriesOf, readHook } = shop;

const endLeases = () =>
  app.sql`update webhook_progress set leased_until = clock_timestamp() - interval '1 second'`;

/** A dispatcher that is held up in its first hand-over, for longer than its lease. */
const heldUp = async (url: string) => {
  const goOn = Promise.withResolvers<void>();
  const handed: string[] = [];
  const send: Send = async (message) => {
    handed.push(message.body);
    if (handed.length === 1) await goOn.promise;
    return { status: message.url === url ? 503 : 200, excerpt: '', error: undefined };
  };
  const round = shop.round({ send });
  await until('the first hand-over', () => handed.length === 1);
  await endLeases();
  return {
    handed,
    goOn: async (): Promise<void> => {
      goOn.resolve();
      await round;
    },
  };
};

/** One that a dispatcher has taken, with a test event to be sent. */
const taken = async () => {
  const { url } = openReceiver();
  const { id } = await hookOf(url);
  const now = new Date(shop.deps.clock()).toISOString();
  await owner().post(`/v1/webhooks/${id}/test`);
  const [lease] = await leaseWebhooks(app.sql, { most: 1, now });
  if (lease === undefined) throw new Error('nothing was due');
  return { id, url, now, lease };
};

describe('a dispatcher that is held up for longer than its lease', () => {
  test('notes nothing of what another one has sent since, and sends nothing more', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    await aCustomer(owner());
    const slow = await heldUp(receiver.url);
    receiver.answers(500, 500);
    await shop.round();
    expect(receiver.received).toHaveLength(2);
    const before = await deliveriesOf(hook);
    await slow.goOn();
    expect(slow.handed).toHaveLength(1);
    expect(await deliveriesOf(hook)).toEqual(before);
    expect(
      before.map(({ status, attempts, response_status }) => [status, attempts, response_status]),
    ).toEqual(Array(2).fill(['pending', 1, 500]));
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('takes nothing from another one that is about to send', async () => {
    const receiver = openReceiver();
    const hook = await hookOf(receiver.url, ['customer.*']);
    await aCustomer(owner());
    const slow = await heldUp(receiver.url);
    const answer = Promise.withResolvers<Response>();
    receiver.answers(() => answer.promise);
    const other = shop.round({ send: shop.deps.send });
    await until('the other one', () => receiver.received.length === 1, 5_000);
    await slow.goOn();
    const [row] = await app.sql`
      select leased_until > clock_timestamp() as is_leased from webhook_progress where webhook_id = ${hook.id}`;
    expect(row).toEqual({ is_leased: true });
    answer.resolve(new Response('ok'));
    await other;
    expect(await deliveriesOf(hook)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
    await owner().delete(`/v1/webhooks/${hook.id}`);
  });

  test('switches off nothing that was switched on anew meanwhile', async () => {
    const { id, now, lease } = await taken();
    const hook = await takeDue(app.sql, lease, now);
    if (hook === undefined) throw new Error('it was not taken');
    for (const is_active of [false, true]) await owner().patch(`/v1/webhooks/${id}`, { is_active });
    expect(await disable(app.sql, hook, 'failing')).toBe(false);
    expect(await readHook({ id })).toMatchObject({ is_active: true, disabled_reason: null });
    await owner().delete(`/v1/webhooks/${id}`);
  });
});

test('a new address counts from the next delivery on, also for a dispatcher that is at it', async () => {
  const [old, next] = [openReceiver(), openReceiver()];
  const hook = await hookOf(old.url, ['customer.*']);
  await aCustomer(owner());
  await aCustomer(owner());
  const { send } = shop.deps;
  await shop.round({
    send: async (message) => {
      if (message.url === old.url) await owner().patch(`/v1/webhooks/${hook.id}`, { url: next.url });
      return send(message);
    },
  });
  expect([old.received.length, next.received.length]).toEqual([1, 1]);
  await owner().delete(`/v1/webhooks/${hook.id}`);
});

test('whoever waits for a change of the webhook sends to what it has become', async () => {
  const { id, url, now, lease } = await taken();
  const waiting = await app.sql.transaction(async (tx) => {
    await tx`select 1 as one from webhook_progress where webhook_id = ${id} for update`;
    const taking = takeDue(app.sql, lease, now);
    await until('the wait', async () => {
      const found = await app.sql`
        select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return found.length === 1;
    });
    await tx`update webhooks set url = ${`${url}/new`} where id = ${id}`;
    // In a list, or it would be waited for here.
    return [taking];
  });
  expect(await waiting[0]).toMatchObject({ url: `${url}/new` });
  await owner().delete(`/v1/webhooks/${id}`);
});

test('nothing is sent to a webhook that was switched off, also by whoever has it', async () => {
  const { id, now, lease } = await taken();
  await owner().patch(`/v1/webhooks/${id}`, { is_active: false });
  await app.sql`
    update webhook_deliveries set status = 'pending', next_attempt_at = now() where webhook_id = ${id}`;
  expect(await takeDue(app.sql, lease, now)).toBeUndefined();
  await owner().delete(`/v1/webhooks/${id}`);
});

test('an address that is gone does not switch off the one that took its place', async () => {
  const { id, url, now, lease } = await taken();
  const hook = await takeDue(app.sql, lease, now);
  if (hook === undefined) throw new Error('it was not taken');
  await owner().patch(`/v1/webhooks/${id}`, { url: `${url}/new` });
  expect(await disable(app.sql, hook, 'gone')).toBe(false);
  expect(await readHook({ id })).toMatchObject({ is_active: true, disabled_reason: null });
  await owner().delete(`/v1/webhooks/${id}`);
});

test('what was put down just as a webhook was switched off is not sent when it is switched on again', async () => {
  const receiver = openReceiver();
  const hook = await hookOf(receiver.url, ['customer.*']);
  await aCustomer(owner());
  await shop.round({ send: async () => ({ status: 503, excerpt: '', error: undefined }) });
  await owner().patch(`/v1/webhooks/${hook.id}`, { is_active: false });
  // By a dispatcher that saw the webhook as it was a moment before.
  await app.sql`
    update webhook_deliveries set status = 'pending', next_attempt_at = now() where webhook_id = ${hook.id}`;
  await owner().patch(`/v1/webhooks/${hook.id}`, { is_active: true });
  await shop.later(60_000);
  await shop.round();
  expect(receiver.received).toEqual([]);
  expect(await deliveriesOf(hook)).toMatchObject([{ status: 'canceled' }]);
  await owner().delete(`/v1/webhooks/${hook.id}`);
});

test('who removes or changes a webhook waits for its dispatcher with nothing in hand that this one needs', async () => {
  const { url } = openReceiver();
  const change = { url: `${url}/new` };
  for (const send of [
    (path: string) => owner().delete(path),
    (path: string) => owner().patch(path, change),
    (path: string) => owner().post(`${path}/test`),
  ]) {
    const { id } = await hookOf(url, ['customer.*']);
    const written = app.sql.transaction(async (tx) => {
      await tx`select 1 as one from webhook_progress where webhook_id = ${id} for update`;
      const answer = send(`/v1/webhooks/${id}`);
      await until('the wait', async () => {
        const waiting = await app.sql`
          select 1 as one from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like '%webhook%'`;
        return waiting.length === 1;
      });
      await tx`select 1 as one from webhooks where id = ${id} for update nowait`;
      return { answer };
    });
    const { answer } = await written;
    expect((await answer).ok).toBe(true);
  }
});
