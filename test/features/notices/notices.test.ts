import { beforeEach, describe, expect, test } from 'bun:test';
import { aJob, aShop, aTexter, bodiesOf, move, NOON } from './sending.ts';

const shop = await aShop();
const { app, owner, at, send } = shop;
const NAME = "Edgar's Mobile Auto Shop";

const outboxOf = (id: string) =>
  app.sql<{ kind: string; status: string }>`
    select kind, status from outbox where appointment_id = ${id} order by created_at, kind`;
const threadOf = async (id: string) => (await owner.get(`/v1/appointments/${id}/messages`)).data.items;

beforeEach(async () => {
  at(NOON);
  await app.sql`update outbox set status = 'canceled' where status in ('queued', 'sending')`;
});

describe('a job from its booking to its end', () => {
  test('sends exactly what the rules ask for, each once', async () => {
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    expect(bodiesOf(await send())).toEqual([
      `${NAME}: Ana, your visit is booked for Thu, Mar 6 at 10:00 AM. Reply STOP to end texts.`,
    ]);
    at('2031-03-05T17:59:59Z');
    expect(await send()).toEqual([]);
    at('2031-03-05T18:00:00Z');
    expect(bodiesOf(await send())).toEqual([`${NAME}: a reminder of your visit on Thu, Mar 6 at 10:00 AM.`]);
    at('2031-03-06T16:00:00Z');
    expect(bodiesOf(await send())).toEqual([`${NAME}: see you today. We come at 10:00 AM.`]);
    at('2031-03-06T17:40:00Z');
    await move(owner, job.id, 'en_route');
    expect(bodiesOf(await send())).toEqual([`${NAME}: Ana, we are on the way to you.`]);
    await move(owner, job.id, 'in_progress');
    await move(owner, job.id, 'ready');
    expect(bodiesOf(await send())).toEqual([`${NAME}: Ana, your vehicle is ready.`]);
    await move(owner, job.id, 'completed');
    expect(bodiesOf(await send())).toEqual([`${NAME}: thank you for your trust, Ana!`]);
    at('2031-03-09T20:00:00Z');
    expect(await send()).toEqual([]);
    const thread = await threadOf(job.id);
    expect(thread.map(({ status }: { status: string }) => status)).toEqual(Array(6).fill('sent'));
    expect((await outboxOf(job.id)).filter(({ status }) => status === 'sent')).toHaveLength(6);
  });

  test('straight to completed: thanks, and no word of what was passed over', async () => {
    const job = await aJob(owner, '2031-03-04T21:00:00Z');
    await send();
    await move(owner, job.id, 'in_progress');
    await move(owner, job.id, 'ready');
    await move(owner, job.id, 'completed');
    expect(bodiesOf(await send())).toEqual([`${NAME}: thank you for your trust, Ana!`]);
  });

  test('out and back again: on the way is told once for a start', async () => {
    const job = await aJob(owner, '2031-03-04T21:00:00Z');
    await move(owner, job.id, 'en_route');
    await move(owner, job.id, 'scheduled');
    expect(bodiesOf(await send())).toEqual([expect.stringContaining('is booked for')]);
    for (const told of [1, 0]) {
      await move(owner, job.id, 'en_route');
      expect(await send()).toHaveLength(told);
      await move(owner, job.id, 'scheduled');
      expect(await send()).toEqual([]);
    }
  });
});

