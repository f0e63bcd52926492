import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, aDoneJob, aService } from '../../helpers/factories.ts';
import { SEED } from '../../helpers/seeded.ts';
import { giveBack, pay, putDown, trialOf } from './money.ts';

const HISTORIES = 50;

const shop = await testApp();
const owner = await shop.as('owner');
const { id: SERVICE } = await aService(owner, { price_cents: 10_000 });
await owner.patch('/v1/settings', { labour_tax_basis_points: 0, parts_tax_basis_points: 950 });

/** An amount, or which of those that there are: a number that the model brings into its range. */
type Step = { what: (typeof WHAT)[number]; amount: number; which: number };
const WHAT = ['make', 'edit', 'discount', 'issue', 'pay', 'payAll', 'refund', 'void', 'deposit'] as const;
const aStep: fc.Arbitrary<Step> = fc.record({
  // Often far enough for money to move.
  what: fc.constantFrom(...WHAT, 'make' as const, 'issue' as const, 'pay' as const, 'refund' as const),
  amount: fc.integer({ min: 1, max: 15_000 }),
  which: fc.nat(5),
});

/** The second reckoning: plain lists, no database, no rules of the program. */
type Entry = { id: string; amount: number; refunded: number; applied: number; invoice: Bill | undefined };
type Bill = { id: string; status: string; total: number; gross: number };
type Model = { jobId: string; customerId: string; bills: Bill[]; entries: Entry[] };

const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0);
const isDeposit = ({ invoice }: Entry) => invoice === undefined;
const living = ({ bills }: Model) => bills.find(({ status }) => status !== 'void');
/** Only the living invoice can have deposits: of a void one they were given back. */
const paidOn = (model: Model, bill: Bill) =>
  sum(model.entries.filter(({ invoice }) => invoice === bill).map((one) => one.amount - one.refunded)) +
  (living(model) === bill ? sum(model.entries.filter(isDeposit).map(({ applied }) => applied)) : 0);
const settle = (model: Model, bill: Bill) => {
  if (bill.status === 'draft' || bill.status === 'void') return;
  const paid = paidOn(model, bill);
  bill.status = paid === bill.total ? 'paid' : paid === 0 ? 'issued' : 'partially_paid';
};

const expecting = ({ status, error, text }: Answer, refusal: string | undefined) => {
  if (refusal === undefined && status >= 300) throw new Error(`refused: ${text}`);
  expect(error?.reason).toBe(refusal as string);
};

const lineOf = (amount: number) => ({ kind: 'part', name: 'Pads', quantity: 3, unit_price_cents: amount });
/** 9.5 %, half up. */
const taxOf = (cents: number) => Math.floor((cents * 95 + 500) / 1_000);

