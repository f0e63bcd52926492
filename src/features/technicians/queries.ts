import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { TechnicianFields, TechnicianList } from './schema.ts';

export type TechnicianShape = { id: string; version: number; shape: Json };
export type LockedTechnician = TechnicianFields & { id: string; version: number };

export const findTechnician = async (sql: Sql, id: string): Promise<TechnicianShape | undefined> => {
  const [row] = await sql<TechnicianShape>`select id, version, shape from technician_shapes where id = ${id}`;
  return row;
};

export const listTechnicians = (sql: Sql, query: TechnicianList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key` });
  const { is_active: isActive } = query;
  return sql<ListRow>`
    select id, shape, ${page.key} from technician_shapes
    where true ${isActive === undefined ? sql.part`` : sql.part`and is_active = ${isActive}`} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const lockTechnician = async (tx: Sql, id: string): Promise<LockedTechnician | undefined> => {
  const [row] = await tx<LockedTechnician>`
    select id, staff_id, name, initials, phone, to_jsonb(skills) as skills, is_active, version,
      case when start_lat is not null then jsonb_build_object('lat', start_lat, 'lng', start_lng) end as start
    from technicians where id = ${id} for no key update`;
  return row;
};

export const insertTechnician = async (tx: Sql, id: string, technician: TechnicianFields): Promise<void> => {
  const { start } = technician;
  await tx`
    insert into technicians (id, staff_id, name, initials, phone, skills, start_lat, start_lng, is_active)
    values (${id}, ${technician.staff_id}, ${technician.name}, ${technician.initials}, ${technician.phone},
      ${technician.skills}::text[], ${start?.lat ?? null}, ${start?.lng ?? null}, ${technician.is_active})`;
};

export const updateTechnician = async (tx: Sql, id: string, technician: TechnicianFields): Promise<void> => {
  const { start } = technician;
  await tx`
    update technicians set staff_id = ${technician.staff_id}, name = ${technician.name},
      initials = ${technician.initials}, phone = ${technician.phone}, skills = ${technician.skills}::text[],
      start_lat = ${start?.lat ?? null}, start_lng = ${start?.lng ?? null}, is_active = ${technician.is_active},
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const setHours = async (tx: Sql, id: string, hours: readonly object[] | null): Promise<void> => {
  await tx`
    update technicians set hours = ${hours === null ? null : tx.json(hours)}, updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const hasActiveJobs = async (tx: Sql, technicianId: string): Promise<boolean> => {
  const [row] = await tx<{ found: boolean }>`
    select exists (
      select from appointments where technician_id = ${technicianId} and deleted_at is null
        and (status in ('scheduled', 'en_route', 'in_progress', 'ready')
          or (status = 'held' and hold_expires_at > now()))
    ) as found`;
  return row?.found === true;
};

/** Which technician is linked to this login. */
export const findByStaff = async (tx: Sql, staffId: string | null): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`select id from technicians where staff_id = ${staffId}`;
  return row;
};