describe('reminders', () => {
  test('of a job that is booked half an hour ahead: none', async () => {
    const job = await aJob(owner, '2031-03-04T20:30:00Z');
    await send();
    at('2031-03-04T20:29:00Z');
    expect(await send()).toEqual([]);
    expect(await outboxOf(job.id)).toEqual([{ kind: 'news', status: 'sent' }]);
  });

  test('of a job that is booked five hours ahead: the later one', async () => {
    await aJob(owner, '2031-03-05T01:00:00Z');
    await send();
    at('2031-03-04T23:00:00Z');
    expect(bodiesOf(await send())).toEqual([`${NAME}: see you today. We come at 5:00 PM.`]);
  });

  test('of a job that moves: new ones for the new start, none for the old', async () => {
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    await send();
    await owner.patch(`/v1/appointments/${job.id}`, { starts_at: '2031-03-07T18:00:00Z' });
    expect(bodiesOf(await send())).toEqual([
      `${NAME}: your visit has moved. We come on Fri, Mar 7 at 10:00 AM.`,
    ]);
    at('2031-03-05T18:00:00Z');
    expect(await send()).toEqual([]);
    at('2031-03-06T18:00:00Z');
    expect(bodiesOf(await send())).toEqual([`${NAME}: a reminder of your visit on Fri, Mar 7 at 10:00 AM.`]);
  });

  test('of a job that moves away and comes back: once, though it was put down twice', async () => {
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    for (const starts_at of ['2031-03-07T18:00:00Z', '2031-03-06T18:00:00Z'])
      await owner.patch(`/v1/appointments/${job.id}`, { starts_at });
    // What the customer was told is still so: nothing has moved for them.
    expect(bodiesOf(await send())).toEqual([expect.stringContaining('is booked for Thu, Mar 6')]);
    at('2031-03-05T18:00:00Z');
    expect(bodiesOf(await send())).toEqual([`${NAME}: a reminder of your visit on Thu, Mar 6 at 10:00 AM.`]);
    const again = app.sql`
      insert into outbox (id, kind, appointment_id, starts_at)
      values (new_id(), 'reminder_day', ${job.id}, '2031-03-06T18:00:00Z')`;
    await expect(again).rejects.toMatchObject({ constraint: 'outbox_notice_once' });
  });

  test('of a canceled, deleted, finished job: none', async () => {
    const jobs = [];
    for (let count = 0; count < 3; count += 1) jobs.push(await aJob(owner, '2031-03-06T18:00:00Z'));
    await send();
    await move(owner, jobs[0].id, 'canceled');
    await owner.delete(`/v1/appointments/${jobs[1].id}`);
    await move(owner, jobs[2].id, 'no_show');
    const text = `${NAME}: your visit on Thu, Mar 6 at 10:00 AM is canceled.`;
    expect(bodiesOf(await send())).toEqual([text, text]);
    at('2031-03-05T18:00:00Z');
    expect(await send()).toEqual([]);
  });

  test('sent late are not sent after the start', async () => {
    await aJob(owner, '2031-03-06T18:00:00Z');
    await send();
    at('2031-03-06T18:00:00Z');
    expect(await send()).toEqual([]);
  });
});

describe('the last word', () => {
  test('canceled before anything was told: nothing is ever told', async () => {
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    await move(owner, job.id, 'canceled');
    expect(await send()).toEqual([]);
    expect(await threadOf(job.id)).toEqual([]);
  });

  test('canceled after a move that nobody was told of: what is canceled is the start that they know', async () => {
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    await send();
    await owner.patch(`/v1/appointments/${job.id}`, { starts_at: '2031-03-07T18:00:00Z' });
    await move(owner, job.id, 'canceled');
    expect(bodiesOf(await send())).toEqual([`${NAME}: your visit on Thu, Mar 6 at 10:00 AM is canceled.`]);
    await move(owner, job.id, 'scheduled');
    expect(bodiesOf(await send())).toEqual([expect.stringContaining('is booked for Fri, Mar 7')]);
  });

  test('deleted and restored: both are told', async () => {
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    await send();
    await owner.delete(`/v1/appointments/${job.id}`);
    expect(bodiesOf(await send())).toEqual([expect.stringContaining('is canceled')]);
    await owner.post(`/v1/appointments/${job.id}/restore`);
    expect(bodiesOf(await send())).toEqual([expect.stringContaining('is booked for')]);
  });
});

