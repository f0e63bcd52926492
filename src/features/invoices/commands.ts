import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { queueMail } from '../outbox/commands.ts';
import { takeDeposits } from './deposits.ts';
import {
  deleteLines,
  findInvoice,
  findInvoiceOfJob,
  type InvoiceShape,
  insertInvoice,
  insertLines,
  type LockedInvoice,
  listAgreed,
  listLines,
  listSold,
  lockBilledJob,
  lockInvoice,
  moveInvoices,
  readAuthorization,
  readLetter,
  readTaxes,
  type StoredLine,
  setIssued,
  setSent,
  setSums,
  setVoid,
} from './queries.ts';
import {
  assertAgreed,
  assertAuthorized,
  assertCompleted,
  assertDraft,
  assertOpen,
  assertVoidable,
  draftsOf,
  letterOf,
  linesOf,
  sumsOf,
  type Taxes,
  taxesOf,
  undiscounted,
} from './rules.ts';
import type { InvoicePatch, NewLine } from './schema.ts';

type OnThing = { id: string; expected: Expected };

/**
 * Bills a completed job with what was sold, once: a draft, until it is issued. `id` is the job's. Where the customer was
 * given an estimate it is what they authorized of it, and no more: a trip fee stands in the estimate too, or nowhere.
 */
export const makeInvoice = async (tx: Transaction, { id, expected }: OnThing): Promise<InvoiceShape> => {
  const job = await lockBilledJob(tx, id);
  if (job === undefined) throw notFound('appointment');
  assertFresh('appointment', expected, job.version);
  assertCompleted(job.status);
  const drafts =
    job.estimate_id === null
      ? draftsOf(await listSold(tx, id), job.trip_fee_cents)
      : await listAgreed(tx, job.estimate_id);
  if (job.estimate_id !== null) assertAgreed(drafts);
  const lines = linesOf(drafts, { taxes: taxesOf(job) }).map((line) => ({ ...line, id: newId() }));
  const { customer_id, vehicle_id } = job;
  const invoice = { id: newId(), appointmentId: id, customer_id, vehicle_id, ...sumsOf(lines) };
  const holder = { invoices_one_per_appointment: () => findInvoiceOfJob(tx, id) };
  await namingHolder(tx, holder, () => insertInvoice(tx, invoice));
  await insertLines(tx, invoice.id, lines);
  return shapeInvoice(tx, invoice.id);
};

/** Other lines, another discount. Lines that name their id keep it; without lines, all discounts are spread anew. */
export const changeInvoice = async (
  tx: Transaction,
  { patch, ...on }: OnThing & { patch: InvoicePatch },
): Promise<InvoiceShape> => {
  const { id } = await lockFresh(tx, on);
  const { lines: given, discount_cents: discountCents } = patch;
  if (given === undefined && discountCents === undefined) return shapeInvoice(tx, id);
  const known = await listLines(tx, id);
  const wanted = given === undefined ? known.map(undiscounted) : named(given, known);
  const reckoned = linesOf(wanted, { taxes: await taxesNow(tx), discountCents });
  const lines = reckoned.map((line, at) => ({ ...line, id: wanted[at]?.id ?? newId() }));
  // The version rises before the parts change, for the journal.
  await setSums(tx, id, sumsOf(lines));
  await deleteLines(tx, id);
  await insertLines(tx, id, lines);
  return shapeInvoice(tx, id);
};

/** As the settings tax each kind of line. */
export const taxesNow = async (tx: Transaction): Promise<Taxes> => taxesOf(await readTaxes(tx));

const lockFresh = async (tx: Transaction, on: OnThing): Promise<LockedInvoice> => {
  const invoice = await lockNamed(tx, on);
  assertDraft(invoice);
  return invoice;
};

/** Locks its job too. Throws invoice.not_found, invoice.stale. */
export const lockNamed = async (tx: Transaction, { id, expected }: OnThing): Promise<LockedInvoice> => {
  const invoice = await lockInvoice(tx, id);
  if (invoice === undefined) throw notFound('invoice');
  assertFresh('invoice', expected, invoice.version);
  return invoice;
};

const named = (given: readonly NewLine[], known: readonly StoredLine[]) => {
  const ids = new Set(known.map((line) => line.id));
  return given.map((line, at) => {
    if (line.id === undefined) return { ...line, id: newId() };
    // Taken out, so that a second one with it is refused too.
    if (!ids.delete(line.id))
      throw invalid(`lines.${at}.id`, 'is not a line of this invoice, or is twice here');
    return { ...line, id: line.id };
  });
};

/** Gives the draft its number and takes what was put down for the job. */
export const issueInvoice = async (tx: Transaction, on: OnThing): Promise<InvoiceShape> => {
  const invoice = await lockFresh(tx, on);
  assertAuthorized(invoice.due_cents, await readAuthorization(tx, invoice.appointment_id));
  await setIssued(tx, invoice.id);
  await takeDeposits(tx, invoice);
  return shapeInvoice(tx, invoice.id);
};

/** To whom has an e-mail address it goes by mail; to the others by whatever way the shop has. */
export const sendInvoice = async (tx: Transaction, on: OnThing): Promise<InvoiceShape> => {
  const invoice = await lockNamed(tx, on);
  assertOpen(invoice);
  const letter = await readLetter(tx, invoice.id);
  await queueMail(tx, letter.email, { kind: 'invoice', ...letterOf(letter) });
  await setSent(tx, invoice.id);
  return shapeInvoice(tx, invoice.id);
};

/** The job can be billed anew. One that is void stays so. */
export const voidInvoice = async (tx: Transaction, on: OnThing): Promise<InvoiceShape> => {
  const invoice = await lockNamed(tx, on);
  if (invoice.status === 'void') return shapeInvoice(tx, invoice.id);
  assertVoidable(invoice);
  await setVoid(tx, invoice.id);
  return shapeInvoice(tx, invoice.id);
};

/** All invoices of the one go to the other. The caller has locked both customers. */
export const giveInvoices = (tx: Transaction, from: string, to: string): Promise<void> =>
  moveInvoices(tx, from, to);

/** As it stands in this transaction. */
export const shapeInvoice = async (tx: Transaction, id: string): Promise<InvoiceShape> => {
  const found = await findInvoice(tx, id);
  if (found === undefined) throw notFound('invoice');
  return found;
};
