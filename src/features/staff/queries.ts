import type { Role } from '../../access.ts';
import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { StaffList } from './schema.ts';

export type StaffShape = { id: string; version: number; shape: Json };
export type StaffFields = { email: string; name: string; role: Role; is_active: boolean };

export const findStaff = async (sql: Sql, id: string): Promise<StaffShape | undefined> => {
  const [row] = await sql<StaffShape>`select id, version, shape from staff_shapes where id = ${id}`;
  return row;
};

export const listStaff = (sql: Sql, query: StaffList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key` });
  const { is_active: isActive } = query;
  return sql<ListRow>`
    select id, shape, ${page.key} from staff_shapes
    where true ${isActive === undefined ? sql.part`` : sql.part`and is_active = ${isActive}`} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const lockStaff = async (
  tx: Sql,
  id: string,
): Promise<(StaffFields & { id: string; version: number }) | undefined> => {
  const [row] = await tx<StaffFields & { id: string; version: number }>`
    select id, email, name, role, is_active, version from staff where id = ${id} for no key update`;
  return row;
};

/** Locks every active owner, in one order, so that two cannot demote each other at once. */
export const lockActiveOwners = (tx: Sql): Promise<{ id: string }[]> =>
  tx<{ id: string }>`select id from staff where role = 'owner' and is_active order by id for no key update`;

export const insertStaff = async (
  tx: Sql,
  staff: StaffFields & { id: string; password_hash: string },
): Promise<void> => {
  await tx`
    insert into staff (id, email, name, role, is_active, password_hash)
    values (${staff.id}, ${staff.email}, ${staff.name}, ${staff.role}, ${staff.is_active}, ${staff.password_hash})`;
};

export const updateStaff = async (tx: Sql, id: string, staff: StaffFields): Promise<void> => {
  await tx`
    update staff set email = ${staff.email}, name = ${staff.name}, role = ${staff.role}, is_active = ${staff.is_active},
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

export type Login = StaffFields & { id: string };

export const findStaffByEmail = async (sql: Sql, email: string): Promise<Login | undefined> => {
  const [row] = await sql<Login>`
    select id, email, name, role, is_active from staff where lower(email) = lower(${email})`;
  return row;
};

export const listLogins = (sql: Sql): Promise<Login[]> =>
  sql<Login>`select id, email, name, role, is_active from staff order by lower(name), id`;

/** Taken by whoever makes the first account, so that of twenty programs that start at once only one does. */
export const lockStaffTable = async (tx: Sql): Promise<void> => {
  await tx`lock table staff in share row exclusive mode`;
};

export const hasStaff = async (tx: Sql): Promise<boolean> => {
  const [row] = await tx<{ found: boolean }>`select exists (select from staff) as found`;
  return row?.found === true;
};