describe('who is told, and how', () => {
  test('by e-mail without consent to texts, or without a template for them', async () => {
    const { id: customer_id } = await aTexter(owner, { sms_consent: false, email: 'quiet@example.com' });
    await aJob(owner, '2031-03-06T18:00:00Z', { customer_id });
    const [mail] = await send();
    expect(mail).toMatchObject({
      ...{
        channel: 'email',
        recipient: 'quiet@example.com',
        subject: 'Your visit on Thu, Mar 6 at 10:00 AM',
      },
      body: `Hello Ana,\n\nyour visit is booked for Thu, Mar 6 at 10:00 AM.\n\n${NAME}`,
    });
  });

  test('not at all who has neither, nor about a kind without a template', async () => {
    const { id: customer_id } = await aTexter(owner, { sms_consent: false, email: null });
    const job = await aJob(owner, '2031-03-06T18:00:00Z', { customer_id });
    const other = await aJob(owner, '2031-03-04T21:00:00Z');
    await app.sql`update message_templates set is_active = false where kind = 'booked'`;
    expect(await send()).toEqual([]);
    await app.sql`update message_templates set is_active = true where kind = 'booked'`;
    expect((await outboxOf(job.id)).find(({ kind }) => kind === 'news')?.status).toBe('canceled');
    expect((await outboxOf(other.id)).find(({ kind }) => kind === 'news')?.status).toBe('canceled');
  });

  test('by the phone that counts when it is sent', async () => {
    const customer = await aTexter(owner);
    await aJob(owner, '2031-03-06T18:00:00Z', { customer_id: customer.id });
    await owner.patch(`/v1/customers/${customer.id}`, { phone: '+12135559876', sms_consent: true });
    expect((await send()).map(({ recipient }) => recipient)).toEqual(['+12135559876']);
  });

  test('never with a gap: a template that names what the job lacks fails, and says so', async () => {
    await app.sql`update message_templates set body = 'With {{vehicle}}' where kind = 'booked' and channel = 'sms'`;
    const job = await aJob(owner, '2031-03-06T18:00:00Z');
    expect(await send()).toEqual([]);
    await app.sql`update message_templates set body = 'Booked' where kind = 'booked' and channel = 'sms'`;
    const { data, error } = await owner.get(`/v1/outbox?status=failed&appointment_id=${job.id}`);
    expect(error).toBeNull();
    expect(data.items).toMatchObject([{ kind: 'news', error: expect.stringContaining('lacks: vehicle') }]);
    await owner.post(`/v1/outbox/${data.items[0].id}/retry`);
    expect(bodiesOf(await send())).toEqual(['Booked']);
  });

  test('no more than the limit of an hour; the rest an hour later, when it is still so', async () => {
    await app.sql`update settings set messages_per_hour = 1`;
    const { id: customer_id } = await aTexter(owner);
    await aJob(owner, '2031-03-06T18:00:00Z', { customer_id });
    const second = await aJob(owner, '2031-03-06T21:00:00Z', { customer_id });
    const third = await aJob(owner, '2031-03-07T21:00:00Z', { customer_id });
    expect(await send()).toHaveLength(1);
    await move(owner, second.id, 'canceled');
    at('2031-03-04T21:01:00Z');
    expect(bodiesOf(await send())).toEqual([expect.stringContaining('Booked')]);
    expect(await threadOf(second.id)).toEqual([]);
    expect(await threadOf(third.id)).toHaveLength(1);
    await app.sql`update settings set messages_per_hour = 1000`;
  });

  test('at the limit too: what takes the place of a text that never went is no second one', async () => {
    await app.sql`update settings set messages_per_hour = 1`;
    await aJob(owner, '2031-03-06T18:00:00Z');
    shop.provide.next = async () => Promise.reject(new Error('status 503'));
    await send();
    shop.provide.next = async () => null;
    await app.sql`update message_templates set body = 'Rewritten' where kind = 'booked' and channel = 'sms'`;
    at('2031-03-04T20:02:00Z');
    expect(bodiesOf(await send())).toEqual(['Rewritten']);
    await app.sql`update message_templates set body = 'Booked' where kind = 'booked' and channel = 'sms'`;
    await app.sql`update settings set messages_per_hour = 1000`;
  });
});

