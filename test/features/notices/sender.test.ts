import { beforeEach, describe, expect, test } from 'bun:test';
import { noteOutcome } from '../../../src/features/messages/commands.ts';
import { sendDue } from '../../../src/features/notices/sender.ts';
import { queueMail } from '../../../src/features/outbox/commands.ts';
import { NeverSent } from '../../../src/features/outbox/types.ts';
import type { Data } from '../../helpers/app.ts';
import { until } from '../../process/started.ts';
import { aJob, aShop, move, NOON } from './sending.ts';

const shop = await aShop();
const { app, owner, at, send, sender, provide, handed, logged } = shop;

/** That of the news: the reminders have their time yet. */
const deliveryOf = async (appointmentId: string): Promise<Data> =>
  (await owner.get(`/v1/outbox?appointment_id=${appointmentId}`)).data.items.find(
    ({ kind }: Data) => kind === 'news',
  );
const minutesTo = (instant: string): number => (Date.parse(instant) - shop.clock.now) / 60_000;

beforeEach(async () => {
  at(NOON);
  await app.sql`update outbox set status = 'canceled' where status in ('queued', 'sending')`;
  provide.next = async () => null;
  handed.length = 0;
  logged.length = 0;
});

/** Due now: a notice of the booking. */
const aNotice = async (): Promise<Data> => aJob(owner, '2031-03-20T18:00:00Z');

describe('a provider that fails', () => {
  test('is tried eight times in about a day, under one id, further and further apart; then it is given up', async () => {
    provide.next = async () => Promise.reject(new Error('status 503'));
    const job = await aNotice();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(await send()).toHaveLength(1);
      const delivery = await deliveryOf(job.id);
      expect(delivery).toMatchObject({ attempts: attempt, error: 'status 503' });
      if (attempt === 8) break;
      expect(delivery.status).toBe('queued');
      pauses.push(minutesTo(delivery.due_at));
      // Nights would hold it up: the clock moves to the minute and stays by day.
      await app.sql`update outbox set due_at = ${NOON} where id = ${delivery.id}`;
    }
    for (const [place, minutes] of [1, 5, 15, 60, 180, 420, 720].entries()) {
      expect(pauses[place]).toBeGreaterThanOrEqual(minutes * 0.79);
      expect(pauses[place]).toBeLessThanOrEqual(minutes * 1.21);
    }
    expect(new Set(handed.map(({ id }) => id)).size).toBe(1);
    expect((await deliveryOf(job.id)).status).toBe('failed');
    const thread = (await owner.get(`/v1/appointments/${job.id}/messages`)).data.items;
    expect(thread).toMatchObject([{ status: 'failed', id: handed[0]?.id }]);
    expect(await send()).toEqual([]);
    const log = JSON.stringify(logged);
    for (const secret of [handed[0]?.recipient, handed[0]?.body]) expect(log).not.toContain(String(secret));
  });

  test('for good: given up at once, listed, and sent again by hand', async () => {
    provide.next = async () => Promise.reject(new NeverSent('no such number'));
    const job = await aNotice();
    await send();
    const delivery = await deliveryOf(job.id);
    expect(delivery).toMatchObject({ status: 'failed', attempts: 1, error: 'no such number' });
    const listed = await owner.get('/v1/outbox?status=failed');
    expect(listed.data.items[0].id).toBe(delivery.id);
    provide.next = async () => null;
    const again = await owner.post(`/v1/outbox/${delivery.id}/retry`);
    expect(again.data).toMatchObject({ status: 'queued', attempts: 0, error: null });
    expect(await send()).toHaveLength(1);
    expect((await deliveryOf(job.id)).status).toBe('sent');
    const twice = await owner.post(`/v1/outbox/${delivery.id}/retry`);
    expect(twice.error).toMatchObject({
      code: 409,
      reason: 'outbox.not_failed',
      details: { status: 'sent' },
    });
  });

  test('a retry that has to wait stands with the text that failed, until there is another', async () => {
    provide.next = async () => Promise.reject(new NeverSent('no such number'));
    const job = await aNotice();
    await send();
    const { id, message_id } = await deliveryOf(job.id);
    at('2031-03-05T08:00:00Z');
    await owner.post(`/v1/outbox/${id}/retry`);
    expect(await send()).toEqual([]);
    expect(await deliveryOf(job.id)).toMatchObject({ status: 'queued', message_id, channel: 'sms' });
  });

  test('sends nothing twice under one id: what somebody sends again has another, and counts not against itself', async () => {
    const known = new Set<string>();
    const taken: string[] = [];
    // The carrier refuses whatever the provider took.
    provide.next = async ({ id, body }) => {
      if (!known.has(id)) taken.push(body);
      known.add(id);
      return id;
    };
    await app.sql`update settings set messages_per_hour = 1`;
    const job = await aNotice();
    const [notice] = await send();
    await app.sql`update settings set messages_per_hour = 2`;
    const hello = { channel: 'sms', body: 'Hello' };
    await owner.post(`/v1/appointments/${job.id}/messages`, hello);
    const [written] = await send();
    for (const letter of [notice, written]) {
      const refused = { providerId: letter?.id ?? '', status: 'failed', error: 'unreachable' } as const;
      await app.sql.transaction((tx) => noteOutcome(tx, refused));
    }
    const { data } = await owner.get(`/v1/outbox?status=failed&appointment_id=${job.id}`);
    for (const { id } of data.items) await owner.post(`/v1/outbox/${id}/retry`);
    await send();
    expect(taken.slice(2).sort()).toEqual(taken.slice(0, 2).sort());
    const thread = (await owner.get(`/v1/appointments/${job.id}/messages`)).data.items;
    expect(thread.map(({ status }: Data) => status).sort()).toEqual(['failed', 'failed', 'sent', 'sent']);
    await app.sql`update settings set messages_per_hour = 1000`;
  });

  test('what has become untrue meanwhile is not sent again; the correction is', async () => {
    provide.next = async () => Promise.reject(new Error('status 503'));
    const job = await aNotice();
    await send();
    await owner.patch(`/v1/appointments/${job.id}`, { starts_at: '2031-03-21T18:00:00Z' });
    provide.next = async () => null;
    await app.sql`update outbox set due_at = ${NOON} where appointment_id = ${job.id} and kind = 'news'`;
    const sent = await send();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toContain('Fri, Mar 21');
    const thread = (await owner.get(`/v1/appointments/${job.id}/messages`)).data.items;
    expect(thread.map(({ status }: Data) => status)).toEqual(['canceled', 'sent']);
    expect(sent[0]?.id).toBe(thread[1].id);
  });
});

