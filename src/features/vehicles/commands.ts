import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { fail, invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import {
  clearOtherPrimary,
  findHolder,
  findLike,
  hasActiveJobs,
  insertUnlessLike,
  insertVehicle,
  type LockedOwner,
  type LockedVehicle,
  lockOwner,
  lockOwnerAndNext,
  lockOwnerOf,
  lockVehicle,
  moveVehicles,
  setVehicleDeleted,
  setVehicleOwner,
  setVehicleRestored,
  shapeVehicle,
  updateVehicle,
  type VehicleShape,
} from './queries.ts';
import { assertVinChecks } from './rules.ts';
import type { NewVehicle, VehicleFields, VehiclePatch } from './schema.ts';

const EMPTY = {
  ...{ trim: null, color: null, vin: null, license_plate: null, mileage: null, notes: null },
  ...{ is_primary: false, is_active: true },
};

export const addVehicle = async (tx: Transaction, input: NewVehicle): Promise<VehicleShape> => {
  const { vin_unchecked: isUnchecked = false, ...given } = input;
  const vehicle = { ...EMPTY, ...given, id: newId() };
  assertVinChecks(vehicle.vin, isUnchecked);
  const owner = await lockOwner(tx, given.customer_id);
  if (owner === undefined || owner.deleted_at !== null) {
    throw invalid('customer_id', 'does not name a customer of the shop');
  }
  if (vehicle.is_primary) await clearOtherPrimary(tx, owner.id, vehicle.id);
  await namingHolder(tx, holders(tx, vehicle), () => insertVehicle(tx, vehicle));
  return shapeNow(tx, vehicle.id);
};

/**
 * The customer's active vehicle of this year, make and model, in whatever case, or a new one; the same two statements
 * either way. The caller has locked the customer.
 */
export const meetVehicle = async (
  tx: Transaction,
  given: Pick<NewVehicle, 'customer_id' | 'year' | 'make' | 'model'>,
): Promise<string> => {
  const described = { ...given, id: newId() };
  await insertUnlessLike(tx, described);
  const met = await findLike(tx, described);
  if (met === undefined) throw new Error('a vehicle that was just added is not there');
  return met.id;
};

type Change = { id: string; patch: VehiclePatch; expected: Expected };

export const changeVehicle = async (
  tx: Transaction,
  { id, patch, expected }: Change,
): Promise<VehicleShape> => {
  const { owner, current } = await lockLiving(tx, id, expected);
  const { vin_unchecked: isUnchecked = false, ...given } = patch;
  const next: VehicleFields = { ...current, ...given };
  // A VIN that stands already was vouched for when it came.
  if (next.vin !== current.vin) assertVinChecks(next.vin, isUnchecked);
  if (next.is_primary) await clearOtherPrimary(tx, owner.id, id);
  await namingHolder(tx, holders(tx, next), () => updateVehicle(tx, id, next));
  return shapeNow(tx, id);
};

/** Bookings lock the customer too: none can slip in between the look at the jobs and the deletion. */
export const deleteVehicle = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<VehicleShape> => {
  await lockLiving(tx, id, expected);
  await assertNoActiveJobs(tx, id);
  await setVehicleDeleted(tx, id);
  return shapeNow(tx, id);
};

/** Restoring a vehicle that is not deleted changes nothing. */
export const restoreVehicle = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<VehicleShape> => {
  const { owner, current } = await lockBoth(tx, id);
  assertFresh('vehicle', expected, current.version);
  assertOwnerIsLiving(owner);
  if (current.deleted_at !== null) {
    await namingHolder(tx, holders(tx, current), () => setVehicleRestored(tx, id));
  }
  return shapeNow(tx, id);
};

type TransferOf = { id: string; customerId: string; expected: Expected };

/** Gives the vehicle to another customer; its jobs and invoices stay with whom they were done for. */
export const transferVehicle = async (
  tx: Transaction,
  { id, customerId, expected }: TransferOf,
): Promise<VehicleShape> => {
  const owners = await lockOwnerAndNext(tx, id, customerId);
  const current = await lockVehicle(tx, id);
  if (current === undefined || current.deleted_at !== null) throw notFound('vehicle');
  assertLocked(owners, current);
  assertFresh('vehicle', expected, current.version);
  const next = owners.find((one) => one.id === customerId);
  if (next === undefined || next.deleted_at !== null) {
    throw invalid('customer_id', 'does not name a customer of the shop');
  }
  if (current.customer_id === customerId) return shapeNow(tx, id);
  await assertNoActiveJobs(tx, id);
  await setVehicleOwner(tx, id, customerId);
  return shapeNow(tx, id);
};

/** All vehicles of the one go to the other, whose own primary one stays it. The caller has locked both customers. */
export const giveVehicles = (tx: Transaction, from: string, to: string): Promise<void> =>
  moveVehicles(tx, from, to);

type Locked = { owner: LockedOwner; current: LockedVehicle };

/** The living vehicle of a living customer, both locked. */
export const lockLiving = async (tx: Transaction, id: string, expected: Expected): Promise<Locked> => {
  const locked = await lockBoth(tx, id);
  if (locked.current.deleted_at !== null) throw notFound('vehicle');
  assertFresh('vehicle', expected, locked.current.version);
  assertOwnerIsLiving(locked.owner);
  return locked;
};

/** The customer first: whoever gives or takes the first place among a customer's vehicles stands in one line. */
const lockBoth = async (tx: Transaction, id: string): Promise<Locked> => {
  const owner = await lockOwnerOf(tx, id);
  const current = await lockVehicle(tx, id);
  if (owner === undefined || current === undefined) throw notFound('vehicle');
  assertLocked([owner], current);
  return { owner, current };
};

/** Between the look at its customer and the lock the vehicle may have changed hands: http/write runs it again. */
const assertLocked = (owners: readonly LockedOwner[], { customer_id }: LockedVehicle): void => {
  if (owners.some(({ id }) => id === customer_id)) return;
  throw fail('database.contention', 'This vehicle changed hands at the same moment. Read it and try again.');
};

const assertNoActiveJobs = async (tx: Transaction, id: string): Promise<void> => {
  if (!(await hasActiveJobs(tx, id))) return;
  throw fail(
    'vehicle.has_active_jobs',
    'This vehicle has jobs that are not finished. Cancel or finish them first.',
  );
};

const assertOwnerIsLiving = (owner: LockedOwner): void => {
  if (owner.deleted_at === null) return;
  throw fail(
    'vehicle.customer_deleted',
    'The customer of this vehicle is deleted. Restore the customer first.',
    {
      details: { customer_id: owner.id },
    },
  );
};

const shapeNow = async (tx: Transaction, id: string): Promise<VehicleShape> => {
  const found = await shapeVehicle(tx, id);
  if (found === undefined) throw notFound('vehicle');
  return found;
};

const holders = (tx: Transaction, { vin, license_plate }: VehicleFields) => ({
  vehicles_vin_taken: () => findHolder(tx, 'vin', vin),
  vehicles_plate_taken: () => findHolder(tx, 'license_plate', license_plate),
});
