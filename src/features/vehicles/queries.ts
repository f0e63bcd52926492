import type { Json, Part, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { JobList, VehicleFields, VehicleList } from './schema.ts';

export type VehicleShape = { id: string; version: number; shape: Json };
export type LockedVehicle = VehicleFields & {
  id: string;
  customer_id: string;
  version: number;
  deleted_at: string | null;
};
export type LockedOwner = { id: string; deleted_at: string | null };

/** `ownStaffId` narrows to the vehicles of that technician's own jobs; null shows all. */
export const findVehicle = async (
  sql: Sql,
  id: string,
  ownStaffId: string | null,
): Promise<VehicleShape | undefined> => {
  const [row] = await sql<VehicleShape>`
    select v.id, v.version, v.shape from vehicle_shapes v
    where v.id = ${id} and v.deleted_at is null ${ownOnly(sql, ownStaffId)}`;
  return row;
};

export const listVehicles = (sql: Sql, query: VehicleList, ownStaffId: string | null): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select v.id, v.shape, ${page.key} from vehicle_shapes v
    where v.deleted_at is ${query.deleted ? sql.part`not null` : sql.part`null`}
      ${ownedBy(sql, query.customer_id)} ${matching(sql, query.q)} ${ownOnly(sql, ownStaffId)} ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** The vehicle's jobs, whoever it belonged to; a technician sees their own. */
export const listVehicleJobs = (
  sql: Sql,
  query: JobList & { id: string },
  ownStaffId: string | null,
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { starts_at: sql.part`starts_at` });
  const own =
    ownStaffId === null
      ? sql.part``
      : sql.part`and technician_id = (select id from technicians where staff_id = ${ownStaffId})`;
  return sql<ListRow>`
    select id, shape, ${page.key} from appointment_shapes
    where vehicle_id = ${query.id} and deleted_at is null ${own} ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** The customer's row, locked until the transaction ends; deleted ones too. */
export const lockOwner = async (tx: Sql, customerId: string): Promise<LockedOwner | undefined> => {
  const [row] = await tx<LockedOwner>`
    select id, deleted_at from customers where id = ${customerId} for no key update`;
  return row;
};

/** The row of the customer whose vehicle this is. Several vehicles of one customer are changed one after another. */
export const lockOwnerOf = async (tx: Sql, vehicleId: string): Promise<LockedOwner | undefined> => {
  const [row] = await tx<LockedOwner>`
    select id, deleted_at from customers
    where id = (select customer_id from vehicles where id = ${vehicleId}) for no key update`;
  return row;
};

/** The rows of the vehicle's customer and of the one who gets it, in the order of their ids. */
export const lockOwnerAndNext = (tx: Sql, vehicleId: string, nextId: string): Promise<LockedOwner[]> =>
  tx<LockedOwner>`
    select id, deleted_at from customers
    where id = ${nextId} or id = (select customer_id from vehicles where id = ${vehicleId})
    order by id for no key update`;

/** The vehicle's row, locked until the transaction ends; deleted ones too. */
export const lockVehicle = async (tx: Sql, id: string): Promise<LockedVehicle | undefined> => {
  const [row] = await tx<LockedVehicle>`
    select id, customer_id, year, make, model, trim, color, vin, license_plate, mileage, is_primary, is_active, notes,
      deleted_at, version
    from vehicles where id = ${id} for no key update`;
  return row;
};

type NewRow = VehicleFields & { id: string; customer_id: string };

export const insertVehicle = async (tx: Sql, vehicle: NewRow): Promise<void> => {
  await tx`
    insert into vehicles (id, customer_id, year, make, model, trim, color, vin, license_plate, mileage,
      is_primary, is_active, notes)
    values (${vehicle.id}, ${vehicle.customer_id}, ${vehicle.year}, ${vehicle.make}, ${vehicle.model},
      ${vehicle.trim}, ${vehicle.color}, ${vehicle.vin}, ${vehicle.license_plate}, ${vehicle.mileage},
      ${vehicle.is_primary}, ${vehicle.is_active}, ${vehicle.notes})`;
};

type Described = Pick<VehicleFields, 'year' | 'make' | 'model'> & { id: string; customer_id: string };

/** Does nothing when the customer has an active one like it. */
export const insertUnlessLike = async (tx: Sql, one: Described): Promise<void> => {
  await tx`
    insert into vehicles (id, customer_id, year, make, model)
    select ${one.id}::uuid, ${one.customer_id}::uuid, ${one.year}::integer, ${one.make}::text, ${one.model}::text
    where not exists (select from vehicles v where ${isLike(tx, one)})`;
};

export const findLike = async (tx: Sql, one: Described): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`
    select v.id from vehicles v where ${isLike(tx, one)} order by v.created_at, v.id limit 1`;
  return row;
};

const isLike = (tx: Sql, { customer_id, year, make, model }: Described): Part => tx.part`
  v.customer_id = ${customer_id} and v.is_active and v.deleted_at is null and v.year = ${year}
  and lower(v.make) = lower(${make}) and lower(v.model) = lower(${model})`;

export const updateVehicle = async (tx: Sql, id: string, vehicle: VehicleFields): Promise<void> => {
  await tx`
    update vehicles set year = ${vehicle.year}, make = ${vehicle.make}, model = ${vehicle.model},
      trim = ${vehicle.trim}, color = ${vehicle.color}, vin = ${vehicle.vin},
      license_plate = ${vehicle.license_plate}, mileage = ${vehicle.mileage},
      is_primary = ${vehicle.is_primary}, is_active = ${vehicle.is_active}, notes = ${vehicle.notes},
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** Takes the first place from whichever other vehicle of the customer has it. */
export const clearOtherPrimary = async (tx: Sql, customerId: string, vehicleId: string): Promise<void> => {
  await tx`
    update vehicles set is_primary = false, updated_at = now(), version = version + 1
    where customer_id = ${customerId} and is_primary and deleted_at is null and id <> ${vehicleId}`;
};

export const setVehicleDeleted = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    update vehicles set deleted_at = now(), updated_at = now(), version = version + 1 where id = ${id}`;
};

/** Back again, but not in the first place when another vehicle has taken it. */
export const setVehicleRestored = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    update vehicles v set deleted_at = null, updated_at = now(), version = version + 1,
      is_primary = v.is_primary and not exists (
        select from vehicles o where o.customer_id = v.customer_id and o.is_primary and o.deleted_at is null)
    where v.id = ${id}`;
};

