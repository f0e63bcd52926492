import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { AreaFields, AreaList } from './schema.ts';

export type AreaShape = { id: string; version: number; shape: Json };
export type LockedArea = AreaFields & { version: number };

export const findArea = async (sql: Sql, id: string): Promise<AreaShape | undefined> => {
  const [row] = await sql<AreaShape>`select id, version, shape from service_area_shapes where id = ${id}`;
  return row;
};

export const listAreas = (sql: Sql, query: AreaList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key` });
  const { is_active: isActive } = query;
  return sql<ListRow>`
    select id, shape, ${page.key} from service_area_shapes
    where true ${isActive === undefined ? sql.part`` : sql.part`and is_active = ${isActive}`} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const lockArea = async (tx: Sql, id: string): Promise<LockedArea | undefined> => {
  const [row] = await tx<LockedArea>`
    select name, kind, lat, lng, radius_km, to_jsonb(postal_codes) as postal_codes, trip_fee_cents, is_active, version
    from service_areas where id = ${id} for no key update`;
  return row;
};

export const insertArea = async (tx: Sql, id: string, area: AreaFields): Promise<void> => {
  await tx`
    insert into service_areas (id, name, kind, lat, lng, radius_km, postal_codes, trip_fee_cents, is_active)
    values (${id}, ${area.name}, ${area.kind}, ${area.lat}, ${area.lng}, ${area.radius_km},
      ${area.postal_codes}::text[], ${area.trip_fee_cents}, ${area.is_active})`;
};

export const updateArea = async (tx: Sql, id: string, area: AreaFields): Promise<void> => {
  await tx`
    update service_areas set name = ${area.name}, kind = ${area.kind}, lat = ${area.lat}, lng = ${area.lng},
      radius_km = ${area.radius_km}, postal_codes = ${area.postal_codes}::text[],
      trip_fee_cents = ${area.trip_fee_cents}, is_active = ${area.is_active},
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const deleteArea = async (tx: Sql, id: string): Promise<void> => {
  await tx`delete from service_areas where id = ${id}`;
};
