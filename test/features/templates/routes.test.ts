import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aService, aTechnician, aTemplate, aVehicle } from '../../helpers/factories.ts';

const app = await testApp();
const owner = await app.as('owner');
const advisor = await app.as('advisor');
const PATH = '/v1/message-templates';

describe('POST /v1/message-templates', () => {
  test('201 with what is left out filled in', async () => {
    const template = { name: 'Late', channel: 'sms', body: 'Hello {{customer_name}}, we are late.' };
    const { status, data, headers } = await owner.post(PATH, template);
    expect(status).toBe(201);
    expect(data).toMatchObject({ ...template, kind: null, subject: null, is_active: true, version: 1 });
    expect(headers.get('location')).toBe(`${PATH}/${data.id}`);
    expect((await advisor.get(`${PATH}/${data.id}`)).data).toEqual(data);
  });

  test('422 names each unknown variable, and the nearest that there is', async () => {
    const body = 'Hi {{custmer_name}}, {{ vehicel }} and {{weather}}';
    const { error } = await owner.post(PATH, { name: 'A', channel: 'email', subject: '{{shopname}}', body });
    expect(error.issues).toEqual([
      { path: 'subject', message: 'names {{shopname}}, which is no variable; did you mean {{shop_name}}?' },
      {
        path: 'body',
        message: 'names {{custmer_name}}, which is no variable; did you mean {{customer_name}}?',
      },
      { path: 'body', message: 'names {{vehicel}}, which is no variable; did you mean {{vehicle}}?' },
      { path: 'body', message: expect.stringMatching(/^names \{\{weather\}\}.*use customer_name, vehicle/) },
    ]);
    for (const open of ['{{customer_name}', '{customer_name}}', 'a {{', '{{a{{b}}']) {
      const { status, error: refused } = await owner.post(PATH, { name: 'A', channel: 'sms', body: open });
      expect([status, refused.issues.at(-1).path]).toEqual([422, 'body']);
    }
    expect((await owner.post(PATH, { name: 'A', channel: 'sms', body: 'a { b } c' })).status).toBe(201);
  });

  test('422 for an e-mail without a subject, a text with one, or one that is too long', async () => {
    const wrong: [Data, string][] = [
      [{ channel: 'email', body: 'b' }, 'subject'],
      [{ channel: 'sms', subject: 's', body: 'b' }, 'subject'],
      [{ channel: 'sms', body: 'x'.repeat(1_601) }, 'body'],
      [{ channel: 'fax', body: 'b' }, 'channel'],
      [{ channel: 'sms', body: 'b', kind: 'birthday' }, 'kind'],
    ];
    for (const [fields, path] of wrong) {
      const { status, error } = await owner.post(PATH, { name: 'A', ...fields });
      expect([status, error.issues[0].path]).toEqual([422, path]);
    }
  });
});

describe('a kind', () => {
  test('has one template in use for each channel: the second is 409, also of two at once', async () => {
    const { data } = await owner.get(`${PATH}?kind=ready&channel=sms`);
    const [first] = data.items;
    const again = { name: 'Ready too', kind: 'ready', channel: 'sms', body: 'b' };
    const { error } = await owner.post(PATH, again);
    expect(error).toMatchObject({
      code: 409,
      reason: 'message_template.kind_taken',
      details: { id: first.id },
    });
    const idle = await aTemplate(owner, { ...again, is_active: false });
    expect((await owner.patch(`${PATH}/${idle.id}`, { is_active: true })).error.code).toBe(409);
    await owner.delete(`${PATH}/${first.id}`);
    const both = await Promise.all([owner.post(PATH, again), owner.post(PATH, again)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await owner.post(`${PATH}/${first.id}/restore`)).error.reason).toBe(
      'message_template.kind_taken',
    );
  });

  test('has one from the beginning, in both channels', async () => {
    const fresh = await testApp();
    const { data } = await (await fresh.as('accountant')).get(`${PATH}?limit=100`);
    const kinds = data.items.map(({ kind, channel }: Data) => `${kind} ${channel}`).sort();
    expect(new Set(kinds).size).toBe(16);
    for (const { kind } of data.items) expect(kind).toBeString();
  });
});

describe('change, delete, restore', () => {
  test('412 for an old version; a deleted one is 404, listed with deleted=true, and comes back', async () => {
    const { id } = await aTemplate(owner);
    expect((await owner.patch(`${PATH}/${id}`, { body: 'b' })).data).toMatchObject({ body: 'b', version: 2 });
    expect((await owner.patch(`${PATH}/${id}`, { subject: 's' })).error.issues[0].path).toBe('subject');
    const stale = { headers: { 'if-match': '"1"' } };
    expect((await owner.delete(`${PATH}/${id}`, stale)).error.reason).toBe('message_template.stale');
    await owner.delete(`${PATH}/${id}`);
    expect((await owner.get(`${PATH}/${id}`)).error.reason).toBe('message_template.not_found');
    const listed = (await owner.get(`${PATH}?deleted=true&limit=100`)).data.items.map((one: Data) => one.id);
    expect(listed).toContain(id);
    expect((await owner.post(`${PATH}/${id}/restore`)).data).toMatchObject({ id, deleted_at: null });
  });
});

