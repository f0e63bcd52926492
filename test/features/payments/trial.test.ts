import { describe, expect, test } from 'bun:test';
import { pauseLedger } from '../../../src/cli/demo/tables.ts';
import { type Trial, tryBalance } from '../../../src/features/payments/trial.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aDeposit, aDoneJob, anInvoice, anIssuedInvoice, aPayment } from '../../helpers/factories.ts';
import { giveBack, trialOf } from './money.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const accountant = await shop.as('accountant');

const invoice = await anIssuedInvoice(shop, owner);
const { payment } = await aPayment(owner, invoice.id);
await giveBack(owner, payment.id, 1_000);
const draft = await anInvoice(shop, owner);
const job = await aDoneJob(shop, owner);
const deposit = (await aDeposit(owner, job.id, { amount_cents: 20_000 })).payment;
const { id: billedId } = (await owner.post(`/v1/appointments/${job.id}/invoice`, {})).data;
const billed = (await owner.post(`/v1/invoices/${billedId}/issue`)).data;

class RollBack extends Error {}

/** The trial after these statements, of which nothing is kept. */
const inABrokenShop = async (statements: string): Promise<Trial> => {
  const tried = Promise.withResolvers<Trial>();
  const broken = shop.sql.transaction(async (tx) => {
    await pauseLedger(tx);
    await tx`alter table appointments disable trigger deposits_by_ledger`;
    for (const text of statements.split(';')) await tx(Object.assign([text], { raw: [text] }));
    tried.resolve(await tryBalance(tx));
    throw new RollBack();
  });
  await expect(broken).rejects.toBeInstanceOf(RollBack);
  return tried.promise;
};

describe('GET /v1/ledger/trial', () => {
  test('200: clean, and how much was looked at', async () => {
    const { status, data } = await accountant.get('/v1/ledger/trial');
    // Three invoices, two payments, one job with deposits.
    expect([status, data]).toEqual([200, { clean: true, checked: 6, problems: [] }]);
  });

  // What nobody can do but the owner of the tables, who puts the guards out of work.
  const BROKEN: [string, string, Data][] = [
    [
      'what was paid on an invoice',
      `update invoices set paid_cents = 5000 where id = '${invoice.id}'`,
      { rule: 'invoice_paid', entity: 'invoice', entity_id: invoice.id, expected: 4_000, found: 5_000 },
    ],
    [
      'the total of its lines',
      `update invoices set subtotal_cents = 13000, total_cents = 13000 where id = '${invoice.id}'`,
      { rule: 'invoice_total', entity: 'invoice', entity_id: invoice.id, expected: 12_000, found: 13_000 },
    ],
    [
      'a line',
      `update invoice_lines set discount_cents = 1, total_cents = total_cents - 1 where invoice_id = '${draft.id}'`,
      { rule: 'invoice_discount', entity: 'invoice', entity_id: draft.id, expected: 1, found: 0 },
    ],
    [
      'when it was paid',
      `update invoices set paid_at = null where id = '${billed.id}'`,
      { rule: 'invoice_paid_at', entity: 'invoice', entity_id: billed.id, expected: 'paid', found: null },
    ],
    [
      'a gap in the numbers',
      `update invoices set number = 5 where id = '${billed.id}'`,
      { rule: 'invoice_number', entity: 'invoice', entity_id: billed.id, expected: 2, found: 5 },
    ],
    [
      'a payment that is not counted',
      `update payments set amount_cents = 4999 where id = '${payment.id}'`,
      { rule: 'invoice_paid', entity: 'invoice', entity_id: invoice.id, expected: 3_999, found: 4_000 },
    ],
    [
      'what was given back of a payment',
      `update payments set refunded_cents = 999 where id = '${payment.id}'`,
      { rule: 'payment_refunded', entity: 'payment', entity_id: payment.id, expected: 1_000, found: 999 },
    ],
    [
      'what an invoice has of a deposit',
      `update payments set applied_cents = 1 where id = '${deposit.id}'`,
      { rule: 'payment_applied', entity: 'payment', entity_id: deposit.id, expected: 12_000, found: 1 },
    ],
    [
      'what is left of the deposits of a job',
      `update appointments set deposit_cents = 0 where id = '${job.id}'`,
      { rule: 'job_deposits', entity: 'appointment', entity_id: job.id, expected: 8_000, found: 0 },
    ],
    [
      'a deposit of a job that has none',
      `update appointments set deposit_cents = 7 where id = '${invoice.appointment_id}'`,
      {
        ...{ rule: 'job_deposits', entity: 'appointment', entity_id: invoice.appointment_id },
        ...{ expected: 0, found: 7 },
      },
    ],
    [
      'a draft whose sums are of other lines',
      `delete from invoice_lines where invoice_id = '${draft.id}'`,
      { rule: 'invoice_subtotal', entity: 'invoice', entity_id: draft.id, expected: 0, found: 12_000 },
    ],
    [
      'a state that is not that of the sums',
      `alter table invoices drop constraint invoices_status_agrees;
       update invoices set status = 'issued' where id = '${invoice.id}'`,
      {
        ...{ rule: 'invoice_status', entity: 'invoice', entity_id: invoice.id },
        ...{ expected: 'partially_paid', found: 'issued' },
      },
    ],
  ];

  for (const [what, statements, problem] of BROKEN) {
    test(`200: not clean, and names the row and both numbers: ${what}`, async () => {
      const told = await inABrokenShop(statements);
      expect(told.clean).toBe(false);
      expect(told.problems).toContainEqual(problem);
    });
  }

  test('and what was broken here is whole again', async () =>
    expect((await trialOf(owner)).clean).toBe(true));
});
