import type { Transaction } from '../../database/sql.ts';
import { invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { giveAppointments } from '../appointments/commands.ts';
import { giveEstimates } from '../estimates/commands.ts';
import { giveInvoices } from '../invoices/commands.ts';
import { giveVehicles } from '../vehicles/commands.ts';
import { shapeNow } from './commands.ts';
import { moveNotes } from './notes.ts';
import { type CustomerShape, lockCustomers, setCustomerDeleted, updateCustomer } from './queries.ts';
import { mergedFields } from './rules.ts';

type Merge = { id: string; otherId: string; expected: Expected };

/**
 * Two records of one person become one: all that the other has moves over and fills what is empty here, then the
 * other is deleted. Bookings lock their customer too, so none can slip in for the other meanwhile.
 */
export const mergeCustomers = async (
  tx: Transaction,
  { id, otherId, expected }: Merge,
): Promise<CustomerShape> => {
  if (id === otherId) throw invalid('other_id', 'is this customer: name the other one');
  const both = await lockCustomers(tx, [id, otherId]);
  const kept = both.find((one) => one.id === id && one.deleted_at === null);
  if (kept === undefined) throw notFound('customer');
  assertFresh('customer', expected, kept.version);
  const other = both.find((one) => one.id === otherId && one.deleted_at === null);
  if (other === undefined) throw invalid('other_id', 'does not name a customer of the shop');
  await giveVehicles(tx, otherId, id);
  await giveAppointments(tx, otherId, id);
  await giveEstimates(tx, otherId, id);
  await giveInvoices(tx, otherId, id);
  await moveNotes(tx, otherId, id);
  // First, for two living customers cannot share an address or a number.
  await setCustomerDeleted(tx, otherId, true);
  await updateCustomer(tx, id, mergedFields(kept, other));
  return shapeNow(tx, id);
};
