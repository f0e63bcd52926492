import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { aBooking, aDoneJob, anInvoice, aSentEstimate, aService, aVehicle } from '../../helpers/factories.ts';

const shop = await testApp({ env: PATIENT });
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
await owner.patch('/v1/settings', { labour_tax_basis_points: 0, parts_tax_basis_points: 950 });

const bill = (job: Data, options = {}) => advisor.post(`/v1/appointments/${job.id}/invoice`, {}, options);

describe('POST /v1/appointments/{id}/invoice', () => {
  test('201: a draft with a snapshot of what was sold, packages by their items, and the trip fee', async () => {
    const labour = await aService(owner, { name: 'Brakes', price_cents: 18_050 });
    const part = await aService(owner, { name: 'Pads', price_cents: 1_001, kind: 'part' });
    const oil = await aService(owner, { name: 'Oil', price_cents: 3_000, kind: 'part' });
    const minor = await aService(owner, {
      ...{ name: 'Minor service', price_cents: 9_999, kind: 'package' },
      items: [
        { service_id: oil.id, quantity: 2 },
        { service_id: labour.id, quantity: 1 },
      ],
    });
    const { id: vehicle_id, customer_id } = await aVehicle(advisor);
    const job = await aDoneJob(shop, owner, {
      ...{ customer_id, vehicle_id },
      services: [
        { service_id: labour.id, price_cents: 17_000 },
        { service_id: part.id, quantity: 3 },
        { service_id: minor.id },
      ],
    });
    await shop.sql`update appointments set trip_fee_cents = 2500 where id = ${job.id}`;
    await owner.patch(`/v1/services/${part.id}`, { price_cents: 1, name: 'Dearer pads' });
    const { status, data, headers } = await bill(job);
    const line = (position: number, name: string, more: Data) => ({
      ...{ id: expect.any(String), position, name, quantity: 1, discount_cents: 0 },
      ...{ kind: 'labour', tax_basis_points: 0, tax_cents: 0 },
      ...more,
    });
    expect([status, headers.get('location'), headers.get('etag')]).toEqual([
      201,
      `/v1/invoices/${data.id}`,
      '"1"',
    ]);
    const parts = { kind: 'part', tax_basis_points: 950 };
    expect(data).toEqual({
      ...{ id: expect.any(String), number: null, appointment_id: job.id, customer_id, vehicle_id },
      ...{ status: 'draft', currency: 'USD' },
      lines: [
        line(1, 'Brakes', { unit_price_cents: 17_000, total_cents: 17_000 }),
        line(2, 'Pads', {
          ...parts,
          ...{ quantity: 3, unit_price_cents: 1_001, tax_cents: 285, total_cents: 3_288 },
        }),
        // 9,999 in proportion 6,000 to 18,050.
        line(3, '2 × Oil', { ...parts, unit_price_cents: 2_494, tax_cents: 237, total_cents: 2_731 }),
        line(4, 'Brakes', { unit_price_cents: 7_505, total_cents: 7_505 }),
        line(5, 'Trip fee', { kind: 'fee', unit_price_cents: 2_500, total_cents: 2_500 }),
      ],
      ...{ subtotal_cents: 32_502, discount_cents: 0, tax_cents: 522, total_cents: 33_024 },
      ...{ paid_cents: 0, due_cents: 33_024, issued_at: null, sent_at: null, paid_at: null, voided_at: null },
      ...{ created_at: expect.any(String), updated_at: expect.any(String), version: 1 },
    });
    expect((await advisor.get(`/v1/invoices/${data.id}`)).data).toEqual(data);
    const now = (await advisor.get(`/v1/appointments/${job.id}`)).data;
    expect([now.total_cents, now.version]).toEqual([33_024, job.version + 1]);
  });

  test('201: a job on which nothing was sold is billed with nothing', async () => {
    const { data } = await bill(await aDoneJob(shop, owner, { services: [] }));
    expect([data.lines, data.total_cents, data.status]).toEqual([[], 0, 'draft']);
  });

  test('409 for a job of every other state', async () => {
    for (const status of ['scheduled', 'en_route', 'in_progress', 'ready', 'no_show', 'canceled']) {
      const job = await aBooking(advisor);
      await shop.sql`update appointments set status = ${status} where id = ${job.id}`;
      const { error } = await bill(job);
      expect(error).toMatchObject({
        ...{ code: 409, reason: 'invoice.job_not_completed', details: { status } },
      });
    }
  });

  test('409 with the invoice for a job that has one; once that is void, it is billed anew', async () => {
    const { id, appointment_id } = await anInvoice(shop, owner);
    const job = { id: appointment_id };
    expect((await bill(job)).error).toMatchObject({ code: 409, reason: 'invoice.exists', details: { id } });
    await advisor.post(`/v1/invoices/${id}/void`);
    const again = await bill(job);
    expect(again.status).toBe(201);
    expect(again.data.id).not.toBe(id);
  });

  test('ten at once: one invoice', async () => {
    const job = await aDoneJob(shop, owner);
    const answers = await Promise.all(Array.from({ length: 10 }, () => bill(job)));
    const [made, ...more] = answers.filter(({ status }) => status === 201);
    expect(more).toEqual([]);
    for (const { ok, error } of answers) {
      if (!ok) expect(error).toMatchObject({ reason: 'invoice.exists', details: { id: made?.data.id } });
    }
  });

  test('404 for an unknown and a deleted job, 412 for another version of it', async () => {
    const gone = await aDoneJob(shop, owner);
    await advisor.delete(`/v1/appointments/${gone.id}`);
    for (const job of [gone, { id: newId() }]) {
      expect((await bill(job)).error.reason).toBe('appointment.not_found');
    }
    const stale = await bill(await aDoneJob(shop, owner), { headers: { 'if-match': '"99"' } });
    expect(stale.error).toMatchObject({ code: 412, reason: 'appointment.stale' });
  });

  test('422 for a body', async () => {
    const { id } = await aDoneJob(shop, owner);
    const { error } = await advisor.post(`/v1/appointments/${id}/invoice`, { lines: [] });
    expect(error).toMatchObject({ code: 422, issues: [{ path: 'lines' }] });
  });
});

describe('a job whose estimate nobody has agreed to', () => {
  test('409 estimate.not_approved: it is not billed with nothing', async () => {
    const job = await aDoneJob(shop, owner);
    await aSentEstimate(owner, { customer_id: job.customer_id, appointment_id: job.id });
    const { error } = await owner.post(`/v1/appointments/${job.id}/invoice`, {});
    expect([error.code, error.reason]).toEqual([409, 'estimate.not_approved']);
  });
});
