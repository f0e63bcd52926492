import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { PATIENT, testApp } from '../../helpers/app.ts';
import { aBooking, aDeposit, anIssuedInvoice, aPayment, withKey } from '../../helpers/factories.ts';
import { giveBack, outcomesOf, pay, trialOf } from './money.ts';

const shop = await testApp({ env: PATIENT });
const other = await testApp({ env: PATIENT, url: shop.url });
const owner = await shop.as('owner');
const accountant = await shop.as('accountant');
const both = [owner, other.sameAs(owner)];

describe('POST /v1/payments/{id}/refunds', () => {
  test('201: in parts, until nothing is left; the invoice owes it again', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aPayment(owner, id, { amount_cents: 12_000 });
    const { status, data, headers } = await giveBack(accountant, payment.id, 2_000);
    expect([status, headers.get('location')]).toEqual([201, `/v1/payments/${payment.id}/refunds`]);
    expect(data.refund).toEqual({
      ...{ id: expect.any(String), payment_id: payment.id, amount_cents: 2_000, reason: 'The part failed' },
      created_at: expect.any(String),
    });
    expect(data.invoice).toMatchObject({
      ...{ status: 'partially_paid', paid_cents: 10_000, due_cents: 2_000, paid_at: null },
    });
    const { error } = await giveBack(accountant, payment.id, 10_001);
    expect(error).toMatchObject({
      ...{ code: 409, reason: 'refund.exceeds_payment', details: { left_cents: 10_000 } },
    });
    const rest = await giveBack(accountant, payment.id, 10_000);
    expect(rest.data.invoice).toMatchObject({ status: 'issued', paid_cents: 0, due_cents: 12_000 });
    expect((await giveBack(accountant, payment.id, 1)).error.reason).toBe('refund.exceeds_payment');
    const list = (await owner.get(`/v1/payments/${payment.id}/refunds`)).data.items;
    expect(list).toEqual([data.refund, rest.data.refund]);
    expect((await owner.get(`/v1/payments/${payment.id}`)).data.refunded_cents).toBe(12_000);
    // It can be paid anew.
    expect((await pay(owner, id, { amount_cents: 12_000 })).data.invoice.status).toBe('paid');
  });

  test('only its own payment counts, not what else was paid', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aPayment(owner, id, { amount_cents: 1_000 });
    await aPayment(owner, id, { amount_cents: 9_000 });
    expect((await giveBack(owner, payment.id, 1_001)).error.reason).toBe('refund.exceeds_payment');
  });

  test('428 without a key, 404 for an unknown payment, 422 without a reason', async () => {
    const { payment } = await aPayment(owner, (await anIssuedInvoice(shop, owner)).id);
    const none = { headers: {} as never };
    for (const id of [payment.id, newId()])
      expect((await giveBack(owner, id, 1, none)).error.reason).toBe('idempotency.key_missing');
    expect((await giveBack(owner, newId(), 1)).error.reason).toBe('payment.not_found');
    const path = `/v1/payments/${payment.id}/refunds`;
    for (const body of [
      { amount_cents: 1 },
      { amount_cents: 0, reason: 'r' },
      { amount_cents: 1, reason: ' ' },
    ])
      expect((await owner.post(path, body, withKey())).status).toBe(422);
  });

  test('a hundred at once, through two workers: never more than was paid', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aPayment(owner, id, { amount_cents: 10_000 });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => giveBack(both[at % 2] ?? owner, payment.id, 700)),
    );
    expect(outcomesOf(answers)).toEqual({ '201': 14, '409 refund.exceeds_payment': 86 });
    const { data } = await owner.get(`/v1/invoices/${id}`);
    expect([data.status, data.paid_cents]).toEqual(['partially_paid', 200]);
  });

  test('payments and refunds of one invoice at once: the sums agree', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aPayment(owner, id, { amount_cents: 6_000 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => {
        const client = both[at % 2] ?? owner;
        return at % 3 === 0 ? giveBack(client, payment.id, 500) : pay(client, id, { amount_cents: 900 });
      }),
    );
    for (const outcome of Object.keys(outcomesOf(answers)))
      expect(['201', '409 payment.exceeds_balance', '409 refund.exceeds_payment']).toContain(outcome);
    expect((await trialOf(owner)).problems).toEqual([]);
  });

  test('201: a deposit, before and after an invoice has taken it', async () => {
    const job = await aBooking(owner);
    const { payment } = await aDeposit(owner, job.id, { amount_cents: 3_000 });
    const { data } = await giveBack(owner, payment.id, 1_000);
    expect(data.invoice).toBeNull();
    expect((await owner.get(`/v1/appointments/${job.id}`)).data.paid_cents).toBe(2_000);
    expect((await giveBack(owner, payment.id, 2_001)).error.reason).toBe('refund.exceeds_payment');
  });
});
