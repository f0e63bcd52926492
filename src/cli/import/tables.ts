import type { Sql } from '../../database/sql.ts';

/** What in the shop, or in the lines before, may be the same as a line. */
export type Match = {
  line: number;
  id: string;
  /** What the two have in common, in words. */
  by: string;
  /** The first line of this file that was this one. */
  first_line: number | null;
  /** A vehicle that belongs to another customer than the line says. */
  is_elsewhere: boolean;
  /** Only likely: nothing says that there cannot be two of it. */
  is_likely: boolean;
};

export type CustomerRow = {
  line: number;
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  address: string | null;
  notes: string | null;
  tags: string[];
  is_vip: boolean;
  sms_consent: boolean;
};

export type VehicleRow = {
  line: number;
  id: string;
  customer_id: string;
  year: number;
  make: string;
  model: string;
  trim: string | null;
  color: string | null;
  vin: string | null;
  license_plate: string | null;
  mileage: number | null;
  notes: string | null;
};

export type OwnerRow = { line: number; id: string | null; email: string | null; phone: string | null };

const LOCK_ID = 0x696d706f;

/** Not alone: another import is under way, and two at once would each take the other's lines for new. */
export const beginImport = async (tx: Sql): Promise<{ isAlone: boolean; pid: number }> => {
  const [row] = await tx<{ is_alone: boolean; pid: number }>`
    select pg_try_advisory_xact_lock(${LOCK_ID}::bigint) as is_alone, pg_backend_pid() as pid,
      -- The tables grow by batches while the plans stay: one made for an empty table would read it whole each time.
      set_config('enable_seqscan', 'off', true) as plan`;
  await tx`create temporary table import_lines (id uuid primary key, line integer not null) on commit drop`;
  return { isAlone: row?.is_alone === true, pid: row?.pid ?? 0 };
};

/** Ends the statement of an import that waits for somebody's lock, and so the import. */
export const cancelImport = async (sql: Sql, pid: number): Promise<void> => {
  await sql`select pg_cancel_backend(${pid}::integer)`;
};

/** Which line of the file was first to name what has this id. */
export const insertLines = async (tx: Sql, lines: readonly { id: string; line: number }[]): Promise<void> => {
  await tx`
    insert into import_lines (id, line)
    select id, line from jsonb_to_recordset(${tx.json(lines)}) as x(id uuid, line integer) order by line
    on conflict do nothing`;
};

/** The living customers with a line's e-mail address or phone; the address comes in lower case. */
export const findCustomers = (tx: Sql, rows: readonly CustomerRow[]): Promise<Match[]> => tx<Match>`
  select x.line, m.id, m.by, l.line as first_line, false as is_elsewhere, false as is_likely
  from jsonb_to_recordset(${tx.json(rows)}) as x(line integer, email text, phone text)
  cross join lateral (
    select c.id, 'e-mail' as by from customers c where lower(c.email) = x.email and c.deleted_at is null
    union all
    select c.id, 'phone' from customers c where c.phone = x.phone and c.deleted_at is null
  ) m
  left join import_lines l on l.id = m.id
  order by x.line, m.by`;

/** Gives the ids of the rows that are in; the others share an e-mail address or a phone with somebody. */
export const insertCustomers = (tx: Sql, rows: readonly CustomerRow[]): Promise<{ id: string }[]> => tx<{
  id: string;
}>`
  insert into customers (id, name, email, phone, address, notes, tags, is_vip, sms_consent)
  select id, name, email, phone, address, notes, tags, is_vip, sms_consent
  from jsonb_to_recordset(${tx.json(rows)}) as x(line integer, id uuid, name text, email text, phone text,
    address text, notes text, tags text[], is_vip boolean, sms_consent boolean)
  order by line
  on conflict do nothing
  returning id`;

/** The living customers that a line of vehicles may mean, by each thing it says of its owner. */
export const findOwners = (
  tx: Sql,
  rows: readonly OwnerRow[],
): Promise<{ line: number; id: string }[]> => tx<{
  line: number;
  id: string;
}>`
  select x.line, m.id
  from jsonb_to_recordset(${tx.json(rows)}) as x(line integer, id uuid, email text, phone text)
  cross join lateral (
    select c.id from customers c where c.id = x.id and c.deleted_at is null
    union
    select c.id from customers c where lower(c.email) = x.email and c.deleted_at is null
    union
    select c.id from customers c where c.phone = x.phone and c.deleted_at is null
  ) m`;

/**
 * The vehicles that a line may be: the active ones with its VIN or plate, then the likeliest of its owner's. Two of
 * one year, make and model are two vehicles when their VINs or plates differ.
 */
export const findVehicles = (tx: Sql, rows: readonly VehicleRow[]): Promise<Match[]> => tx<Match>`
  select x.line, m.id, m.by, l.line as first_line, m.customer_id <> x.customer_id as is_elsewhere,
    m.place = 3 as is_likely
  from jsonb_to_recordset(${tx.json(rows)}) as x(line integer, customer_id uuid, year integer, make text,
    model text, vin text, license_plate text)
  cross join lateral (
    select v.id, v.customer_id, 'VIN' as by, 1 as place from vehicles v
    where v.vin = x.vin and v.is_active and v.deleted_at is null
    union all
    select v.id, v.customer_id, 'plate', 2 from vehicles v
    where v.license_plate = x.license_plate and v.is_active and v.deleted_at is null
    union all
    (select v.id, v.customer_id,
      case when v.vin = x.vin then 'VIN' when v.license_plate = x.license_plate then 'plate'
        else 'owner, year, make and model' end, 3
    from vehicles v
    where v.customer_id = x.customer_id and v.deleted_at is null and (
      v.vin = x.vin or v.license_plate = x.license_plate or (
        v.year = x.year and lower(v.make) = lower(x.make) and lower(v.model) = lower(x.model)
        and coalesce(v.vin = x.vin, true) and coalesce(v.license_plate = x.license_plate, true)))
    order by coalesce(v.vin = x.vin, false) desc, coalesce(v.license_plate = x.license_plate, false) desc,
      v.created_at, v.id
    limit 1)
  ) m
  left join import_lines l on l.id = m.id
  order by x.line, m.place`;

/** Gives the ids of the rows that are in; the others share a VIN or a plate with an active vehicle. */
export const insertVehicles = (tx: Sql, rows: readonly VehicleRow[]): Promise<{ id: string }[]> => tx<{
  id: string;
}>`
  insert into vehicles
    (id, customer_id, year, make, model, trim, color, vin, license_plate, mileage, notes)
  select id, customer_id, year, make, model, trim, color, vin, license_plate, mileage, notes
  from jsonb_to_recordset(${tx.json(rows)}) as x(line integer, id uuid, customer_id uuid, year integer, make text,
    model text, trim text, color text, vin text, license_plate text, mileage integer, notes text)
  order by line
  on conflict do nothing
  returning id`;