/** The first vehicle of its new customer stands in the first place there, a further one does not. */
export const setVehicleOwner = async (tx: Sql, id: string, customerId: string): Promise<void> => {
  await tx`
    update vehicles set customer_id = ${customerId}, updated_at = now(), version = version + 1,
      is_primary = not exists (
        select from vehicles o where o.customer_id = ${customerId} and o.deleted_at is null)
    where id = ${id}`;
};

export const moveVehicles = async (tx: Sql, from: string, to: string): Promise<void> => {
  await tx`
    update vehicles v set customer_id = ${to}, updated_at = now(), version = version + 1,
      is_primary = v.is_primary and not exists (
        select from vehicles o where o.customer_id = ${to} and o.is_primary and o.deleted_at is null)
    where v.customer_id = ${from}`;
};

/** The shape as it stands in this transaction, deleted or not. */
export const shapeVehicle = async (tx: Sql, id: string): Promise<VehicleShape | undefined> => {
  const [row] = await tx<VehicleShape>`select id, version, shape from vehicle_shapes where id = ${id}`;
  return row;
};

export const hasActiveJobs = async (tx: Sql, vehicleId: string): Promise<boolean> => {
  const [row] = await tx<{ found: boolean }>`
    select exists (
      select from appointments where vehicle_id = ${vehicleId} and deleted_at is null
        and status in ('scheduled', 'en_route', 'in_progress', 'ready')
    ) as found`;
  return row?.found === true;
};

/** Which active vehicle has this VIN or plate. */
export const findHolder = async (
  tx: Sql,
  field: 'vin' | 'license_plate',
  value: string | null,
): Promise<{ id: string } | undefined> => {
  const holds = field === 'vin' ? tx.part`vin = ${value}` : tx.part`license_plate = ${value}`;
  const [row] = await tx<{ id: string }>`
    select id from vehicles where ${holds} and is_active and deleted_at is null`;
  return row;
};

const ownOnly = (sql: Sql, ownStaffId: string | null): Part =>
  ownStaffId === null
    ? sql.part``
    : sql.part`and exists (
        select from appointments a join technicians t on t.id = a.technician_id
        where a.vehicle_id = v.id and a.deleted_at is null and t.staff_id = ${ownStaffId})`;

const ownedBy = (sql: Sql, customerIds: string[] | undefined): Part =>
  customerIds === undefined ? sql.part`` : sql.part`and v.customer_id = any(${customerIds}::uuid[])`;

const matching = (sql: Sql, q: string | undefined): Part => {
  if (q === undefined) return sql.part``;
  const like = `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return sql.part`and v.id in (
    select id from vehicles
    where lower(make || ' ' || model) like ${like} or lower(license_plate) like ${like} or lower(vin) like ${like})`;
};
