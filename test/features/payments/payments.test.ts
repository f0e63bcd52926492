import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { aCustomer, anInvoice, anIssuedInvoice, withKey } from '../../helpers/factories.ts';
import { outcomesOf, pay, sumOf, trialOf } from './money.ts';

const shop = await testApp({ env: PATIENT });
const other = await testApp({ env: PATIENT, url: shop.url });
const owner = await shop.as('owner');
const accountant = await shop.as('accountant');
const both = [owner, other.sameAs(owner)];

describe('POST /v1/invoices/{id}/payments', () => {
  test('201: in part, then the rest; the state is what the sums say', async () => {
    const issued = await anIssuedInvoice(shop, owner);
    const received_at = '2026-02-03T10:00:00.000-08:00';
    const body = { amount_cents: 4_000, method: 'check', note: 'Check 17', received_at };
    const { status, data, headers } = await pay(accountant, issued.id, body);
    expect([status, headers.get('location')]).toEqual([201, `/v1/payments/${data.payment.id}`]);
    expect(data.payment).toEqual({
      ...{ id: expect.any(String), invoice_id: issued.id, appointment_id: null, amount_cents: 4_000 },
      ...{ method: 'check', note: 'Check 17', refunded_cents: 0, applied_cents: 0 },
      ...{ received_at: '2026-02-03T18:00:00Z', created_at: expect.any(String) },
    });
    const part = { status: 'partially_paid', paid_cents: 4_000, due_cents: 8_000, paid_at: null };
    expect(data.invoice).toMatchObject({ ...part, version: issued.version + 1 });
    expect((await owner.get(`/v1/invoices/${issued.id}`)).data).toEqual(data.invoice);
    expect((await owner.get(`/v1/payments/${data.payment.id}`)).data).toEqual(data.payment);
    const rest = await pay(accountant, issued.id, { amount_cents: 8_000 });
    expect(rest.data.invoice).toMatchObject({ status: 'paid', paid_cents: 12_000, due_cents: 0 });
    expect(rest.data.invoice.paid_at).not.toBeNull();
    const job = (await owner.get(`/v1/appointments/${issued.appointment_id}`)).data;
    expect(job.paid_cents).toBe(12_000);
    const list = (await owner.get(`/v1/invoices/${issued.id}/payments`)).data.items;
    expect(list).toEqual([data.payment, rest.data.payment]);
  });

  test('409 for more than is due, with what is; nothing is kept', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    await pay(owner, id, { amount_cents: 2_000 });
    const { error } = await pay(owner, id, { amount_cents: 10_001 });
    expect(error).toMatchObject({
      ...{ code: 409, reason: 'payment.exceeds_balance', details: { due_cents: 10_000 } },
    });
    expect(await sumOf(shop, id)).toBe(2_000);
  });

  test('409 for a draft and a void one', async () => {
    const draft = await anInvoice(shop, owner);
    const issued = await anIssuedInvoice(shop, owner);
    await owner.post(`/v1/invoices/${issued.id}/void`);
    for (const { id } of [draft, issued]) {
      expect((await pay(owner, id)).error).toMatchObject({ code: 409, reason: 'invoice.not_open' });
    }
  });

  test('428 without a key, before 404 and after 422', async () => {
    const none = { headers: {} as never };
    for (const id of [(await anIssuedInvoice(shop, owner)).id, newId()]) {
      const { error } = await pay(owner, id, {}, none);
      expect(error).toMatchObject({ code: 428, reason: 'idempotency.key_missing' });
      expect((await pay(owner, id, { amount_cents: 0 }, none)).error.code).toBe(422);
    }
    expect((await pay(owner, newId())).error.reason).toBe('invoice.not_found');
    const { id } = await anIssuedInvoice(shop, owner);
    const dry = await owner.post(`/v1/invoices/${id}/payments?dry_run=true`, {
      amount_cents: 1,
      method: 'cash',
    });
    expect(dry.error.code).toBe(428);
  });

  test('the same key again: the same answer, one payment', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const key = withKey();
    const [first, second] = [await pay(owner, id, {}, key), await pay(owner, id, {}, key)];
    expect([second.text, second.headers.get('idempotency-replayed')]).toEqual([first.text, 'true']);
    expect(await sumOf(shop, id)).toBe(5_000);
  });

  test.each([
    ['amount_cents', { amount_cents: 0 }],
    ['amount_cents', { amount_cents: -5 }],
    ['amount_cents', { amount_cents: 1.5 }],
    ['amount_cents', { amount_cents: 1_000_000_001 }],
    ['method', { method: 'gold' }],
    ['note', { note: '' }],
    ['received_at', { received_at: '2026-02-03' }],
    ['received_at', { received_at: '2199-01-01T00:00:00Z' }],
    ['refunded_cents', { refunded_cents: 1 }],
  ])('422 at %s', async (path, body) => {
    const { id } = await anIssuedInvoice(shop, owner);
    expect((await pay(owner, id, body)).error).toMatchObject({ code: 422, issues: [{ path }] });
  });

  test('412 for another version', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const key = { headers: { ...withKey().headers, 'if-match': '"1"' } };
    expect((await pay(owner, id, {}, key)).error).toMatchObject({ code: 412, reason: 'invoice.stale' });
  });

  test('two hundred at once, through two workers: it is paid to the cent, and never over it', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => pay(both[at % 2] ?? owner, id, { amount_cents: 500 })),
    );
    expect(outcomesOf(answers)).toEqual({ '201': 24, '409 payment.exceeds_balance': 176 });
    expect(await sumOf(shop, id)).toBe(12_000);
    const { data } = await owner.get(`/v1/invoices/${id}`);
    expect([data.status, data.paid_cents, data.version]).toEqual(['paid', 12_000, 26]);
    expect((await trialOf(owner)).problems).toEqual([]);
  });
});

