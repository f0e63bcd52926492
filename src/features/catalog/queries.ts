import type { Json, Part, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Item, ServiceFields, ServiceList } from './schema.ts';

export type ServiceShape = { id: string; version: number; shape: Json };
export type LockedService = ServiceFields & { id: string; version: number; deleted_at: string | null };

export const findService = async (sql: Sql, id: string): Promise<ServiceShape | undefined> => {
  const [row] = await sql<ServiceShape>`
    select id, version, shape from service_shapes where id = ${id} and deleted_at is null`;
  return row;
};

export const listServices = (sql: Sql, query: ServiceList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key` });
  return sql<ListRow>`
    select id, shape, ${page.key} from service_shapes
    where deleted_at is ${query.deleted ? sql.part`not null` : sql.part`null`}
      ${narrowed(sql, query)} ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** The rows of these services, locked in one order until the transaction ends; deleted ones too. */
export const lockServices = (tx: Sql, ids: readonly string[]): Promise<LockedService[]> =>
  tx<LockedService>`
    select id, code, name, category, description, duration_minutes, price_cents, kind, to_jsonb(skills) as skills,
      is_active, deleted_at, version
    from services where id = any(${ids}::uuid[]) order by id for no key update`;

export const insertService = async (tx: Sql, id: string, service: ServiceFields): Promise<void> => {
  await tx`
    insert into services (id, code, name, category, description, duration_minutes, price_cents, kind, skills, is_active)
    values (${id}, ${service.code}, ${service.name}, ${service.category}, ${service.description},
      ${service.duration_minutes}, ${service.price_cents}, ${service.kind}, ${service.skills}::text[],
      ${service.is_active})`;
};

export const updateService = async (tx: Sql, id: string, service: ServiceFields): Promise<void> => {
  await tx`
    update services set code = ${service.code}, name = ${service.name}, category = ${service.category},
      description = ${service.description}, duration_minutes = ${service.duration_minutes},
      price_cents = ${service.price_cents}, kind = ${service.kind}, skills = ${service.skills}::text[],
      is_active = ${service.is_active}, updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const setServiceDeleted = async (tx: Sql, id: string, isDeleted: boolean): Promise<void> => {
  await tx`
    update services set deleted_at = case when ${isDeleted}::boolean then now() end,
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const listItems = (tx: Sql, packageId: string): Promise<Item[]> =>
  tx<Item>`select service_id, quantity from service_items where package_id = ${packageId} order by position`;

export const deleteItems = async (tx: Sql, packageId: string): Promise<void> => {
  await tx`delete from service_items where package_id = ${packageId}`;
};

export const insertItems = async (tx: Sql, packageId: string, items: readonly Item[]): Promise<void> => {
  const ids = items.map((item) => item.service_id);
  const quantities = items.map((item) => item.quantity);
  await tx`
    insert into service_items (package_id, position, service_id, quantity)
    select ${packageId}::uuid, i.place - 1, i.service_id, i.quantity
    from unnest(${ids}::uuid[], ${quantities}::integer[]) with ordinality as i (service_id, quantity, place)`;
};

/** Deleted packages count too: they may come back. */
export const isInPackage = async (tx: Sql, id: string): Promise<boolean> => {
  const [row] = await tx<{ found: boolean }>`
    select exists (select from service_items where service_id = ${id}) as found`;
  return row?.found === true;
};

/** The shape as it stands in this transaction, deleted or not. */
export const shapeService = async (tx: Sql, id: string): Promise<ServiceShape | undefined> => {
  const [row] = await tx<ServiceShape>`select id, version, shape from service_shapes where id = ${id}`;
  return row;
};

export const findHolder = async (tx: Sql, code: string): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`
    select id from services where upper(code) = upper(${code}) and deleted_at is null`;
  return row;
};

const narrowed = (sql: Sql, { category, kind, is_active: isActive }: ServiceList): Part => sql.part`
  ${category === undefined ? sql.part`` : sql.part`and category = any(${category}::text[])`}
  ${kind === undefined ? sql.part`` : sql.part`and kind = any(${kind}::text[])`}
  ${isActive === undefined ? sql.part`` : sql.part`and is_active = ${isActive}`}`;