const DOING: Readonly<Record<Step['what'], (model: Model, step: Step) => Promise<void>>> = {
  make: async (model) => {
    const answer = await owner.post(`/v1/appointments/${model.jobId}/invoice`, {});
    expecting(answer, living(model) === undefined ? undefined : 'invoice.exists');
    if (answer.ok) model.bills.push({ id: answer.data.id, status: 'draft', total: 10_000, gross: 10_000 });
  },
  edit: async (model, { amount }) => {
    const bill = living(model) ?? model.bills[0];
    if (bill === undefined) return;
    const answer = await owner.patch(`/v1/invoices/${bill.id}`, { lines: [lineOf(amount)] });
    expecting(answer, bill.status === 'draft' ? undefined : 'invoice.not_draft');
    if (!answer.ok) return;
    bill.gross = 3 * amount;
    bill.total = bill.gross + taxOf(bill.gross);
  },
  discount: async (model, { amount }) => {
    const bill = living(model);
    if (bill?.status !== 'draft') return;
    const discount_cents = amount % (bill.gross + 1);
    const net = bill.gross - discount_cents;
    const { data } = await owner.patch(`/v1/invoices/${bill.id}`, {
      ...{ lines: [{ ...lineOf(bill.gross), quantity: 1 }], discount_cents },
    });
    bill.total = net + taxOf(net);
    expect(data.total_cents).toBe(bill.total);
  },
  issue: async (model) => {
    const bill = living(model) ?? model.bills[0];
    if (bill === undefined) return;
    const answer = await owner.post(`/v1/invoices/${bill.id}/issue`);
    expecting(answer, bill.status === 'draft' ? undefined : 'invoice.not_draft');
    if (!answer.ok) return;
    bill.status = 'issued';
    let due = bill.total;
    for (const deposit of model.entries.filter(isDeposit)) {
      deposit.applied = Math.min(deposit.amount - deposit.refunded, due);
      due -= deposit.applied;
    }
    settle(model, bill);
  },
  pay: (model, { amount }) => payOn(model, amount),
  payAll: (model) => {
    const bill = living(model);
    return payOn(model, bill === undefined ? 1 : Math.max(bill.total - paidOn(model, bill), 1));
  },
  refund: async (model, { amount, which }) => {
    const entry = model.entries[which % Math.max(model.entries.length, 1)];
    if (entry === undefined) return;
    const answer = await giveBack(owner, entry.id, amount);
    const left = entry.amount - entry.refunded;
    expecting(answer, amount > left ? 'refund.exceeds_payment' : undefined);
    if (!answer.ok) return;
    const free = left - entry.applied;
    if (isDeposit(entry)) entry.applied -= Math.max(amount - free, 0);
    entry.refunded += amount;
    for (const bill of model.bills) settle(model, bill);
  },
  void: async (model) => {
    const bill = living(model);
    if (bill === undefined) return;
    const answer = await owner.post(`/v1/invoices/${bill.id}/void`);
    expecting(answer, paidOn(model, bill) > 0 ? 'invoice.has_payments' : undefined);
    if (answer.ok) bill.status = 'void';
  },
  deposit: async (model, { amount }) => {
    const answer = await putDown(owner, model.jobId, { amount_cents: amount });
    const bill = living(model);
    const isBilled = bill !== undefined && bill.status !== 'draft';
    expecting(answer, isBilled ? 'invoice.exists' : undefined);
    if (answer.ok)
      model.entries.push({
        ...{ id: answer.data.payment.id, amount, refunded: 0, applied: 0, invoice: undefined },
      });
  },
};

const payOn = async (model: Model, amount: number): Promise<void> => {
  const bill = living(model) ?? model.bills[0];
  if (bill === undefined) return;
  const answer = await pay(owner, bill.id, { amount_cents: amount });
  const isOpen = bill.status !== 'draft' && bill.status !== 'void';
  const isTooMuch = isOpen && amount > bill.total - paidOn(model, bill);
  expecting(answer, isTooMuch ? 'payment.exceeds_balance' : isOpen ? undefined : 'invoice.not_open');
  if (!answer.ok) return;
  model.entries.push({
    ...{ id: answer.data.payment.id, amount, refunded: 0, applied: 0, invoice: bill },
  });
  settle(model, bill);
};

/** What the program shows is what the model says. */
const compare = async (model: Model): Promise<void> => {
  for (const bill of model.bills) {
    const { data } = await owner.get(`/v1/invoices/${bill.id}`);
    const paid = paidOn(model, bill);
    expect([data.status, data.total_cents, data.paid_cents, data.due_cents]).toEqual([
      ...[bill.status, bill.total, paid, bill.total - paid],
    ]);
  }
  const bill = living(model);
  const held = sum(model.entries.filter(isDeposit).map((one) => one.amount - one.refunded - one.applied));
  const job = (await owner.get(`/v1/appointments/${model.jobId}`)).data;
  const paid = bill === undefined ? 0 : paidOn(model, bill);
  expect([job.total_cents, job.paid_cents]).toEqual([bill?.total ?? 10_000, paid + held]);
  const { totals } = (await owner.get(`/v1/customers/${model.customerId}/profile`)).data;
  const isOpen = bill !== undefined && bill.status !== 'draft';
  expect([totals.lifetime_spend_cents, totals.unpaid_cents]).toEqual([
    sum(model.entries.map((one) => one.amount - one.refunded)),
    bill === undefined ? Math.max(10_000 - held, 0) : isOpen ? bill.total - paid : 0,
  ]);
};

describe('whatever happens to a job’s money', () => {
  test('the program reckons as a plain list does, refuses what that refuses, and the trial is clean', async () => {
    const property = fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 25 }), async (steps) => {
      const customerId = (await aCustomer(owner)).id;
      const job = await aDoneJob(shop, owner, {
        ...{ customer_id: customerId, services: [{ service_id: SERVICE }] },
      });
      const model: Model = { jobId: job.id, customerId, bills: [], entries: [] };
      for (const step of steps) await DOING[step.what](model, step);
      await compare(model);
      const trial: Data = await trialOf(owner);
      expect(trial.problems).toEqual([]);
    });
    await fc.assert(property, { seed: SEED, numRuns: HISTORIES });
  });
});
