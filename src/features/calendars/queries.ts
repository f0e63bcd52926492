import type { Sql } from '../../database/sql.ts';
import type { Calendar } from './rules.ts';

type Technician = { id: string; ownStaffId: string | null };

export const lockTechnician = async (
  tx: Sql,
  { id, ownStaffId }: Technician,
): Promise<{ version: number } | undefined> => {
  const own = ownStaffId === null ? tx.part`` : tx.part`and staff_id = ${ownStaffId}`;
  const [row] = await tx<{ version: number }>`
    select version from technicians where id = ${id} ${own} for no key update`;
  return row;
};

/** A new address ends the old one. */
export const setCalendar = async (tx: Sql, technicianId: string, tokenHash: Uint8Array): Promise<void> => {
  await tx`
    insert into calendars (technician_id, token_hash) values (${technicianId}, ${tokenHash})
    on conflict (technician_id) do update set token_hash = excluded.token_hash, created_at = now()`;
};

export const deleteCalendar = async (tx: Sql, technicianId: string): Promise<void> => {
  await tx`delete from calendars where technician_id = ${technicianId}`;
};

type Asked = { technicianId: string; tokenHash: Uint8Array; from: string; to: string };

/** What the address opens, while the technician and their login, if they have one, are active. */
export const findCalendar = async (
  sql: Sql,
  { technicianId, tokenHash, from, to }: Asked,
): Promise<Calendar | undefined> => {
  const [row] = await sql<Calendar>`
    select t.name || ' · ' || o.shop_name as name, o.timezone as zone,
      (select coalesce(jsonb_agg(to_jsonb(j) order by j.starts_at, j.id), '[]') from (
        select a.id, a.version, a.deleted_at is not null or a.status in ('canceled', 'no_show') as "isCalledOff",
          iso(a.starts_at) as starts_at, iso(a.ends_at) as ends_at, iso(a.created_at) as created_at,
          iso(a.updated_at) as updated_at, a.location_address as address, a.location_lat as lat, a.location_lng as lng,
          c.name as customer, c.phone, concat_ws(' ', v.year, v.make, v.model, v.color) as vehicle, v.license_plate,
          (select coalesce(jsonb_agg(l.name order by l.position), '[]')
           from appointment_services l where l.appointment_id = a.id) as services,
          a.notes
        from appointments a join customers c on c.id = a.customer_id left join vehicles v on v.id = a.vehicle_id
        where a.technician_id = t.id and a.starts_at >= ${from} and a.starts_at < ${to}
          -- What was called off before there was the address has never been published under it.
          and ((a.deleted_at is null and a.status not in ('canceled', 'no_show')) or a.updated_at >= k.created_at)
      ) j) as jobs
    from calendars k join technicians t on t.id = k.technician_id left join staff p on p.id = t.staff_id
      cross join settings o
    where k.technician_id = ${technicianId} and k.token_hash = ${tokenHash}
      and t.is_active and (p.id is null or p.is_active)`;
  return row;
};
