import type { Sql } from '../../database/sql.ts';
import type { ShopRow, TechnicianRow } from './calendar.ts';
import type { Standing } from './slips.ts';
import type { Measured, Span, Way } from './types.ts';

const timestamp = (at: number): string => new Date(at).toISOString();

type Asked = { range: Span; now: number; whose: Whose };
/** Of one technician; of all who are active and have the skills; or of nobody, for a job without one. */
export type Whose = { technicianId: string | null } | { skills: readonly string[] };

/**
 * The shop's settings, areas and closures, and the calendars asked for, as far as they touch the range: a row for each
 * technician, or one without a technician.
 */
export const readCalendarRows = (
  sql: Sql,
  { range, now, whose }: Asked,
): Promise<(ShopRow & (TechnicianRow | { id: null }))[]> => {
  const [from, to] = [timestamp(range.from), timestamp(range.to)];
  const who =
    'skills' in whose
      ? sql.part`t.is_active and t.skills @> ${whose.skills}::text[]`
      : sql.part`t.id = ${whose.technicianId}`;
  return sql`
    with shop as materialized (
      select s.timezone, s.buffer_before_minutes, s.buffer_after_minutes, s.lead_minutes, s.horizon_days,
        s.jobs_per_day, s.travel_road_percent, to_jsonb(s.travel_speeds_kmh) as travel_speeds_kmh, s.outside_area,
        (select coalesce(jsonb_agg(to_jsonb(a) order by a.trip_fee_cents, a.id), '[]') from (
          select id, name, kind, lat, lng, radius_km, postal_codes, trip_fee_cents from service_areas where is_active
        ) a) as areas,
        (select coalesce(jsonb_agg(jsonb_build_array(milliseconds(c.starts_at), milliseconds(c.ends_at))), '[]')
         from closures c where c.ends_at > ${from} and c.starts_at < ${to}) as closures
      from settings s
    )
    select shop.*, t.id, t.name, t.is_active, to_jsonb(t.skills) as skills, t.hours,
      case when t.start_lat is not null then jsonb_build_object('lat', t.start_lat, 'lng', t.start_lng) end as start,
      (select coalesce(jsonb_agg(jsonb_build_array(milliseconds(o.starts_at), milliseconds(o.ends_at))), '[]')
       from time_off o where o.technician_id = t.id and o.ends_at > ${from} and o.starts_at < ${to}) as time_off,
      (select coalesce(jsonb_agg(jsonb_build_array(milliseconds(e.starts_at), milliseconds(e.ends_at))), '[]')
       from extra_hours e where e.technician_id = t.id and e.ends_at > ${from} and e.starts_at < ${to}) as extra_hours,
      (select string_agg(concat_ws(e'\x1f', a.id, milliseconds(a.starts_at), milliseconds(a.ends_at),
          a.buffer_before_minutes, a.buffer_after_minutes, a.lane, a.status <> 'completed',
          coalesce(a.location_lat::text, ''), coalesce(a.location_lng::text, ''),
          translate(coalesce(a.location_address, ''), e'\x1e\x1f', '')), e'\x1e' order by a.starts_at)
        from appointments a
        where a.technician_id = t.id and a.starts_at >= ${from} and a.starts_at < ${to} and a.deleted_at is null
          and a.status not in ('no_show', 'canceled')
          and (a.status <> 'held' or a.hold_expires_at > ${timestamp(now)})) as visits,
      exists (select from appointments h
        where h.technician_id = t.id and h.status = 'held' and h.hold_expires_at <= ${timestamp(now)}) as has_expired_holds
    from shop left join technicians t on ${who} order by t.id`;
};

/** What the vehicle has in that span, beside the job itself. */
export const readVehicleVisits = (
  sql: Sql,
  { vehicleId, id, from, to }: Span & { vehicleId: string; id: string | null },
): Promise<{ id: string; from: number; to: number }[]> =>
  sql`
    select a.id, milliseconds(a.starts_at) as "from", milliseconds(a.ends_at) as "to" from appointments a
    where a.vehicle_id = ${vehicleId} and a.id is distinct from ${id}
      and tstzrange(a.starts_at, a.ends_at) && tstzrange(${timestamp(from)}, ${timestamp(to)})
      and a.deleted_at is null and a.status in ('scheduled', 'en_route', 'in_progress', 'ready')
    order by a.starts_at limit 200`;

