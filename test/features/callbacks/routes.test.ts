import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, signed, signedText } from '../../helpers/factories.ts';
import { aTexter } from '../notices/sending.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const PATH = '/v1/providers/sms/callbacks';

let made = 0;
const anId = (): string => {
  made += 1;
  return `SM-${made}`;
};
const say = (body: Data, how: Parameters<typeof signed>[1] = {}) =>
  shop.stranger.post(PATH, body, { headers: signed(body, how) });
const text = (from: string, words: string, id = anId()) => say({ type: 'received', id, from, text: words });
const consentOf = async (id: string): Promise<boolean> =>
  (await owner.get(`/v1/customers/${id}`)).data.sms_consent;
const threadOf = async (id: string): Promise<Data[]> =>
  (await owner.get(`/v1/appointments/${id}/messages`)).data.items;

/** A text of ours that the provider took. */
const aSentText = async () => {
  const customer = await aTexter(owner);
  const job = await aBooking(owner, { customer_id: customer.id });
  const { data } = await owner.post(`/v1/appointments/${job.id}/messages`, { channel: 'sms', body: 'Hello' });
  const providerId = anId();
  await shop.sql`update messages set status = 'sent', sent_at = now(), provider_id = ${providerId} where id = ${data.id}`;
  await shop.sql`update outbox set status = 'sent' where message_id = ${data.id}`;
  const status = async () => (await threadOf(job.id)).find(({ id }) => id === data.id)?.status;
  return { customer, job, providerId, status, id: data.id };
};

describe('what became of a text', () => {
  test('delivered: it stands in the thread; a second time nothing changes', async () => {
    const { providerId, status, id } = await aSentText();
    const heard = await say({ type: 'delivered', id: providerId });
    expect([heard.status, heard.data]).toEqual([200, { heard: true }]);
    expect(await status()).toBe('delivered');
    expect((await say({ type: 'delivered', id: providerId })).data).toEqual({ heard: false });
    // What comes late overwrites nothing.
    expect((await say({ type: 'failed', id: providerId })).data).toEqual({ heard: false });
    expect(await status()).toBe('delivered');
    const rows = await shop.sql<Data>`select changes from journal where entity_id = ${id} order by at, id`;
    expect(rows.at(-1)?.changes.status).toEqual({ from: 'sent', to: 'delivered' });
  });

  test('failed: it stands among the failed deliveries, with the reason, and can be sent again, as another text', async () => {
    const { providerId, status, job, id } = await aSentText();
    await say({ type: 'failed', id: providerId, error: 'unreachable handset' });
    expect(await status()).toBe('failed');
    const { data } = await owner.get(`/v1/outbox?status=failed&appointment_id=${job.id}`);
    expect(data.items).toMatchObject([{ error: 'unreachable handset', message_id: id }]);
    const again = (await owner.post(`/v1/outbox/${data.items[0].id}/retry`)).data;
    expect(again).toMatchObject({ status: 'queued', attempts: 0, error: null });
    expect(again.message_id).not.toBe(id);
    const thread = async () => (await threadOf(job.id)).map((one) => [one.id, one.body, one.status]);
    const expected = [
      [id, 'Hello', 'failed'],
      [again.message_id, 'Hello', 'queued'],
    ];
    expect(await thread()).toEqual(expected);
    // What the provider says late is of the first one.
    for (const type of ['failed', 'delivered'])
      expect((await say({ type, id: providerId })).data).toEqual({ heard: false });
    expect(await thread()).toEqual(expected);
    expect((await owner.get(`/v1/outbox?appointment_id=${job.id}&status=queued`)).data.items).toContainEqual(
      again,
    );
  });

  test('404 for one that is not known (yet): the provider asks again', async () => {
    const { error } = await say({ type: 'delivered', id: 'never' });
    expect([error.code, error.reason]).toEqual([404, 'message.not_found']);
  });
});