describe('a sender that dies', () => {
  test('between handing over and noting it: sent again after its lease, under the same id, and not before', async () => {
    const job = await aNotice();
    // Its provider takes the letter, and it ends before it can note that.
    const gone = Promise.withResolvers<string | null>();
    provide.next = () => gone.promise;
    const dying = sendDue(sender);
    while (handed.length === 0) await Bun.sleep(1);
    provide.next = async () => null;
    expect(await sendDue(sender)).toBe(false);
    at('2031-03-04T20:00:59Z');
    expect(await sendDue(sender)).toBe(false);
    at('2031-03-04T20:01:00Z');
    expect(await send()).toHaveLength(1);
    expect(handed[1]).toEqual(handed[0] as Data);
    // And should it come back after all, it overwrites nothing.
    const before = await deliveryOf(job.id);
    gone.reject(new Error('cut off'));
    await dying;
    expect(await deliveryOf(job.id)).toEqual(before);
    expect(before).toMatchObject({ status: 'sent', attempts: 2 });
  });

  test('and comes back while another has it: what it says counts for nothing', async () => {
    const job = await aNotice();
    const [first, second] = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
    provide.next = () => first.promise;
    const dying = sendDue(sender);
    while (handed.length === 0) await Bun.sleep(1);
    at('2031-03-04T20:01:00Z');
    provide.next = () => second.promise;
    const living = sendDue(sender);
    while (handed.length === 1) await Bun.sleep(1);
    first.reject(new NeverSent('cut off'));
    await dying;
    expect([await deliveryOf(job.id), logged]).toMatchObject([
      { status: 'sending', attempts: 2, error: null },
      [],
    ]);
    second.resolve(null);
    await living;
    expect(await deliveryOf(job.id)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  test('again and again: given up after eight claims', async () => {
    const job = await aNotice();
    await app.sql`update outbox set attempts = 8 where appointment_id = ${job.id} and kind = 'news'`;
    expect(await send()).toEqual([]);
    expect(await deliveryOf(job.id)).toMatchObject({ status: 'failed', error: 'No attempt came to its end' });
  });
});

test('a fault while one is noted: the others are brought to their end before it is told', async () => {
  const [bad, good] = [await aNotice(), await aNotice()];
  const { phone } = (await owner.get(`/v1/customers/${bad.customer_id}`)).data;
  await app.sql`create table refused as select ${bad.id}::uuid as appointment_id`;
  await app.sql`create sequence refusals`;
  await app.sql`
    create function refuse() returns trigger language plpgsql as $$ begin
      if new.status = 'sent' and new.appointment_id in (select appointment_id from refused) then
        perform nextval('refusals');
        raise 'no';
      end if;
      return new;
    end $$`;
  await app.sql`create trigger refuse before update on outbox for each row execute function refuse()`;
  const slow = Promise.withResolvers<null>();
  provide.next = async ({ recipient }) => (recipient === phone ? null : slow.promise);
  const round = sendDue(sender).then(
    () => undefined,
    (error: unknown) => error,
  );
  await until(
    'the fault',
    async () => (await app.sql`select 1 as one from refusals where is_called`).length === 1,
  );
  slow.resolve(null);
  expect(await round).toBeInstanceOf(Error);
  expect((await deliveryOf(good.id)).status).toBe('sent');
  await app.sql`drop trigger refuse on outbox`;
});

test('ten senders at once send each message once', async () => {
  const jobs = await Promise.all(Array.from({ length: 40 }, aNotice));
  const rounds = Array.from({ length: 10 }, async () => {
    while (await sendDue(sender));
  });
  await Promise.all(rounds);
  await send();
  expect(handed).toHaveLength(jobs.length);
  expect(new Set(handed.map(({ recipient }) => recipient)).size).toBe(jobs.length);
});

test('a job that somebody holds is passed over, and told of when it is free; the others do not wait', async () => {
  const [held, free] = [await aNotice(), await aNotice()];
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = app.sql.transaction(async (tx) => {
    await tx`select 1 as one from appointments where id = ${held.id} for no key update`;
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  expect(await send()).toHaveLength(1);
  expect((await deliveryOf(free.id)).status).toBe('sent');
  release.resolve();
  await holder;
  expect(await send()).toHaveLength(1);
  expect((await deliveryOf(held.id)).status).toBe('sent');
});

test('what follows about a job waits until what goes before has arrived', async () => {
  const job = await aNotice();
  const slow = Promise.withResolvers<string | null>();
  provide.next = () => slow.promise;
  const first = sendDue(sender);
  while (handed.length === 0) await Bun.sleep(1);
  await move(owner, job.id, 'canceled');
  provide.next = async () => null;
  expect(await send()).toEqual([]);
  slow.resolve(null);
  await first;
  expect((await send()).map(({ body }) => body)).toEqual([expect.stringContaining('is canceled')]);
});

describe('a mail to the staff', () => {
  const mail = { kind: 'password_reset', subject: 'A new password', body: 'a secret token' } as const;
  const rows = () =>
    app.sql<Data>`select status, body, attempts, sent_at is not null as is_sent from outbox where recipient = 'a@b.test'`;

  test('goes out at night too, under the id of its delivery, and is emptied', async () => {
    at('2031-03-05T11:00:00Z');
    await queueMail(app.sql, 'a@b.test', mail);
    const [sent] = await send();
    expect(sent).toMatchObject({ channel: 'email', recipient: 'a@b.test', body: 'a secret token' });
    expect(await rows()).toEqual([{ status: 'sent', body: null, attempts: 1, is_sent: true }]);
  });

  test('that fails for good is emptied as well, and cannot be tried again', async () => {
    await app.sql`delete from outbox where recipient = 'a@b.test'`;
    provide.next = async () => Promise.reject(new NeverSent('SMTP 550'));
    await queueMail(app.sql, 'a@b.test', mail);
    await send();
    expect(await rows()).toMatchObject([{ status: 'failed', body: null }]);
    const [row] = await app.sql<{ id: string }>`select id from outbox where recipient = 'a@b.test'`;
    expect((await owner.post(`/v1/outbox/${row?.id}/retry`)).error.reason).toBe('outbox.not_failed');
  });
});

describe('a provider that calls two texts the same', () => {
  test('each is noted as sent, and none goes out again', async () => {
    provide.next = async () => 'always-this';
    await aJob(owner, '2031-03-20T18:00:00Z');
    await aJob(owner, '2031-03-21T18:00:00Z');
    const sent = await send();
    provide.next = async () => null;
    expect(sent).toHaveLength(2);
    shop.clock.now += 300_000;
    expect(await send()).toEqual([]);
  });
});