describe('GET /v1/payments', () => {
  test('200: by customer, invoice, job, method and time, the newest first', async () => {
    const { id: customer_id } = await aCustomer(owner);
    const invoice = await anIssuedInvoice(shop, owner, { customer_id });
    const made: Data[] = [];
    for (const [at, method] of ['cash', 'card', 'ach'].entries()) {
      const received_at = `2026-03-0${at + 1}T10:00:00Z`;
      made.push((await pay(owner, invoice.id, { amount_cents: 1_000, method, received_at })).data.payment);
    }
    const ids = async (query: string) =>
      (await accountant.get(`/v1/payments?${query}`)).data.items.map((one: Data) => one.id);
    const [cash, card, ach] = made.map(({ id }) => id);
    expect(await ids(`customer_id=${customer_id}`)).toEqual([ach, card, cash]);
    expect(await ids(`invoice_id=${invoice.id}&sort=received_at`)).toEqual([cash, card, ach]);
    expect(await ids(`appointment_id=${invoice.appointment_id}&method=cash,ach`)).toEqual([ach, cash]);
    expect(await ids(`customer_id=${customer_id}&from=2026-03-02&to=2026-03-03`)).toEqual([card]);
    expect(await ids(`customer_id=${newId()}`)).toEqual([]);
    const first = (await accountant.get(`/v1/payments?customer_id=${customer_id}&limit=2`)).data;
    expect(await ids(`customer_id=${customer_id}&limit=2&cursor=${first.next_cursor}`)).toEqual([cash]);
  });

  test('400 for another parameter, 404 for what is not there', async () => {
    expect((await owner.get('/v1/payments?amount=1')).status).toBe(400);
    for (const path of [
      `invoices/${newId()}/payments`,
      `payments/${newId()}`,
      `payments/${newId()}/refunds`,
    ]) {
      expect((await owner.get(`/v1/${path}`)).status).toBe(404);
    }
    expect((await owner.get(`/v1/appointments/${newId()}/deposits`)).status).toBe(404);
  });
});
