import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { fail, invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import {
  type CustomerShape,
  findHolder,
  hasActiveJobs,
  insertCustomer,
  insertUnknown,
  type LockedCustomer,
  lockCustomer,
  lockPhone,
  lockReached,
  type Reached,
  setConsent,
  setCustomerDeleted,
  shapeCustomer,
  updateCustomer,
} from './queries.ts';
import type { CustomerFields, CustomerPatch, NewCustomer } from './schema.ts';

const EMPTY = {
  email: null,
  phone: null,
  address: null,
  notes: null,
  tags: [],
  is_vip: false,
  sms_consent: false,
};

export const addCustomer = async (tx: Transaction, input: NewCustomer): Promise<CustomerShape> => {
  const id = newId();
  const customer: CustomerFields = { ...EMPTY, ...input };
  await namingHolder(tx, holders(tx, customer), () => insertCustomer(tx, id, customer));
  return shapeNow(tx, id);
};

/**
 * The customer with this e-mail address or phone, as the shop knows them, or a new one with the `id`; the row is locked.
 * The same two statements either way. A deleted customer stays deleted: whoever it was, it is not for a stranger to
 * bring them back.
 */
export const meetCustomer = async (
  tx: Transaction,
  given: Reached & { id: string },
): Promise<Reached & { id: string }> => {
  await insertUnknown(tx, given);
  const met = await lockReached(tx, given);
  // Deleted between the two statements: http/write runs the command again.
  if (met === undefined)
    throw fail('database.contention', 'Somebody else changes this at the moment. Try again.');
  return met;
};

/** The living customer with this phone, locked. */
export const lockCustomerOf = (tx: Transaction, phone: string): Promise<{ id: string } | undefined> =>
  lockPhone(tx, phone);

/** To text messages: it is given for a number, and ends for whoever has it. Gives the ids of those whom it is about. */
export const setConsentOf = (tx: Transaction, phone: string, isGiven: boolean): Promise<string[]> =>
  setConsent(tx, phone, isGiven);

type Change = { id: string; patch: CustomerPatch; expected: Expected };

export const changeCustomer = async (
  tx: Transaction,
  { id, patch, expected }: Change,
): Promise<CustomerShape> => {
  const current = await lockLiving(tx, id);
  assertFresh('customer', expected, current.version);
  // Consent was given for a number, and does not go over to another one.
  const isAnother = patch.phone !== undefined && patch.phone !== current.phone;
  const consent = isAnother ? { sms_consent: false } : {};
  const next: CustomerFields = { ...current, ...consent, ...patch };
  assertReachable(next, patch);
  await namingHolder(tx, holders(tx, next), () => updateCustomer(tx, id, next));
  return shapeNow(tx, id);
};

/** Bookings lock the customer too: none can slip in between the look at the jobs and the deletion. */
export const deleteCustomer = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<CustomerShape> => {
  const current = await lockLiving(tx, id);
  assertFresh('customer', expected, current.version);
  if (await hasActiveJobs(tx, id)) {
    throw fail(
      'customer.has_active_jobs',
      'This customer has jobs that are not finished. Cancel or finish them first.',
    );
  }
  await setCustomerDeleted(tx, id, true);
  return shapeNow(tx, id);
};

/** Restoring a customer who is not deleted changes nothing. */
export const restoreCustomer = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<CustomerShape> => {
  const current = await lockCustomer(tx, id);
  if (current === undefined) throw notFound('customer');
  assertFresh('customer', expected, current.version);
  if (current.deleted_at !== null) {
    await namingHolder(tx, holders(tx, current), () => setCustomerDeleted(tx, id, false));
  }
  return shapeNow(tx, id);
};

const assertReachable = (next: CustomerFields, { email }: CustomerPatch): void => {
  if (next.email !== null || next.phone !== null) return;
  const path = email === null ? 'email' : 'phone';
  throw invalid(path, 'is the last way to reach this customer: give another one before clearing it');
};

export const lockLiving = async (tx: Transaction, id: string): Promise<LockedCustomer> => {
  const current = await lockCustomer(tx, id);
  if (current === undefined || current.deleted_at !== null) throw notFound('customer');
  return current;
};

export const shapeNow = async (tx: Transaction, id: string): Promise<CustomerShape> => {
  const found = await shapeCustomer(tx, id);
  if (found === undefined) throw notFound('customer');
  return found;
};

const holders = (tx: Transaction, { email, phone }: CustomerFields) => ({
  customers_email_taken: () => findHolder(tx, 'email', email),
  customers_phone_taken: () => findHolder(tx, 'phone', phone),
});
