import type { Json, Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { lockNamed, shapeInvoice } from '../invoices/commands.ts';
import { assertOpen } from '../invoices/rules.ts';
import {
  findPayment,
  findRefund,
  insertPayment,
  insertRefund,
  lockJobForDeposit,
  lockPayment,
} from './queries.ts';
import { assertReceived, assertRefundable, assertTakesDeposits, assertWithinBalance } from './rules.ts';
import type { NewPayment, NewRefund } from './schema.ts';

/** What was entered, and the invoice as it stands then. */
export type Booked = { id: string; json: string };
type Paid = { id: string; payment: NewPayment; now: string; expected: Expected };

// The rules here name what is wrong; that it is not done all the same is up to the database, whoever writes.

/** Money for an invoice. `id` is the invoice's. */
export const recordPayment = async (tx: Transaction, { id, expected, ...paid }: Paid): Promise<Booked> => {
  const receivedAt = receivedAtOf(paid);
  const invoice = await lockNamed(tx, { id, expected });
  assertOpen(invoice);
  assertWithinBalance(paid.payment.amount_cents, invoice.due_cents);
  const paymentId = newId();
  await insertPayment(tx, { ...rowOf(paid.payment, receivedAt), id: paymentId, invoiceId: id });
  return {
    id: paymentId,
    json: paidJson(await shapePayment(tx, paymentId), (await shapeInvoice(tx, id)).shape),
  };
};

/** Money for a job that is not billed yet: its invoice takes it when it is issued. `id` is the job's. */
export const recordDeposit = async (tx: Transaction, { id, expected, ...paid }: Paid): Promise<Booked> => {
  const receivedAt = receivedAtOf(paid);
  const job = await lockJobForDeposit(tx, id);
  if (job === undefined) throw notFound('appointment');
  assertFresh('appointment', expected, job.version);
  assertTakesDeposits(job);
  const paymentId = newId();
  await insertPayment(tx, { ...rowOf(paid.payment, receivedAt), id: paymentId, appointmentId: id });
  return { id: paymentId, json: paidJson(await shapePayment(tx, paymentId), null) };
};

const receivedAtOf = ({ payment, now }: Pick<Paid, 'payment' | 'now'>): string => {
  const receivedAt = payment.received_at ?? now;
  assertReceived(receivedAt, now);
  return receivedAt;
};

const rowOf = ({ amount_cents, method, note = null }: NewPayment, received_at: string) => ({
  ...{ invoiceId: null, appointmentId: null },
  ...{ amount_cents, method, note, received_at },
});

const shapePayment = async (tx: Transaction, id: string): Promise<Json> => {
  const found = await findPayment(tx, id);
  if (found === undefined) throw notFound('payment');
  return found;
};

const paidJson = (payment: Json, invoice: Json | null): string =>
  `{"payment":${payment},"invoice":${invoice ?? 'null'}}`;

/** Money back, of what a payment or a deposit still has: from the invoice too, if that has taken the deposit. */
export const refundPayment = async (
  tx: Transaction,
  { id, refund }: { id: string; refund: NewRefund },
): Promise<Booked> => {
  const payment = await lockPayment(tx, id);
  if (payment === undefined) throw notFound('payment');
  assertRefundable(refund.amount_cents, payment.left_cents);
  const refundId = newId();
  await insertRefund(tx, { ...refund, id: refundId, paymentId: id });
  const invoice = payment.invoice_id === null ? null : (await shapeInvoice(tx, payment.invoice_id)).shape;
  const shape = await findRefund(tx, refundId);
  return { id: refundId, json: `{"refund":${shape},"invoice":${invoice ?? 'null'}}` };
};
