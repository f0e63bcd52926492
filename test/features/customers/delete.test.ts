import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, inHours } from '../../helpers/factories.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

describe('DELETE /v1/customers/{id}', () => {
  test('200 with the customer as it was left; afterwards it is 404 everywhere but in ?deleted=true', async () => {
    const customer = await aCustomer(advisor, { name: 'Delia Gone' });
    const path = `/v1/customers/${customer.id}`;
    const { status, data, headers } = await advisor.delete(path);
    expect(status).toBe(200);
    expect(data).toEqual({
      ...customer,
      deleted_at: expect.stringMatching(/Z$/),
      updated_at: data.deleted_at,
      version: 2,
    });
    expect(headers.get('etag')).toBe('"2"');
    expect((await advisor.get(path)).status).toBe(404);
    expect((await advisor.get(`${path}/profile`)).status).toBe(404);
    expect((await advisor.delete(path)).status).toBe(404);
    expect((await advisor.get('/v1/customers?q=delia')).data.items).toEqual([]);
    expect((await advisor.get('/v1/customers?q=delia&deleted=true')).data.items).toEqual([data]);
  });

  test('409 customer.has_active_jobs in each active state; 200 once they are over or deleted', async () => {
    for (const status of ['scheduled', 'en_route', 'in_progress', 'ready']) {
      const job = await aBooking(advisor);
      await shop.sql`update appointments set status = ${status} where id = ${job.id}`;
      const refused = await advisor.delete(`/v1/customers/${job.customer_id}`);
      expect([refused.status, refused.error.reason]).toEqual([409, 'customer.has_active_jobs']);
      await advisor.delete(`/v1/appointments/${job.id}`);
      expect((await advisor.delete(`/v1/customers/${job.customer_id}`)).status).toBe(200);
    }
    for (const status of ['completed', 'no_show', 'canceled']) {
      const job = await aBooking(advisor);
      await shop.sql`update appointments set status = ${status} where id = ${job.id}`;
      expect((await advisor.delete(`/v1/customers/${job.customer_id}`)).status).toBe(200);
    }
  });

  test('412 for an old version, before 409', async () => {
    const job = await aBooking(advisor);
    const path = `/v1/customers/${job.customer_id}`;
    await advisor.patch(path, { notes: 'x' });
    const { status, error } = await advisor.delete(path, { headers: { 'if-match': '"1"' } });
    expect([status, error.reason, error.details]).toEqual([412, 'customer.stale', { version: 2 }]);
  });

  test('404 for an id that is unknown or none', async () => {
    for (const id of [newId(), 'x']) expect((await advisor.delete(`/v1/customers/${id}`)).status).toBe(404);
  });

  test('deleted and booked at the same moment, forty times: never a living job of a deleted customer', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const { id: customer_id } = await aCustomer(advisor);
      const book = () => advisor.post('/v1/appointments', { customer_id, starts_at: inHours(50) });
      const remove = () => advisor.delete(`/v1/customers/${customer_id}`);
      const [booked, removed] =
        round % 2 === 0
          ? await Promise.all([book(), remove()])
          : await Promise.all([remove(), book()]).then(([one, other]) => [other, one]);
      outcomes.add(`${booked?.status} ${removed?.status}`);
    }
    for (const outcome of outcomes) expect(['201 409', '422 200']).toContain(outcome);
    const orphans = await shop.sql`
      select a.id from appointments a join customers c on c.id = a.customer_id
      where a.deleted_at is null and a.status = 'scheduled' and c.deleted_at is not null`;
    expect(orphans).toHaveLength(0);
  });

  test('deleted and un-canceled at the same moment, twenty times: never a living job of a deleted customer', async () => {
    for (let round = 0; round < 20; round += 1) {
      const job = await aBooking(advisor);
      await advisor.put(`/v1/appointments/${job.id}/status`, { status: 'canceled' });
      const answers = await Promise.all([
        advisor.put(`/v1/appointments/${job.id}/status`, { status: 'scheduled' }),
        advisor.delete(`/v1/customers/${job.customer_id}`),
      ]);
      expect(['200 409', '422 200']).toContain(answers.map(({ status }) => status).join(' '));
    }
    const orphans = await shop.sql`
      select a.id from appointments a join customers c on c.id = a.customer_id
      where a.deleted_at is null and a.status = 'scheduled' and c.deleted_at is not null`;
    expect(orphans).toHaveLength(0);
  });
});

describe('POST /v1/customers/{id}/restore', () => {
  test('200: the customer is back, with a new version; restored again nothing changes', async () => {
    const customer = await aCustomer(advisor);
    const path = `/v1/customers/${customer.id}`;
    await advisor.delete(path);
    const { status, data } = await advisor.post(`${path}/restore`);
    expect(status).toBe(200);
    expect(data).toEqual({ ...customer, updated_at: data.updated_at, version: 3 });
    expect((await advisor.get(path)).data).toEqual(data);
    expect((await advisor.post(`${path}/restore`, {})).data).toEqual(data);
  });

  test('409 when address or number were taken meanwhile, and by whom', async () => {
    const byEmail = await aCustomer(advisor);
    const byPhone = await aCustomer(advisor, { email: null, phone: '+13105550011' });
    for (const { id } of [byEmail, byPhone]) await advisor.delete(`/v1/customers/${id}`);
    const heirs = [
      await aCustomer(advisor, { email: byEmail.email }),
      await aCustomer(advisor, { email: null, phone: byPhone.phone }),
    ];
    const reasons = ['customer.email_taken', 'customer.phone_taken'];
    for (const [at, { id }] of [byEmail, byPhone].entries()) {
      const { status, error } = await advisor.post(`/v1/customers/${id}/restore`);
      expect([status, error.reason, error.details]).toEqual([409, reasons[at], { id: heirs[at].id }]);
      expect((await advisor.get(`/v1/customers/${id}`)).status).toBe(404);
    }
  });

  test('404 for an id that is unknown or none; 422 for a body with fields', async () => {
    for (const id of [newId(), 'x']) {
      expect((await advisor.post(`/v1/customers/${id}/restore`)).status).toBe(404);
    }
    const { id } = await aCustomer(advisor);
    expect((await advisor.post(`/v1/customers/${id}/restore`, { name: 'X' })).status).toBe(422);
  });
});
