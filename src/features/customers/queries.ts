import type { Json, Part, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import { OVERDUE_AFTER, VIP_SPEND_CENTS } from './rules.ts';
import type { CustomerFields, CustomerList } from './schema.ts';

export type CustomerShape = { id: string; version: number; shape: Json };
export type Reached = Pick<CustomerFields, 'name' | 'email' | 'phone'>;
export type LockedCustomer = CustomerFields & { id: string; version: number; deleted_at: string | null };

/** `ownStaffId` narrows to the customers of that technician's own jobs; null shows all. */
export const findCustomer = async (
  sql: Sql,
  id: string,
  ownStaffId: string | null,
): Promise<CustomerShape | undefined> => {
  const [row] = await sql<CustomerShape>`
    select c.id, c.version, c.shape from customer_shapes c
    where c.id = ${id} and c.deleted_at is null ${ownOnly(sql, ownStaffId)}`;
  return row;
};

export const listCustomers = (
  sql: Sql,
  query: CustomerList,
  ownStaffId: string | null,
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key`, created_at: sql.part`created_at` });
  return sql<ListRow>`
    select c.id, c.shape, ${page.key} from customer_shapes c
    where c.deleted_at is ${query.deleted ? sql.part`not null` : sql.part`null`}
      ${matching(sql, query.q)} ${vipOnly(sql, query.vip)} ${overdueOnly(sql, query.overdue)}
      ${ownOnly(sql, ownStaffId)} ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** The customer's row, locked until the transaction ends; deleted ones too. */
export const lockCustomer = async (tx: Sql, id: string): Promise<LockedCustomer | undefined> => {
  const [row] = await lockCustomers(tx, [id]);
  return row;
};

/** Locked in the order of their ids, so that two who want the same ones stand in one line. */
export const lockCustomers = (tx: Sql, ids: readonly string[]): Promise<LockedCustomer[]> =>
  tx<LockedCustomer>`
    select id, name, email, phone, address, notes, to_jsonb(tags) as tags, is_vip, sms_consent, deleted_at, version
    from customers where id = any(${ids}::uuid[]) order by id for no key update`;

export const insertCustomer = async (tx: Sql, id: string, customer: CustomerFields): Promise<void> => {
  await tx`
    insert into customers (id, name, email, phone, address, notes, tags, is_vip, sms_consent)
    values (${id}, ${customer.name}, ${customer.email}, ${customer.phone}, ${customer.address}, ${customer.notes},
      ${customer.tags}::text[], ${customer.is_vip}, ${customer.sms_consent})`;
};

/** Does nothing when somebody living has the e-mail address or the phone. */
export const insertUnknown = async (tx: Sql, one: Reached & { id: string }): Promise<void> => {
  await tx`
    insert into customers (id, name, email, phone) values (${one.id}, ${one.name}, ${one.email}, ${one.phone})
    on conflict do nothing`;
};

/** Whom the e-mail address belongs to, else the phone; the row locked. */
export const lockReached = async (
  tx: Sql,
  { email, phone }: Omit<Reached, 'name'>,
): Promise<(Reached & { id: string }) | undefined> => {
  const [row] = await tx<Reached & { id: string }>`
    select id, name, email, phone from customers
    where deleted_at is null and (lower(email) = lower(${email}) or phone = ${phone})
    order by coalesce(lower(email) = lower(${email}), false) desc limit 1 for no key update`;
  return row;
};

export const updateCustomer = async (tx: Sql, id: string, customer: CustomerFields): Promise<void> => {
  await tx`
    update customers set name = ${customer.name}, email = ${customer.email}, phone = ${customer.phone},
      address = ${customer.address}, notes = ${customer.notes}, tags = ${customer.tags}::text[],
      is_vip = ${customer.is_vip}, sms_consent = ${customer.sms_consent},
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const setCustomerDeleted = async (tx: Sql, id: string, isDeleted: boolean): Promise<void> => {
  await tx`
    update customers set deleted_at = case when ${isDeleted}::boolean then now() end,
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** The living customer with this phone; the row locked. */
export const lockPhone = async (tx: Sql, phone: string): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`
    select id from customers where phone = ${phone} and deleted_at is null for no key update`;
  return row;
};

/** The ids of those who have that number: of all for whom it ends, the deleted too; of the living, to whom it is given back. */
export const setConsent = async (tx: Sql, phone: string, isGiven: boolean): Promise<string[]> => {
  const rows = await tx<{ id: string }>`
    with numbered as (
      select id, sms_consent from customers
      where phone = ${phone} and (deleted_at is null or not ${isGiven}::boolean) order by id for no key update
    ), changed as (
      update customers c set sms_consent = ${isGiven}, updated_at = now(), version = version + 1
      from numbered n where n.id = c.id and n.sms_consent <> ${isGiven}::boolean
    )
    select id from numbered`;
  return rows.map(({ id }) => id);
};

/** The shape as it stands in this transaction, deleted or not. */
export const shapeCustomer = async (tx: Sql, id: string): Promise<CustomerShape | undefined> => {
  const [row] = await tx<CustomerShape>`select id, version, shape from customer_shapes where id = ${id}`;
  return row;
};

export const hasActiveJobs = async (tx: Sql, customerId: string): Promise<boolean> => {
  const [row] = await tx<{ found: boolean }>`
    select exists (
      select from appointments where customer_id = ${customerId} and deleted_at is null
        and status in ('scheduled', 'en_route', 'in_progress', 'ready')
    ) as found`;
  return row?.found === true;
};

/** Who else has this e-mail address (without case) or phone. */
export const findHolder = async (
  tx: Sql,
  field: 'email' | 'phone',
  value: string | null,
): Promise<{ id: string } | undefined> => {
  const holds = field === 'email' ? tx.part`lower(email) = lower(${value})` : tx.part`phone = ${value}`;
  const [row] = await tx<{ id: string }>`select id from customers where ${holds} and deleted_at is null`;
  return row;
};

const ownOnly = (sql: Sql, ownStaffId: string | null): Part =>
  ownStaffId === null
    ? sql.part``
    : sql.part`and exists (
        select from appointments a join technicians t on t.id = a.technician_id
        where a.customer_id = c.id and a.deleted_at is null and t.staff_id = ${ownStaffId})`;

const matching = (sql: Sql, q: string | undefined): Part => {
  if (q === undefined) return sql.part``;
  const like = `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  // A plate or a VIN has digits too, and is no part of a phone number.
  const digits = /\p{L}/u.test(q) ? '' : q.replace(/\D/g, '');
  const byPhone =
    digits.length < 3
      ? sql.part``
      : sql.part`union select id from customers where phone like ${`%${digits}%`}`;
  return sql.part`and c.id in (
    select id from customers where lower(name) like ${like}
    union select id from customers where lower(email) like ${like}
    union select customer_id from vehicles
      where deleted_at is null and (lower(vin) like ${like} or lower(license_plate) like ${like})
    ${byPhone})`;
};

const vipOnly = (sql: Sql, vip: boolean | undefined): Part => {
  if (vip === undefined) return sql.part``;
  return sql.part`and (select x.is_vip or t.spent_cents >= ${VIP_SPEND_CENTS}
    from customers x join customer_totals t on t.customer_id = x.id where x.id = c.id) = ${vip}`;
};

const overdueOnly = (sql: Sql, overdue: boolean | undefined): Part => {
  if (overdue === undefined) return sql.part``;
  return sql.part`and coalesce(
    (select max(a.completed_at) from appointments a
     where a.customer_id = c.id and a.status = 'completed' and a.deleted_at is null)
    < now() - ${OVERDUE_AFTER}::interval, false) = ${overdue}`;
};
