import type { Json, Part, Sql } from '../../database/sql.ts';
import { type BoardDay, COLUMNS, type ColumnStatus, type Placed } from './rules.ts';

type Asked = { day: BoardDay; zone: string; now: string; technicianId: string | undefined };

/** The board of a day as JSON text, in ONE statement. */
export const readBoard = async (sql: Sql, { day, zone, now, technicianId }: Asked): Promise<string> => {
  const whose = technicianId === undefined ? sql.part`` : sql.part`where p.technician_id = ${technicianId}`;
  const [row] = await sql<{ shape: Json }>`
    with placed as (${placed(sql, day)}), cards as (${cards(sql, now)} ${whose}),
    columns as (
      select c.value ->> 'status' as status, c.value ->> 'title' as title, c.place
      from jsonb_array_elements(${sql.json(COLUMNS)}::jsonb) with ordinality as c (value, place)
    )
    select (select to_json(x) from (
      select ${day.date}::text as date, ${zone}::text as timezone,
        (select json_agg(to_json(k) order by c.place) from columns c, lateral (
          select c.status, c.title, count(s.id) as count, coalesce(sum(s.total_cents), 0) as sum_cents
          from cards s where s.status = c.status
        ) k) as columns,
        coalesce((select json_agg(s.shape order by c.place, s.position) from cards s join columns c using (status)),
          '[]'::json) as cards
    ) x) as shape`;
  if (row === undefined) throw new Error('the board answered nothing');
  return row.shape;
};

export type CardShape = { version: number; shape: Json };

/** Undefined when the job does not stand on that day's board. */
export const findCard = async (
  sql: Sql,
  { id, day, now }: { id: string; day: BoardDay; now: string },
): Promise<CardShape | undefined> => {
  const [row] = await sql<CardShape>`
    with placed as (${placed(sql, day)})
    ${cards(sql, now)} where p.id = ${id}`;
  return row;
};

/** A column of that day's board in its order. */
export const listColumn = (sql: Sql, day: BoardDay, status: ColumnStatus): Promise<Placed[]> => sql<Placed>`
  with placed as (${placed(sql, day)})
  select p.id, p.starts_at, p.rank from placed p where p.status = ${status} order by p.position`;

/** Writes the places down for that column, and for the starts that the cards were read with. */
export const setPlaces = async (sql: Sql, status: ColumnStatus, places: readonly Placed[]): Promise<void> => {
  await sql`
    insert into board_places (appointment_id, status, starts_at, rank)
    select p.id, ${status}, p.starts_at, p.rank
    from jsonb_to_recordset(${sql.json(places)}::jsonb) as p (id uuid, starts_at timestamptz, rank double precision)
    on conflict (appointment_id) do update
      set status = excluded.status, starts_at = excluded.starts_at, rank = excluded.rank`;
};

const BOARD_LOCK = 0x62_6f_61_72_64;

/** Taken after the job's own lock: who moves a card afterwards counts with where this one went. */
export const lockBoard = async (sql: Sql): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${BOARD_LOCK}::bigint)`;
};

/** The jobs of a day, and what was begun before it and is not finished: each with its position in its column. */
const placed = (sql: Sql, { from, to }: BoardDay): Part => sql.part`
  select j.*, (row_number() over (partition by j.status order by j.rank, j.id) - 1)::integer as position
  from (
    select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id, a.starts_at, a.ends_at, a.version,
      coalesce((select p.rank from board_places p
          where p.appointment_id = a.id and p.status = a.status and p.starts_at = a.starts_at),
        date_part('epoch', a.starts_at)) as rank
    from (
      select * from appointments
      where status in ('scheduled', 'en_route', 'in_progress', 'ready', 'completed') and deleted_at is null
        and starts_at >= ${from} and starts_at < ${to}
      union all
      select * from appointments
      where status in ('en_route', 'in_progress', 'ready') and deleted_at is null and starts_at < ${from}
    ) a
  ) j`;

/** Cards of what is placed. The offset keeps the total from being reckoned at each mention. */
const cards = (sql: Sql, now: string): Part => sql.part`
  select p.id, p.status, p.position, p.version, t.total_cents,
    (select to_json(x) from (
      select p.id, p.status, p.position,
        (select c.name from customers c where c.id = p.customer_id) as customer_name,
        (select concat_ws(' ', v.year, v.make, v.model) from vehicles v where v.id = p.vehicle_id) as vehicle,
        (select to_json(y) from (select t.id, t.initials from technicians t where t.id = p.technician_id) y) as technician,
        iso(p.starts_at) as starts_at, iso(p.ends_at) as ends_at, t.total_cents,
        case when p.status in ('scheduled', 'en_route') then p.starts_at < ${now}
          else p.status = 'in_progress' and p.ends_at < ${now} end as is_late,
        p.version
    ) x) as shape
  from placed p, lateral (select job_total_cents(p.id) as total_cents offset 0) t`;
