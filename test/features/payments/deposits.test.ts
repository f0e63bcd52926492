import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aDeposit,
  aDoneJob,
  anInvoice,
  anIssuedInvoice,
} from '../../helpers/factories.ts';
import { giveBack, outcomesOf, pay, putDown, trialOf } from './money.ts';

const shop = await testApp({ env: PATIENT });
const other = await testApp({ env: PATIENT, url: shop.url });
const owner = await shop.as('owner');
const both = [owner, other.sameAs(owner)];

const jobNow = async (id: string) => (await owner.get(`/v1/appointments/${id}`)).data;
const paymentNow = async (id: string) => (await owner.get(`/v1/payments/${id}`)).data;
const totalsOf = async (customerId: string) =>
  (await owner.get(`/v1/customers/${customerId}/profile`)).data.totals;
const billed = async (jobId: string): Promise<Data> => {
  const { id } = (await owner.post(`/v1/appointments/${jobId}/invoice`, {})).data;
  return (await owner.post(`/v1/invoices/${id}/issue`)).data;
};

describe('POST /v1/appointments/{id}/deposits', () => {
  test('201: a payment of the job, which shows it as paid; its version rises', async () => {
    const job = await aBooking(owner);
    const { status, data, headers } = await putDown(owner, job.id, { note: 'Down payment' });
    expect([status, headers.get('location')]).toEqual([201, `/v1/payments/${data.payment.id}`]);
    expect(data).toEqual({
      payment: {
        ...{ id: expect.any(String), invoice_id: null, appointment_id: job.id, amount_cents: 3_000 },
        ...{ method: 'cash', note: 'Down payment', refunded_cents: 0, applied_cents: 0 },
        ...{ received_at: expect.any(String), created_at: expect.any(String) },
      },
      invoice: null,
    });
    const now = await jobNow(job.id);
    expect([now.paid_cents, now.version]).toEqual([3_000, job.version + 1]);
    const report = await owner.get('/v1/reports/appointments.csv');
    expect(report.text.split('\r\n').find((line) => line.startsWith(job.id))).toEndWith(',0.00,30.00,USD');
    expect((await owner.get(`/v1/appointments/${job.id}/deposits`)).data.items).toEqual([data.payment]);
  });

  test('an invoice takes it when it is issued, not before', async () => {
    const job = await aDoneJob(shop, owner);
    const { payment } = await aDeposit(owner, job.id);
    const draft = (await owner.post(`/v1/appointments/${job.id}/invoice`, {})).data;
    expect([draft.paid_cents, (await jobNow(job.id)).paid_cents]).toEqual([0, 3_000]);
    const { data } = await owner.post(`/v1/invoices/${draft.id}/issue`);
    expect(data).toMatchObject({ status: 'partially_paid', paid_cents: 3_000, due_cents: 9_000 });
    expect((await paymentNow(payment.id)).applied_cents).toBe(3_000);
    expect((await jobNow(job.id)).paid_cents).toBe(3_000);
    const paid = (await owner.get(`/v1/invoices/${draft.id}/payments`)).data.items;
    expect(paid.map(({ id }: Data) => id)).toEqual([payment.id]);
    const rest = await pay(owner, draft.id, { amount_cents: 9_000 });
    expect(rest.data.invoice.status).toBe('paid');
  });

  test('more than the invoice: it is paid, the rest stays with the job and can be given back', async () => {
    const job = await aDoneJob(shop, owner);
    const first = await aDeposit(owner, job.id, {
      ...{ amount_cents: 10_000, received_at: '2026-01-01T00:00:00Z' },
    });
    const second = await aDeposit(owner, job.id, { amount_cents: 5_000 });
    const invoice = await billed(job.id);
    expect(invoice).toMatchObject({ status: 'paid', paid_cents: 12_000 });
    const applied = async () =>
      Promise.all([first, second].map(async ({ payment }) => (await paymentNow(payment.id)).applied_cents));
    expect(await applied()).toEqual([10_000, 2_000]);
    expect((await jobNow(job.id)).paid_cents).toBe(15_000);
    // What no invoice has goes first.
    const free = await giveBack(owner, second.payment.id, 3_000);
    expect(free.data.invoice).toMatchObject({ status: 'paid', paid_cents: 12_000 });
    expect((await jobNow(job.id)).paid_cents).toBe(12_000);
    const taken = await giveBack(owner, second.payment.id, 500);
    expect(taken.data.invoice).toMatchObject({ status: 'partially_paid', paid_cents: 11_500 });
    expect(await applied()).toEqual([10_000, 1_500]);
    expect((await giveBack(owner, second.payment.id, 1_501)).error.reason).toBe('refund.exceeds_payment');
    expect((await trialOf(owner)).problems).toEqual([]);
  });

  test('spent and owed agree with it, in the profile and the list of VIPs', async () => {
    const { id: customer_id } = await aCustomer(owner);
    const job = await aDoneJob(shop, owner, { customer_id });
    expect(await totalsOf(customer_id)).toMatchObject({ lifetime_spend_cents: 0, unpaid_cents: 12_000 });
    await aDeposit(owner, job.id, { amount_cents: 2_000 });
    expect(await totalsOf(customer_id)).toMatchObject({
      ...{ lifetime_spend_cents: 2_000, unpaid_cents: 10_000 },
    });
    const { payment } = await aDeposit(owner, job.id, { amount_cents: 600_000 });
    // Paid in advance does not make up for what another job owes.
    await aDoneJob(shop, owner, { customer_id });
    expect(await totalsOf(customer_id)).toMatchObject({
      ...{ lifetime_spend_cents: 602_000, unpaid_cents: 12_000, is_vip: true },
    });
    const vips = (await owner.get('/v1/customers?vip=true')).data.items.map(({ id }: Data) => id);
    expect(vips).toContain(customer_id);
    await billed(job.id);
    expect(await totalsOf(customer_id)).toMatchObject({
      ...{ lifetime_spend_cents: 602_000, unpaid_cents: 12_000 },
    });
    await giveBack(owner, payment.id, 600_000);
    expect(await totalsOf(customer_id)).toMatchObject({
      ...{ lifetime_spend_cents: 2_000, unpaid_cents: 22_000, is_vip: false },
    });
    const visit = (await owner.get(`/v1/customers/${customer_id}/profile`)).data.appointments.items.find(
      ({ id }: Data) => id === job.id,
    );
    expect(visit.payments.map((one: Data) => one.amount_cents)).toEqual([2_000, 600_000]);
  });

  test('a merge takes it along', async () => {
    const [kept, gone] = [await aCustomer(owner), await aCustomer(owner)];
    const job = await aBooking(owner, { customer_id: gone.id });
    const { payment } = await aDeposit(owner, job.id);
    const invoice = await anIssuedInvoice(shop, owner, { customer_id: gone.id });
    await pay(owner, invoice.id);
    await owner.post(`/v1/customers/${kept.id}/merge`, { other_id: gone.id });
    expect((await totalsOf(kept.id)).lifetime_spend_cents).toBe(8_000);
    const list = (await owner.get(`/v1/payments?customer_id=${kept.id}`)).data.items;
    expect(list.map(({ id }: Data) => id)).toContain(payment.id);
    expect((await owner.get(`/v1/invoices?customer_id=${kept.id}`)).data.items).toHaveLength(1);
    expect((await trialOf(owner)).problems).toEqual([]);
  });

  test('409 when the job is called off or billed; a draft does not mind', async () => {
    for (const status of ['canceled', 'no_show']) {
      const job = await aBooking(owner);
      await shop.sql`update appointments set status = ${status} where id = ${job.id}`;
      expect((await putDown(owner, job.id)).error).toMatchObject({
        ...{ code: 409, reason: 'appointment.closed', details: { status } },
      });
    }
    const draft = await anInvoice(shop, owner);
    expect((await putDown(owner, draft.appointment_id)).status).toBe(201);
    const { id, appointment_id } = await anIssuedInvoice(shop, owner);
    expect((await putDown(owner, appointment_id)).error).toMatchObject({
      ...{ code: 409, reason: 'invoice.exists', details: { id } },
    });
  });

  test('428 without a key; 404 for an unknown and a deleted job; 412; 422 for the future', async () => {
    const job = await aBooking(owner);
    expect((await putDown(owner, newId(), {}, { headers: {} as never })).error.code).toBe(428);
    expect((await putDown(owner, job.id, { received_at: '2199-01-01T00:00:00Z' })).error.code).toBe(422);
    const key = { headers: { 'idempotency-key': newId(), 'if-match': '"99"' } };
    expect((await putDown(owner, job.id, {}, key)).error.reason).toBe('appointment.stale');
    await owner.delete(`/v1/appointments/${job.id}`);
    for (const id of [job.id, newId()])
      expect((await putDown(owner, id)).error.reason).toBe('appointment.not_found');
  });

  test('deposits, their refunds, issue and void of one job at once: the sums agree', async () => {
    for (let round = 0; round < 3; round += 1) {
      const job = await aDoneJob(shop, owner);
      const { payment } = await aDeposit(owner, job.id, { amount_cents: 10_000 });
      const { id } = (await owner.post(`/v1/appointments/${job.id}/invoice`, {})).data;
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, at) => {
          const client = both[at % 2] ?? owner;
          if (at % 10 === 3) return client.post(`/v1/invoices/${id}/issue`);
          if (at % 10 === 9) return client.post(`/v1/invoices/${id}/void`);
          return at % 2 === 0 ? giveBack(client, payment.id, 700) : putDown(client, job.id);
        }),
      );
      const outcomes = Object.keys(outcomesOf(answers)).filter((outcome) => !/^20[01]$/.test(outcome));
      for (const outcome of outcomes)
        expect(outcome).toMatch(/^409 (refund\.exceeds_payment|invoice\.(exists|not_draft|has_payments))$/);
      expect((await trialOf(owner)).problems).toEqual([]);
    }
  });
});
