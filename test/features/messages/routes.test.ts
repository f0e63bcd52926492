import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician, aTemplate } from '../../helpers/factories.ts';
import { aTexter } from '../notices/sending.ts';

const app = await testApp({ env: PATIENT });
const owner = await app.as('owner');
const advisor = await app.as('advisor');

const aThread = async (customer: Data = {}) => {
  const { id: customer_id } = await aTexter(owner, customer);
  const job = await aBooking(owner, { customer_id });
  return { job, customer_id, path: `/v1/appointments/${job.id}/messages` };
};
const refused = async (path: string, body: Data) => {
  const { error } = await advisor.post(path, body);
  return [error.code, error.reason];
};

describe('POST /v1/appointments/{id}/messages', () => {
  test('201: it stands in the thread, and its delivery in the outbox, by one transaction', async () => {
    const { job, path } = await aThread();
    const { status, data, headers } = await advisor.post(path, { channel: 'sms', body: 'Is there a gate?' });
    expect([status, headers.get('location')]).toEqual([201, path]);
    expect(data).toMatchObject({
      ...{
        appointment_id: job.id,
        channel: 'sms',
        direction: 'out',
        body: 'Is there a gate?',
        status: 'queued',
      },
      sent_at: null,
    });
    expect((await advisor.get(path)).data.items).toEqual([data]);
    const [delivery] = await app.sql<Data>`select kind, status from outbox where message_id = ${data.id}`;
    expect(delivery).toEqual({ kind: 'written', status: 'queued' });
  });

  test('201 with a template, filled in for the job and with what is given', async () => {
    const { path } = await aThread();
    const { id } = await aTemplate(owner, { body: 'Hi {{customer_name}}, {{technician_name}} is late.' });
    const message = { channel: 'sms', template_id: id };
    const lacking = await advisor.post(path, message);
    expect(lacking.error).toMatchObject({ code: 422, reason: 'message.variables_missing' });
    const { data } = await advisor.post(path, { ...message, variables: { technician_name: 'Mo' } });
    expect(data.body).toBe('Hi Ana, Mo is late.');
  });

  test('what is typed may name variables too, and never goes out with an unknown one', async () => {
    const { path } = await aThread({ email: 'typed@example.com' });
    const { data } = await advisor.post(path, {
      channel: 'email',
      subject: 'For {{customer_name}}',
      body: 'Hi {{customer_name}}',
    });
    expect(data.body).toBe('Hi Ana');
    const [row] = await app.sql<Data>`select subject from outbox where message_id = ${data.id}`;
    expect(row?.subject).toBe('For Ana');
    const { error } = await advisor.post(path, { channel: 'sms', body: 'Hi {{name}}' });
    expect([error.code, error.issues[0].path]).toEqual([422, 'body']);
  });

  test('409 to who has no phone, no address, or has not agreed to texts', async () => {
    const mail = await aCustomer(owner, { email: 'mail@example.com' });
    const job = await aBooking(owner, { customer_id: mail.id });
    const path = `/v1/appointments/${job.id}/messages`;
    const hello = { channel: 'sms', body: 'Hello' };
    expect(await refused(path, hello)).toEqual([409, 'message.no_recipient']);
    expect((await advisor.post(path, { channel: 'email', body: 'Hello' })).status).toBe(201);
    const silent = await aThread({ sms_consent: false, email: null });
    expect(await refused(silent.path, hello)).toEqual([409, 'message.no_consent']);
    expect(await refused(silent.path, { channel: 'email', body: 'x' })).toEqual([
      409,
      'message.no_recipient',
    ]);
  });

  test('422 for no text, two, a template that is not in use or of the other channel', async () => {
    const { path } = await aThread();
    const { id } = await aTemplate(owner);
    const gone = await aTemplate(owner);
    const idle = await aTemplate(owner, { is_active: false });
    await owner.delete(`/v1/message-templates/${gone.id}`);
    const wrong: [Data, string][] = [
      [{ channel: 'sms' }, 'body'],
      [{ channel: 'sms', body: 'b', template_id: id }, 'template_id'],
      [{ channel: 'email', template_id: id }, 'template_id'],
      [{ channel: 'sms', template_id: gone.id }, 'template_id'],
      [{ channel: 'sms', template_id: idle.id }, 'template_id'],
      [{ channel: 'sms', body: 'b', subject: 's' }, 'subject'],
      [{ channel: 'sms', body: 'x'.repeat(1_601) }, 'body'],
    ];
    for (const [body, field] of wrong) {
      const { error } = await advisor.post(path, body);
      expect([error.code, error.issues[0].path]).toEqual([422, field]);
    }
  });

  test('429 beyond the limit of an hour, over all jobs of the customer, also for twenty at once', async () => {
    await app.sql`update settings set messages_per_hour = 3`;
    const { path, customer_id } = await aThread();
    const other = await aBooking(owner, { customer_id });
    const paths = [path, `/v1/appointments/${other.id}/messages`];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        advisor.post(paths[at % 2] ?? path, { channel: 'sms', body: `${at}` }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
    const late = answers.find(({ ok }) => !ok);
    expect(late?.error.reason).toBe('message.too_many');
    const seconds = Number(late?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(3_000);
    expect(seconds).toBeLessThanOrEqual(3_600);
    await app.sql`update messages set created_at = created_at - interval '61 minutes'`;
    expect((await advisor.post(path, { channel: 'sms', body: 'later' })).status).toBe(201);
    await app.sql`update settings set messages_per_hour = 1000`;
  });

  test('422 for what could never be sent comes before 404 and 412', async () => {
    const { path } = await aThread();
    const { id: template_id } = await aTemplate(owner, { channel: 'email', subject: 's' });
    const wrong: Data[] = [
      { channel: 'sms' },
      { channel: 'sms', body: 'b', subject: 's' },
      { channel: 'sms', body: 'x'.repeat(1_601) },
      { channel: 'sms', body: 'Hi {{name}}' },
      { channel: 'email', template_id, subject: 'Hi {{name}}' },
    ];
    const headers = { 'if-match': '"9"' };
    for (const body of wrong)
      for (const address of [path, `/v1/appointments/${newId()}/messages`])
        expect((await advisor.post(address, body, { headers })).status).toBe(422);
  });

  test('404 for a deleted job, 412 for another version of it', async () => {
    const { path, job } = await aThread();
    const stale = await advisor.post(path, { channel: 'sms', body: 'b' }, { headers: { 'if-match': '"9"' } });
    expect(stale.error.reason).toBe('appointment.stale');
    await owner.delete(`/v1/appointments/${job.id}`);
    expect(await refused(path, { channel: 'sms', body: 'b' })).toEqual([404, 'appointment.not_found']);
    expect((await advisor.get(path)).status).toBe(404);
  });
});

describe('GET /v1/appointments/{id}/messages', () => {
  test('in the order in which they were written, page by page', async () => {
    await app.sql`update settings set messages_per_hour = 1000`;
    const { path } = await aThread();
    for (const body of ['1', '2', '3']) await advisor.post(path, { channel: 'sms', body });
    const first = (await advisor.get(`${path}?limit=2`)).data;
    const second = (await advisor.get(`${path}?limit=2&cursor=${first.next_cursor}`)).data;
    expect([...first.items, ...second.items].map(({ body }: Data) => body)).toEqual(['1', '2', '3']);
    expect(second.next_cursor).toBeNull();
  });

  test('a technician reads the threads of their own jobs, and writes in none', async () => {
    const technician = await app.as('technician');
    const { id: technician_id } = await aTechnician(owner, { staff_id: technician.staffId });
    const { job, path } = await aThread();
    expect((await technician.get(path)).status).toBe(404);
    await owner.patch(`/v1/appointments/${job.id}`, { technician_id });
    expect((await technician.get(path)).status).toBe(200);
    expect((await technician.post(path, { channel: 'sms', body: 'b' })).status).toBe(403);
  });
});

describe('a subject of one’s own beside a template', () => {
  test('422 for a variable that is none', async () => {
    const { id: customer_id } = await aCustomer(owner);
    const job = await aBooking(owner, { customer_id });
    const { id } = await aTemplate(owner, { channel: 'email', subject: 'Hello', body: 'Hello' });
    const message = { channel: 'email', template_id: id, subject: 'Hi {{first_name}}' };
    const { error } = await advisor.post(`/v1/appointments/${job.id}/messages`, message);
    expect([error.code, error.issues[0].path]).toEqual([422, 'subject']);
  });
});