describe('a text of a customer', () => {
  test('stands in the thread that was written to last', async () => {
    const { customer, job } = await aSentText();
    await aBooking(owner, { customer_id: customer.id, starts_at: '2032-01-05T20:00:00Z' });
    expect((await text(customer.phone, 'The gate code is 1207')).data).toEqual({ heard: true });
    expect((await threadOf(job.id)).at(-1)).toMatchObject({
      ...{ channel: 'sms', direction: 'in', body: 'The gate code is 1207', status: 'delivered' },
    });
    const { data } = await owner.get(`/v1/customers/${customer.id}/profile`);
    const visit = data.appointments.items.find(({ id }: Data) => id === job.id);
    expect(visit.messages.at(-1).direction).toBe('in');
  });

  test('else in that of the latest job; a national number is read as the shop reads it', async () => {
    const customer = await aTexter(owner);
    await aBooking(owner, { customer_id: customer.id, starts_at: '2031-12-01T20:00:00Z' });
    const later = await aBooking(owner, { customer_id: customer.id, starts_at: '2032-01-05T20:00:00Z' });
    await text(customer.phone.slice(2), 'Hello?');
    expect(await threadOf(later.id)).toHaveLength(1);
  });

  test('comes once, however often it is told, also by twenty at once', async () => {
    const { customer, job } = await aSentText();
    const id = anId();
    const answers = await Promise.all(Array.from({ length: 20 }, () => text(customer.phone, 'Hello', id)));
    expect(answers.filter(({ data }) => data.heard)).toHaveLength(1);
    expect((await threadOf(job.id)).filter(({ direction }) => direction === 'in')).toHaveLength(1);
  });

  test('from a number that nobody has, or that is none, is about nobody', async () => {
    for (const from of ['+12135559999', '40404', 'x'])
      expect((await text(from, 'Hello')).data).toEqual({ heard: false });
    expect((await say({ type: 'received', id: 'a', text: 'b' })).error.issues[0].path).toBe('from');
    expect((await say({ type: 'received', id: 'a', from: 'b' })).error.issues[0].path).toBe('text');
  });

  test('of any bytes is heard', async () => {
    const { customer, job } = await aSentText();
    expect((await text(customer.phone, 'a\0b\ud800 \u202e')).status).toBe(200);
    expect((await threadOf(job.id)).at(-1)?.body).toBe('ab\ufffd \u202e');
  });
});

describe('STOP and START', () => {
  for (const word of [
    'STOP',
    'stop',
    '  Stop \n',
    'STOPALL',
    'Unsubscribe',
    'cancel',
    'END',
    'quit',
    'STOP ALL',
  ])
    test(`${JSON.stringify(word)} ends the consent`, async () => {
      const { customer } = await aSentText();
      await text(customer.phone, word);
      expect(await consentOf(customer.id)).toBe(false);
    });
  for (const word of ['Please stop', 'STOP it', 'Can we cancel?', 'The end', '', 'S T'])
    test(`${JSON.stringify(word)} does not`, async () => {
      const { customer } = await aSentText();
      await text(customer.phone, word);
      expect(await consentOf(customer.id)).toBe(true);
    });

  test('what is queued is canceled; START gives the consent back, and the journal names the customer', async () => {
    const { customer, job } = await aSentText();
    const path = `/v1/appointments/${job.id}/messages`;
    const queued = await owner.post(path, { channel: 'sms', body: 'One more' });
    await text(customer.phone, 'STOP');
    expect((await threadOf(job.id)).find(({ id }) => id === queued.data.id)?.status).toBe('canceled');
    expect((await owner.post(path, { channel: 'sms', body: 'x' })).error.reason).toBe('message.no_consent');
    const [row] = await shop.sql<Data>`
      select actor_id, actor_role, changes from journal where entity_id = ${customer.id} order by at desc limit 1`;
    expect(row).toMatchObject({
      ...{
        actor_id: customer.id,
        actor_role: 'customer',
        changes: { sms_consent: { from: true, to: false } },
      },
    });
    await text(customer.phone, 'Start');
    expect(await consentOf(customer.id)).toBe(true);
    expect((await owner.post(path, { channel: 'sms', body: 'x' })).status).toBe(201);
  });

  test('what the shop tells by itself is not canceled with it: it may go by e-mail', async () => {
    const customer = await aTexter(owner, { email: 'stopped@example.com' });
    const job = await aBooking(owner, { customer_id: customer.id });
    // The first attempt was a text, and failed.
    await shop.sql`
      update outbox set channel = 'sms', attempts = 1 where appointment_id = ${job.id} and kind = 'news'`;
    await text(customer.phone, 'STOP');
    const { data } = await owner.get(`/v1/outbox?appointment_id=${job.id}`);
    expect(data.items.find(({ kind }: Data) => kind === 'news').status).toBe('queued');
  });

  test('a START that is told again after a STOP gives nothing back', async () => {
    const { customer } = await aSentText();
    const id = anId();
    await text(customer.phone, 'START', id);
    await text(customer.phone, 'STOP');
    expect((await text(customer.phone, 'START', id)).data).toEqual({ heard: false });
    expect(await consentOf(customer.id)).toBe(false);
  });

  test('STOP counts for a deleted customer too, who may come back', async () => {
    const customer = await aTexter(owner);
    await owner.delete(`/v1/customers/${customer.id}`);
    expect((await text(customer.phone, 'STOP')).data).toEqual({ heard: true });
    await owner.post(`/v1/customers/${customer.id}/restore`);
    expect(await consentOf(customer.id)).toBe(false);
  });
});