describe('what somebody wrote', () => {
  const write = (id: string, channel: string, body: string) =>
    owner.post(`/v1/appointments/${id}/messages`, { channel, body });

  test('goes as it was written, to the address that counts then, also of a job that has ended since', async () => {
    const customer = await aTexter(owner);
    const job = await aJob(owner, '2031-03-06T18:00:00Z', { customer_id: customer.id });
    await send();
    await write(job.id, 'sms', 'See you, {{customer_name}}');
    await owner.patch(`/v1/customers/${customer.id}`, {
      phone: '+12135559875',
      name: 'Eva',
      sms_consent: true,
    });
    expect(await send()).toMatchObject([{ recipient: '+12135559875', body: 'See you, Ana' }]);
  });

  test('is canceled when the customer wants no texts any more, or has no such address', async () => {
    for (const patch of [{ sms_consent: false }, { phone: null }]) {
      const customer = await aTexter(owner, { email: `gone-${Math.random()}@example.com` });
      const job = await aJob(owner, '2031-03-06T18:00:00Z', { customer_id: customer.id });
      await send();
      await write(job.id, 'sms', 'Hello');
      await owner.patch(`/v1/customers/${customer.id}`, patch);
      expect(await send()).toEqual([]);
      const thread = await threadOf(job.id);
      expect(thread.find(({ body }: { body: string }) => body === 'Hello').status).toBe('canceled');
    }
  });
});

describe('at night', () => {
  test('no text goes out before eight, whoever wrote it; mails do', async () => {
    at('2031-03-05T06:00:00Z');
    const texter = await aJob(owner, '2031-03-06T18:00:00Z');
    const { id: customer_id } = await aTexter(owner, { sms_consent: false, email: 'night@example.com' });
    const reader = await aJob(owner, '2031-03-06T18:00:00Z', { customer_id });
    await owner.post(`/v1/appointments/${texter.id}/messages`, { channel: 'sms', body: 'Hello' });
    await owner.post(`/v1/appointments/${reader.id}/messages`, { channel: 'email', body: 'Hello' });
    expect((await send()).map(({ channel }) => channel)).toEqual(['email', 'email']);
    at('2031-03-05T15:59:59Z');
    expect(await send()).toEqual([]);
    at('2031-03-05T16:00:00Z');
    expect(await send()).toHaveLength(2);
  });

  for (const [what, evening, morning] of [
    ['before summer time', '2031-03-09T05:30:00Z', '2031-03-09T15:00:00Z'],
    ['before winter time', '2031-11-02T04:30:00Z', '2031-11-02T16:00:00Z'],
  ] as const)
    test(`a text of the evening ${what} goes at eight by the new clock`, async () => {
      at(evening);
      await aJob(owner, morning.replace(/T1.*/, 'T22:00:00Z'));
      expect(await send()).toEqual([]);
      const [row] = await app.sql<{ due: string }>`
        select iso(due_at) as due from outbox where kind = 'news' and status = 'queued'`;
      expect(row?.due).toBe(morning);
      at(morning);
      expect(bodiesOf(await send())).toEqual([expect.stringContaining('Booked')]);
    });

  test('what has passed by the morning is not told then', async () => {
    at('2031-03-05T05:00:00Z');
    const job = await aJob(owner, '2031-03-05T14:00:00Z');
    at('2031-03-05T13:40:00Z');
    await move(owner, job.id, 'en_route');
    expect(await send()).toEqual([]);
    await move(owner, job.id, 'in_progress');
    at('2031-03-05T16:00:00Z');
    expect(await send()).toEqual([]);
  });
});

test('rows that are put into the tables by others, as a demo does, send nothing', async () => {
  const customer = await aTexter(owner);
  await app.sql`
    insert into appointments (id, customer_id, starts_at, ends_at)
    values (new_id(), ${customer.id}, '2031-03-05T20:00:00Z', '2031-03-05T21:00:00Z')`;
  at('2031-03-05T18:30:00Z');
  expect(await send()).toEqual([]);
});
