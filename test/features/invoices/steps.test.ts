import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { PATIENT, testApp } from '../../helpers/app.ts';
import {
  aCustomer,
  aDeposit,
  aDoneJob,
  anInvoice,
  anIssuedInvoice,
  aPayment,
  withKey,
} from '../../helpers/factories.ts';

const shop = await testApp({ env: PATIENT });
const other = await testApp({ env: PATIENT, url: shop.url });
const owner = await shop.as('owner');
const eitherOf = (at: number) => (at % 2 === 0 ? owner : other.sameAs(owner));
const step = (id: string, word: string, at = 0) => eitherOf(at).post(`/v1/invoices/${id}/${word}`);
const numbers = async () =>
  (
    await shop.sql<{ number: number }>`select number from invoices where number is not null order by number`
  ).map(({ number }) => number);
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('POST /v1/invoices/{id}/issue', () => {
  test('200: it gets the next number and its time', async () => {
    const { id } = await anInvoice(shop, owner);
    const before = (await numbers()).length;
    const { status, data } = await step(id, 'issue');
    expect([status, data.status, data.number, data.version]).toEqual([200, 'issued', before + 1, 2]);
    expect(Math.abs(Date.parse(data.issued_at) - Date.now())).toBeLessThan(60_000);
    expect((await step(id, 'issue')).error).toMatchObject({ code: 409, reason: 'invoice.not_draft' });
    expect((await step(newId(), 'issue')).error.reason).toBe('invoice.not_found');
  });

  test('200: one of nothing is paid at once, and can be void', async () => {
    const { id } = await anIssuedInvoice(shop, owner, { services: [] });
    const { data } = await owner.get(`/v1/invoices/${id}`);
    expect([data.status, data.total_cents, data.paid_at]).toEqual(['paid', 0, data.issued_at]);
    const paying = await owner.post(
      `/v1/invoices/${id}/payments`,
      { amount_cents: 1, method: 'cash' },
      withKey(),
    );
    expect(paying.error.reason).toBe('payment.exceeds_balance');
    expect((await step(id, 'void')).data).toMatchObject({
      status: 'void',
      paid_at: null,
      number: data.number,
    });
  });

  test('twenty at once on one: one number', async () => {
    const { id } = await anInvoice(shop, owner);
    const before = (await numbers()).length;
    const answers = await Promise.all(upTo(20).map((at) => step(id, 'issue', at)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const { ok, error } of answers) if (!ok) expect(error.reason).toBe('invoice.not_draft');
    expect(await numbers()).toEqual(upTo(before + 1));
  });

  test('fifty at once, some rolled back: numbers without a gap', async () => {
    const drafts = await Promise.all(upTo(50).map(() => anInvoice(shop, owner)));
    const before = (await numbers()).length;
    const answers = await Promise.all(
      drafts.map(({ id }, at) =>
        // A dry run does all of it, number and all, and is rolled back.
        at % 3 === 2 ? eitherOf(at).post(`/v1/invoices/${id}/issue?dry_run=true`) : step(id, 'issue', at),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(await numbers()).toEqual(upTo(before + 34));
  });
});

describe('POST /v1/invoices/{id}/send', () => {
  test('200: a mail to whoever has an address, after the commit; sent again, another one', async () => {
    const { id: customer_id, email } = await aCustomer(owner, { name: 'Ana' });
    const { id, number } = await anIssuedInvoice(shop, owner, { customer_id });
    const { status, data } = await step(id, 'send');
    expect([status, data.status, data.version]).toEqual([200, 'issued', 3]);
    expect(data.sent_at).not.toBeNull();
    await step(id, 'send');
    const mails = await shop.sql`select kind, subject, body from outbox where recipient = ${email}`;
    expect(mails).toHaveLength(2);
    expect(mails[0]).toEqual({
      kind: 'invoice',
      subject: `Invoice ${number} of Edgar's Mobile Auto Shop`,
      body: expect.stringContaining('USD 120.00 is due'),
    });
  });

  test('200 without a mail for whoever has none; 409 for a draft and a void one', async () => {
    const customer = await aCustomer(owner, { email: null, phone: '+13105550177' });
    const { id } = await anIssuedInvoice(shop, owner, { customer_id: customer.id });
    const before = await shop.sql`select id from outbox`;
    expect((await step(id, 'send')).data.sent_at).not.toBeNull();
    expect(await shop.sql`select id from outbox`).toEqual(before);
    await step(id, 'void');
    const draft = await anInvoice(shop, owner);
    for (const one of [id, draft.id]) {
      expect((await step(one, 'send')).error).toMatchObject({ code: 409, reason: 'invoice.not_open' });
    }
  });
});

describe('POST /v1/invoices/{id}/void', () => {
  test('200 for a draft and an issued one, which keeps its number; again: nothing changes', async () => {
    const draft = await anInvoice(shop, owner);
    expect((await step(draft.id, 'void')).data).toMatchObject({ status: 'void', number: null });
    const { id, number } = await anIssuedInvoice(shop, owner);
    const { data } = await step(id, 'void');
    expect(data).toMatchObject({ status: 'void', number, voided_at: expect.any(String), version: 3 });
    expect((await step(id, 'void')).data).toEqual(data);
  });

  test('409 while something is paid; 200 once all of it was given back', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aPayment(owner, id, { amount_cents: 12_000 });
    expect((await step(id, 'void')).error).toMatchObject({
      ...{ code: 409, reason: 'invoice.has_payments', details: { paid_cents: 12_000 } },
    });
    const refund = (amount_cents: number) =>
      owner.post(`/v1/payments/${payment.id}/refunds`, { amount_cents, reason: 'r' }, withKey());
    await refund(11_999);
    expect((await step(id, 'void')).error.reason).toBe('invoice.has_payments');
    expect((await refund(1)).data.invoice.status).toBe('issued');
    expect((await step(id, 'void')).data.status).toBe('void');
  });

  test('409 with a deposit on it, until that is given back; the next invoice takes the next one', async () => {
    const job = await aDoneJob(shop, owner);
    const { payment } = await aDeposit(owner, job.id, { amount_cents: 12_000 });
    const make = async () => {
      const { id } = (await owner.post(`/v1/appointments/${job.id}/invoice`, {})).data;
      return (await step(id, 'issue')).data;
    };
    const first = await make();
    expect([first.status, first.paid_cents]).toEqual(['paid', 12_000]);
    expect((await step(first.id, 'void')).error).toMatchObject({
      ...{ code: 409, reason: 'invoice.has_payments', details: { paid_cents: 12_000 } },
    });
    const back = { amount_cents: 12_000, reason: 'Billed anew' };
    const { data } = await owner.post(`/v1/payments/${payment.id}/refunds`, back, withKey());
    expect(data.invoice).toMatchObject({ status: 'issued', paid_cents: 0 });
    expect((await step(first.id, 'void')).data).toMatchObject({ status: 'void', paid_at: null });
    await aDeposit(owner, job.id, { amount_cents: 12_000 });
    expect(await make()).toMatchObject({ status: 'paid', paid_cents: 12_000, number: first.number + 1 });
  });

  test('a payment and a void at once: never a void invoice with money on it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await anIssuedInvoice(shop, owner);
      const pay = owner.post(`/v1/invoices/${id}/payments`, { amount_cents: 1, method: 'cash' }, withKey());
      const [paid, voided] = await Promise.all([pay, step(id, 'void', 1)]);
      const reasons = [paid.error?.reason, voided.error?.reason];
      expect([
        ['invoice.not_open', undefined],
        [undefined, 'invoice.has_payments'],
      ]).toContainEqual(reasons);
    }
  });
});
