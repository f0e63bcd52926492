import { describe, expect, test } from 'bun:test';
import { constraintOf } from '../../../src/database/failures.ts';
import { newId } from '../../../src/values/id.ts';
import { testApp } from '../../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aDeposit,
  aDoneJob,
  anInvoice,
  anIssuedInvoice,
  aPayment,
} from '../../helpers/factories.ts';
import { giveBack, trialOf } from './money.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const { sql } = shop;

/** The name of what refused it; '' when it was done. */
const refusing = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return '';
  } catch (error) {
    return constraintOf(error);
  }
};
const paid = (invoiceId: string, cents: number) =>
  sql`insert into payments (id, invoice_id, amount_cents, method) values (${newId()}, ${invoiceId}, ${cents}, 'cash')`;
const refunded = (paymentId: string, cents: number) =>
  sql`insert into refunds (id, payment_id, amount_cents, reason) values (${newId()}, ${paymentId}, ${cents}, 'r')`;

describe('whoever writes, with psql too', () => {
  test('a payment settles its invoice, and a refund unsettles it', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    await paid(id, 12_000);
    expect((await owner.get(`/v1/invoices/${id}`)).data).toMatchObject({ status: 'paid', due_cents: 0 });
    const [{ id: paymentId }] = (await owner.get(`/v1/invoices/${id}/payments`)).data.items;
    await refunded(paymentId, 12_000);
    expect((await owner.get(`/v1/invoices/${id}`)).data).toMatchObject({ status: 'issued', paid_at: null });
  });

  test('none is over what is due, or was paid; none is on a draft or a void one', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    expect(await refusing(paid(id, 12_001))).toBe('invoices_never_overpaid');
    const { payment } = await aPayment(owner, id);
    expect(await refusing(refunded(payment.id, 5_001))).toBe('payments_never_over_refunded');
    expect(await refusing(paid((await anInvoice(shop, owner)).id, 1))).toBe('invoices_open_for_money');
    const voided = await anIssuedInvoice(shop, owner);
    await owner.post(`/v1/invoices/${voided.id}/void`);
    expect(await refusing(paid(voided.id, 1))).toBe('invoices_open_for_money');
  });

  test('an entry is never changed and never deleted', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aPayment(owner, id);
    await giveBack(owner, payment.id, 1);
    const job = await aDoneJob(shop, owner);
    await aDeposit(owner, job.id);
    const made = (await owner.post(`/v1/appointments/${job.id}/invoice`, {})).data;
    await owner.post(`/v1/invoices/${made.id}/issue`);
    const forbidden = [
      () => sql`update payments set amount_cents = 1`,
      () => sql`update payments set note = 'x'`,
      () => sql`update payments set refunded_cents = 0`,
      () => sql`update payments set applied_cents = 0`,
      () => sql`delete from payments`,
      () => sql`update refunds set reason = 'x'`,
      () => sql`delete from refunds`,
      () => sql`update invoice_deposits set amount_cents = 1`,
      () => sql`delete from invoice_deposits`,
      () => sql`update invoices set paid_cents = 0, status = 'issued' where id = ${id}`,
      () => sql`update invoices set paid_cents = total_cents, status = 'paid' where id = ${id}`,
      () => sql`delete from invoices where id = ${id}`,
    ];
    for (const work of forbidden) expect(await refusing(work())).toBe('ledger_append_only');
    expect((await trialOf(owner)).problems).toEqual([]);
  });

  test('an invoice begins unpaid, a payment whole; the lines of an issued one stay', async () => {
    const job = await aBooking(owner);
    expect(
      await refusing(sql`
        insert into invoices (id, appointment_id, customer_id, status, number, subtotal_cents, total_cents, paid_cents)
        values (${newId()}, ${job.id}, ${job.customer_id}, 'paid', 1000, 1, 1, 1)`),
    ).toBe('ledger_append_only');
    const { id } = await anIssuedInvoice(shop, owner);
    expect(
      await refusing(sql`
        insert into payments (id, invoice_id, amount_cents, refunded_cents, method)
        values (${newId()}, ${id}, 10, 5, 'cash')`),
    ).toBe('payments_begin_whole');
    for (const work of [
      () => sql`update invoice_lines set total_cents = 1 where invoice_id = ${id}`,
      () => sql`delete from invoice_lines where invoice_id = ${id}`,
    ])
      expect(await refusing(work())).toBe('invoice_lines_in_draft');
  });

  test('a deposit goes to no other job’s invoice, and to none above what is left of it', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const { payment } = await aDeposit(owner, (await aBooking(owner)).id);
    const taken = (invoiceId: string, paymentId: string, cents: number) =>
      sql`insert into invoice_deposits (invoice_id, payment_id, amount_cents) values (${invoiceId}, ${paymentId}, ${cents})`;
    expect(await refusing(taken(id, payment.id, 1))).toBe('invoice_deposits_of_one_job');
    const job = await aDoneJob(shop, owner);
    const own = await aDeposit(owner, job.id, { amount_cents: 100 });
    const made = (await owner.post(`/v1/appointments/${job.id}/invoice`, {})).data;
    await owner.post(`/v1/invoices/${made.id}/issue`);
    expect(await refusing(taken(made.id, own.payment.id, 1))).toBe('payments_never_over_applied');
    expect(await refusing(taken(made.id, own.payment.id, -101))).toBe('invoices_never_overpaid');
    expect((await trialOf(owner)).problems).toEqual([]);
  });

  test('no deposit is put down for a job that is billed', async () => {
    const { id, appointment_id } = await anIssuedInvoice(shop, owner);
    const deposit = () => sql`
      insert into payments (id, appointment_id, amount_cents, method) values (${newId()}, ${appointment_id}, 1, 'cash')`;
    expect(await refusing(deposit())).toBe('payments_before_the_bill');
    await owner.post(`/v1/invoices/${id}/void`);
    expect(await refusing(deposit())).toBe('');
  });

  test('what a job has in deposits is never other than its rows say', async () => {
    const job = await aBooking(owner);
    await aDeposit(owner, job.id, { amount_cents: 100 });
    const { id: customer_id } = await aCustomer(owner);
    const forbidden = [
      () => sql`update appointments set deposit_cents = 99 where id = ${job.id}`,
      () => sql`update appointments set deposit_cents = 0`,
      () => sql`
        insert into appointments (id, customer_id, starts_at, ends_at, deposit_cents)
        values (${newId()}, ${customer_id}, now(), now() + interval '1 hour', 1)`,
    ];
    for (const work of forbidden) expect(await refusing(work())).toBe('ledger_append_only');
    expect((await trialOf(owner)).problems).toEqual([]);
  });
});