/** What must be known to move the jobs that are not over, beside their place in the calendar. */
export const readStandings = (
  sql: Sql,
  { technicianIds, from, to }: Span & { technicianIds: readonly string[] },
): Promise<(Standing & { id: string })[]> =>
  sql`
    select a.id, a.status,
      (select coalesce(jsonb_agg(distinct skill), '[]') from appointment_services l
       join services s on s.id = l.service_id, unnest(s.skills) skill where l.appointment_id = a.id) as skills,
      (select coalesce(jsonb_agg(jsonb_build_object(
         'id', o.id, 'from', milliseconds(o.starts_at), 'to', milliseconds(o.ends_at))), '[]')
       from appointments o where o.vehicle_id = a.vehicle_id and o.technician_id is distinct from a.technician_id
         and o.deleted_at is null and o.status in ('scheduled', 'en_route', 'in_progress', 'ready')
         and tstzrange(o.starts_at, o.ends_at) && tstzrange(a.starts_at, a.ends_at + interval '1 day')) as vehicle_visits
    from appointments a
    where a.technician_id = any(${technicianIds}::uuid[]) and a.deleted_at is null
      and a.starts_at >= ${timestamp(from)} and a.starts_at < ${timestamp(to)}
      and a.status in ('scheduled', 'en_route', 'in_progress', 'ready')`;

/**
 * Locks the technician's row, which is the queue of all who write into the calendar. Without patience: undefined when
 * somebody else has it.
 */
export const lockTechnician = async (
  tx: Sql,
  id: string,
  isPatient: boolean,
): Promise<{ is_active: boolean } | undefined> => {
  const [row] = await tx<{ is_active: boolean }>`
    select is_active from technicians where id = ${id}
    for no key update ${isPatient ? tx.part`` : tx.part`skip locked`}`;
  return row;
};

/** The services asked for that the shop sells: how long they take and what they need. */
export const readServices = (
  sql: Sql,
  ids: readonly string[],
): Promise<{ id: string; duration_minutes: number; skills: string[] }[]> =>
  sql`
    select id, duration_minutes, to_jsonb(skills) as skills from services
    where id = any(${ids}::uuid[]) and is_active and deleted_at is null`;

/** The constraint knows no clock: holds whose time is over go before somebody else takes their place. */
export const deleteExpiredHolds = async (tx: Sql, technicianId: string, now: number): Promise<void> => {
  await tx`
    delete from appointments
    where technician_id = ${technicianId} and status = 'held' and hold_expires_at <= ${timestamp(now)}`;
};

/** Of those ways the drives that were measured in the last thirty days. */
export const readTravelTimes = async (sql: Sql, ways: readonly Way[]): Promise<Measured[]> => {
  const rows = await sql<WayRow & { minutes: number | null }>`
    select from_lat, from_lng, to_lat, to_lng, t.minutes
    from jsonb_to_recordset(${sql.json(ways.map(rowOf))}::jsonb)
      as w (from_lat integer, from_lng integer, to_lat integer, to_lng integer)
    join travel_times t using (from_lat, from_lng, to_lat, to_lng)
    where t.fetched_at > now() - interval '30 days'`;
  return rows.map((row) => ({ ...wayOf(row), minutes: row.minutes }));
};

/** In the order of their key: two who keep the same drives wait for each other, and never crosswise. */
export const storeTravelTimes = async (sql: Sql, measured: readonly Measured[]): Promise<void> => {
  if (measured.length === 0) return;
  const rows = measured.map((one) => ({ ...rowOf(one), minutes: one.minutes }));
  await sql`
    insert into travel_times (from_lat, from_lng, to_lat, to_lng, minutes)
    select from_lat, from_lng, to_lat, to_lng, minutes from jsonb_to_recordset(${sql.json(rows)}::jsonb)
      as m (from_lat integer, from_lng integer, to_lat integer, to_lng integer, minutes integer)
    order by from_lat, from_lng, to_lat, to_lng
    on conflict (from_lat, from_lng, to_lat, to_lng) do update set minutes = excluded.minutes, fetched_at = now()`;
};

type WayRow = { from_lat: number; from_lng: number; to_lat: number; to_lng: number };

const PER_DEGREE = 10_000;

const rowOf = ({ from, to }: Way): WayRow => ({
  ...{ from_lat: Math.round(from.lat * PER_DEGREE), from_lng: Math.round(from.lng * PER_DEGREE) },
  ...{ to_lat: Math.round(to.lat * PER_DEGREE), to_lng: Math.round(to.lng * PER_DEGREE) },
});

const wayOf = (row: WayRow): Way => ({
  from: { lat: row.from_lat / PER_DEGREE, lng: row.from_lng / PER_DEGREE },
  to: { lat: row.to_lat / PER_DEGREE, lng: row.to_lng / PER_DEGREE },
});
