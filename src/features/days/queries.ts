import type { Sql } from '../../database/sql.ts';
import type { Place, Point } from '../../values/place.ts';
import type { Stop } from './rules.ts';

export type DayRow = {
  id: string;
  name: string;
  initials: string;
  start: Point | null;
  stops: (Stop & { shown: ShownStop })[];
};

/** What the answer shows of a stop as it stands in the tables. */
type ShownStop = {
  id: string;
  status: string;
  customer: { name: string; phone: string | null };
  vehicle: object | null;
  location: Place | null;
  services: string[];
  starts_at: string;
  ends_at: string;
  notes: string | null;
  version: number;
};

type Asked = { technicianId: string; ownStaffId: string | null; from: string; to: string; now: string };

/** The technician and their jobs of a day, with what was begun the day before and is not over. */
export const findDay = async (
  sql: Sql,
  { technicianId, ownStaffId, from, to, now }: Asked,
): Promise<DayRow | undefined> => {
  const own = ownStaffId === null ? sql.part`` : sql.part`and t.staff_id = ${ownStaffId}`;
  const [row] = await sql<DayRow>`
    select t.id, t.name, t.initials,
      case when t.start_lat is not null then jsonb_build_object('lat', t.start_lat, 'lng', t.start_lng) end as start,
      (select coalesce(jsonb_agg(to_jsonb(s) order by s."from", s.id), '[]') from (
        select a.id, a.status, milliseconds(a.starts_at) as "from", milliseconds(a.ends_at) as "to",
          a.buffer_before_minutes * 60000 as before, a.buffer_after_minutes * 60000 as after, p.place,
          milliseconds(a.en_route_at) as en_route_at, milliseconds(a.started_at) as started_at,
          milliseconds(a.completed_at) as completed_at,
          jsonb_build_object(
            'id', a.id, 'status', a.status, 'customer', jsonb_build_object('name', c.name, 'phone', c.phone),
            'vehicle', case when v.id is not null then jsonb_build_object('id', v.id, 'year', v.year, 'make', v.make,
              'model', v.model, 'color', v.color, 'license_plate', v.license_plate) end,
            'location', p.place,
            'services', (select coalesce(jsonb_agg(l.name order by l.position), '[]')
              from appointment_services l where l.appointment_id = a.id),
            'starts_at', iso(a.starts_at), 'ends_at', iso(a.ends_at), 'notes', a.notes, 'version', a.version
          ) as shown
        from appointments a
        join customers c on c.id = a.customer_id
        left join vehicles v on v.id = a.vehicle_id
        cross join lateral (select case when a.location_address is not null or a.location_lat is not null then
          jsonb_build_object('address', a.location_address, 'lat', a.location_lat, 'lng', a.location_lng)
        end as place) p
        where a.technician_id = t.id and a.deleted_at is null
          and a.status in ('scheduled', 'en_route', 'in_progress', 'ready', 'completed')
          and a.starts_at >= ${from}::timestamptz - interval '48 hours' and a.starts_at < ${to}
          and (a.starts_at >= ${from} or (a.status <> 'completed' and (a.ends_at > ${from}
            or (a.status <> 'scheduled' and ${now}::timestamptz >= ${from}::timestamptz))))
      ) s) as stops
    from technicians t where t.id = ${technicianId} ${own}`;
  return row;
};