test('the journal tells of a payment, its refund, a deposit and who they were by', async () => {
  const accountant = await shop.as('accountant');
  const { id, appointment_id } = await anIssuedInvoice(shop, owner);
  const { payment } = await aPayment(accountant, id);
  const { data } = await giveBack(accountant, payment.id, 100);
  const told = async (query: string) => (await owner.get(`/v1/audit?${query}`)).data.items;
  const [given, made] = await told(`entity=payment&entity_id=${payment.id}`);
  expect(made).toMatchObject({
    ...{ action: 'created', actor: { id: accountant.staffId } },
    changes: { amount_cents: { from: null, to: 5_000 } },
  });
  expect(given).toMatchObject({ action: 'changed', changes: { refunded_cents: { from: 0, to: 100 } } });
  expect(await told(`entity=refund&entity_id=${data.refund.id}`)).toHaveLength(1);
  const [settled] = await told(`entity=invoice&entity_id=${id}&limit=1`);
  expect(settled.changes).toMatchObject({ paid_cents: { from: 5_000, to: 4_900 } });
  const { items } = (await owner.get(`/v1/appointments/${appointment_id}/history`)).data;
  expect(items.length).toBeGreaterThan(0);
});

describe('an invoice that was issued, by hand', () => {
  test('keeps its number, is no draft again, and void is the end', async () => {
    const { id } = await anIssuedInvoice(shop, owner);
    const changes = [
      () => sql`update invoices set number = number + 1000 where id = ${id}`,
      () => sql`update invoices set status = 'draft' where id = ${id}`,
    ];
    for (const change of changes) expect(await refusing(change())).toBe('ledger_append_only');
    await owner.post(`/v1/invoices/${id}/void`);
    expect(await refusing(sql`update invoices set status = 'issued' where id = ${id}`)).toBe(
      'ledger_append_only',
    );
  });

  test('gives none of its lines to a draft', async () => {
    const issued = await anIssuedInvoice(shop, owner);
    const draft = await anInvoice(shop, owner);
    const moved = sql`
      update invoice_lines set invoice_id = ${draft.id}, position = 99 where invoice_id = ${issued.id}`;
    expect(await refusing(moved)).toBe('invoice_lines_in_draft');
  });
});

describe('DELETE /v1/appointments/{id} with a deposit', () => {
  test('409 appointment.has_deposit until it is given back', async () => {
    const job = await aBooking(owner);
    const { payment } = await aDeposit(owner, job.id);
    const { error } = await owner.delete(`/v1/appointments/${job.id}`);
    expect([error.code, error.reason]).toEqual([409, 'appointment.has_deposit']);
    await giveBack(owner, payment.id, payment.amount_cents);
    expect((await owner.delete(`/v1/appointments/${job.id}`)).status).toBe(200);
  });
});