describe('401', () => {
  const body = { type: 'delivered', id: 'SM1' };
  const refused = async (headers: Record<string, string>, sent: Data = body) => {
    const { status, error } = await shop.stranger.post(PATH, sent, { headers });
    expect([status, error.reason]).toEqual([401, 'callback.signature_wrong']);
  };

  test('without a signature, with a wrong one, with one of another body, id or time', async () => {
    const right = signed(body);
    await refused({});
    await refused({ ...right, 'webhook-signature': 'v1,AAAA' });
    await refused({ ...right, 'webhook-signature': '' });
    await refused(right, { ...body, id: 'SM2' });
    await refused({ ...right, 'webhook-id': 'another' });
    await refused({ ...right, 'webhook-timestamp': String(Number(right['webhook-timestamp']) + 1) });
    await refused(signed(body, { secret: 'another secret' }));
  });

  test('for one that is older than five minutes, or as far ahead', async () => {
    for (const minutes of [-5.1, 5.1]) await refused(signed(body, { at: Date.now() + minutes * 60_000 }));
    for (const minutes of [-4.9, 4.9])
      expect((await say(body, { at: Date.now() + minutes * 60_000 })).status).toBe(404);
    await refused({ ...signed(body), 'webhook-timestamp': 'now' });
  });

  test('before anything of the body is judged; then 415, 400 and 422, as everywhere', async () => {
    const asText = { 'content-type': 'text/plain' };
    const wrong: [string, Record<string, string>, number][] = [
      ['{}', asText, 415],
      ['{', {}, 400],
      ['{"type":"eaten","id":"SM1"}', {}, 422],
      ['', {}, 422],
    ];
    for (const [raw, headers, status] of wrong) {
      const unsigned = await shop.stranger.post(PATH, undefined, { raw, headers });
      expect([unsigned.status, unsigned.error.reason]).toEqual([401, 'callback.signature_wrong']);
      const known = await shop.stranger.post(PATH, undefined, {
        ...{ raw, headers: { ...headers, ...signedText(raw) } },
      });
      expect(known.status).toBe(status);
    }
  });

  test('for everybody while the shop has no secret', async () => {
    const without = await testApp({ url: shop.url, env: { SMS_CALLBACK_SECRET: 'a' } });
    const { error } = await without.stranger.post(PATH, body, { headers: signed(body) });
    expect(error.reason).toBe('callback.signature_wrong');
  });

  test('not while a secret is changed: one signature of several is enough, and a secret may be in base64', async () => {
    const right = signed(body);
    const both = { ...right, 'webhook-signature': `v1,AAAA ${right['webhook-signature']}` };
    expect((await shop.stranger.post(PATH, body, { headers: both })).status).toBe(404);
    const secret = `whsec_${Buffer.from('thirty-two bytes of a shared key').toString('base64')}`;
    const other = await testApp({ url: shop.url, env: { SMS_CALLBACK_SECRET: secret } });
    const headers = signed(body, { secret });
    expect((await other.stranger.post(PATH, body, { headers })).status).toBe(404);
  });
});
