import type { Sql, Transaction } from '../../database/sql.ts';
import { invalid } from '../../errors.ts';
import type { Doer } from '../../http/context.ts';
import { lockCalendar } from '../availability/commands.ts';
import type { Travel } from '../availability/types.ts';

/** Who does it, and the instant now. Who books for themselves keeps the lead time and the horizon. */
export type By = {
  actor: Doer;
  now: string;
  isPublic?: boolean;
  /** Who has measured the drives, where somebody has. */
  travel?: Travel | undefined;
};

type People = { technician_id: string | null; customer_id: string; vehicle_id: string | null };

/**
 * Locks technician, customer, vehicle, in the house's order, and judges whether they can have a job together.
 * Throws 422 for whom the shop does not know or no longer serves. `look`: see lockCalendar.
 */
export const lockPeople = async (
  tx: Transaction,
  people: People,
  look?: () => Promise<unknown>,
): Promise<void> => {
  if (people.technician_id !== null) await lockCalendar(tx, people.technician_id, look);
  await lockCustomer(tx, people.customer_id);
  if (people.vehicle_id !== null) await lockVehicle(tx, people.vehicle_id, people.customer_id);
};

const lockCustomer = async (tx: Sql, id: string): Promise<void> => {
  const [row] = await tx`select id from customers where id = ${id} and deleted_at is null for share`;
  if (row === undefined) throw invalid('customer_id', 'is not a customer of this shop');
};

const lockVehicle = async (tx: Sql, id: string, customerId: string): Promise<void> => {
  const [row] = await tx<{ customer_id: string; is_active: boolean }>`
    select customer_id, is_active from vehicles where id = ${id} and deleted_at is null for no key update`;
  if (row === undefined) throw invalid('vehicle_id', 'is not a vehicle that the shop knows');
  if (row.customer_id !== customerId) throw invalid('vehicle_id', 'is a vehicle of another customer');
  if (!row.is_active) throw invalid('vehicle_id', 'is a vehicle that is not active');
};