describe('POST /v1/message-templates/{id}/render', () => {
  const all = [
    '{{customer_name}}|{{vehicle}}|{{starts_at}}|{{starts_date}}|{{starts_time}}|{{technician_name}}',
    '{{ shop_name }}|{{services}}|{{address}}',
  ].join('|');

  test('200: as it would be sent for a job, in the shop’s zone', async () => {
    const { id, customer_id } = await aVehicle(owner);
    const { id: technician_id } = await aTechnician(owner, { name: 'Maria Lopez' });
    const services = [];
    for (const name of ['Oil change', 'Brakes'])
      services.push({ service_id: (await aService(owner, { name })).id });
    const job = await aBooking(owner, {
      ...{ customer_id, vehicle_id: id, technician_id, services, starts_at: '2031-07-04T02:05:00Z' },
      location: { address: '1 Main St', lat: null, lng: null },
    });
    const template = await aTemplate(owner, { channel: 'email', subject: 'On {{starts_date}}', body: all });
    const { status, data } = await advisor.post(`${PATH}/${template.id}/render`, { appointment_id: job.id });
    expect(status).toBe(200);
    expect(data).toEqual({
      ...{ channel: 'email', subject: 'On Thu, Jul 3' },
      body: "Ana Ruiz|2019 Toyota Corolla|Thu, Jul 3 at 7:05 PM|Thu, Jul 3|7:05 PM|Maria Lopez|Edgar's Mobile Auto Shop|Oil change, Brakes|1 Main St",
    });
  });

  test('422 with the names of what the job lacks; given variables fill the gaps, or stand alone', async () => {
    const job = await aBooking(owner);
    const { id } = await aTemplate(owner, { body: '{{customer_name}}, {{vehicle}}, {{technician_name}}' });
    const render = (body: Data) => owner.post(`${PATH}/${id}/render`, body);
    const { error } = await render({ appointment_id: job.id });
    expect(error).toMatchObject({
      ...{ code: 422, reason: 'message.variables_missing' },
      details: { missing: ['vehicle', 'technician_name'] },
    });
    const variables = { vehicle: 'Van', technician_name: 'Mo' };
    expect((await render({ appointment_id: job.id, variables })).data.body).toBe('Ana Ruiz, Van, Mo');
    expect((await render({ variables })).error.details).toEqual({ missing: ['customer_name'] });
    const odd = { ...variables, customer_name: '$& {{vehicle}} $1' };
    expect((await render({ variables: odd })).data.body).toBe('$& {{vehicle}} $1, Van, Mo');
    expect((await render({ variables: { color: 'red' } })).error.issues[0].path).toBe('variables.color');
    expect((await render({ appointment_id: id })).error.issues[0].path).toBe('appointment_id');
  });

  test('no odd space makes a text of two alphabets', async () => {
    const job = await aBooking(owner);
    const { id } = await aTemplate(owner, { body: '{{starts_at}}' });
    const { data } = await owner.post(`${PATH}/${id}/render`, { appointment_id: job.id });
    expect(data.body).toMatch(/^[\x20-\x7e]+$/);
  });
});

test('GET /v1/reports/messages counts by template what became of it, retired ones too', async () => {
  const template = await aTemplate(owner, { channel: 'email', subject: 's', body: 'b' });
  const job = await aBooking(owner);
  for (const status of ['queued', 'sent', 'sent', 'delivered', 'failed', 'canceled']) {
    const message = { channel: 'email', template_id: template.id };
    const { data } = await owner.post(`/v1/appointments/${job.id}/messages`, message);
    await app.sql`update messages set status = ${status} where id = ${data.id}`;
  }
  await owner.delete(`${PATH}/${template.id}`);
  const usage = async (query = '') =>
    (await owner.get(`/v1/reports/messages${query}`)).data.items.find(
      ({ template_id }: Data) => template_id === template.id,
    );
  const counts = { queued: 1, sent: 2, delivered: 1, failed: 1, canceled: 1 };
  expect(await usage()).toEqual({
    ...{ template_id: template.id, name: template.name, kind: null, channel: 'email', ...counts },
  });
  expect(await usage('?from=2020-01-01')).toMatchObject(counts);
  expect(await usage('?to=2020-01-01')).toMatchObject({ queued: 0, sent: 0 });
});
