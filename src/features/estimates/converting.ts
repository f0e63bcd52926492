import type { Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import { assertFresh } from '../../http/validate.ts';
import { bookAppointment } from '../appointments/commands.ts';
import type { By } from '../appointments/people.ts';
import { MAX_QUANTITY, MAX_SERVICES } from '../appointments/schema.ts';
import { makeInvoice } from '../invoices/commands.ts';
import { changedMeanwhile, lockNamed, type OnEstimate } from './commands.ts';
import { findEstimate, listLines, lockConversion, lockEstimate, setConverted } from './queries.ts';
import { assertApproved, assertUnbooked, bookedOf } from './rules.ts';
import type { EstimateBooking } from './schema.ts';

/** Books what was approved, once, under every rule of a booking. Throws estimate.converted, estimate.not_approved (409). */
export const bookEstimate = async (
  tx: Transaction,
  by: By,
  { id, expected, booking }: OnEstimate & { booking: EstimateBooking },
) => {
  await lockConversion(tx, id);
  const seen = await findEstimate(tx, id);
  if (seen === undefined) throw notFound('estimate');
  assertFresh('estimate', expected, seen.version);
  assertUnbooked(seen);
  const lines = await listLines(tx, id);
  assertApproved(lines, seen.status);
  const { customer_id, vehicle_id, number } = seen;
  const notes = booking.notes ?? null;
  const sold = bookedOf(lines, { number, notes, maxServices: MAX_SERVICES, maxQuantity: MAX_QUANTITY });
  const made = await bookAppointment(tx, by, { ...booking, customer_id, vehicle_id, ...sold });
  // Only now, for the people are locked before it; what was read above is still so, or all of it begins anew.
  if ((await lockEstimate(tx, id))?.version !== seen.version) throw changedMeanwhile();
  await setConverted(tx, id, made.id);
  return made;
};

/** Bills what was approved, when its job is completed. */
export const billEstimate = async (tx: Transaction, on: OnEstimate) => {
  const { id, appointment_id, status } = await lockNamed(tx, on);
  if (appointment_id === null) {
    throw fail('estimate.not_booked', 'This estimate has no job yet. Book one with …/appointment first.');
  }
  assertApproved(await listLines(tx, id), status);
  return makeInvoice(tx, { id: appointment_id, expected: undefined });
};
