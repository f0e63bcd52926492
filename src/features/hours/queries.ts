import type { Json, Part, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { SpanList } from './schema.ts';

export type HoursShape = { version: number; shape: Json };
export type TechnicianTable = 'time_off' | 'extra_hours';
export type Table = TechnicianTable | 'closures';
/** A technician's, or null: the whole shop's. */
export type Whose = { technicianId: string | null };

const MAX_JOBS_TOLD = 50;

export const findHours = async (sql: Sql, technicianId: string): Promise<HoursShape | undefined> => {
  const [row] = await sql<HoursShape>`
    select t.version, (select to_json(x) from (select t.id as technician_id, t.hours, t.version) x) as shape
    from technicians t where t.id = ${technicianId}`;
  return row;
};

export const hasTechnician = async (sql: Sql, id: string): Promise<boolean> => {
  const [row] = await sql<{ id: string }>`select id from technicians where id = ${id}`;
  return row !== undefined;
};

export const listSpans = (
  sql: Sql,
  { table, technicianId }: Whose & { table: Table },
  query: SpanList,
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { starts_at: sql.part`starts_at` });
  const { from, to } = query;
  const all = sql.part``;
  return sql<ListRow>`
    select id, shape, ${page.key} from ${shapesOf(sql, table)}
    where true
      ${technicianId === null ? all : sql.part`and technician_id = ${technicianId}`}
      ${from === undefined ? all : sql.part`and ends_at > ${from}`}
      ${to === undefined ? all : sql.part`and starts_at < ${to}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

type NewRow = { id: string; starts_at: string; ends_at: string; reason: string | null };

export const insertSpan = async (
  tx: Sql,
  table: TechnicianTable,
  one: NewRow & { technician_id: string },
): Promise<void> => {
  await tx`
    insert into ${rowsOf(tx, table)} (id, technician_id, starts_at, ends_at, reason)
    values (${one.id}, ${one.technician_id}, ${one.starts_at}, ${one.ends_at}, ${one.reason})`;
};

export const insertClosure = async (tx: Sql, one: NewRow): Promise<void> => {
  await tx`
    insert into closures (id, starts_at, ends_at, reason)
    values (${one.id}, ${one.starts_at}, ${one.ends_at}, ${one.reason})`;
};

export const shapeSpan = async (tx: Sql, table: Table, id: string): Promise<Json | undefined> => {
  const [row] = await tx<{ shape: Json }>`select shape from ${shapesOf(tx, table)} where id = ${id}`;
  return row?.shape;
};

/** The span with the active jobs that lie in it. No job is longer than 48 hours: that bounds the part of an index. */
export const shapeWithJobs = async (
  tx: Sql,
  table: Table,
  { id, technicianId }: Whose & { id: string },
): Promise<Json | undefined> => {
  const whose = technicianId === null ? tx.part`` : tx.part`and a.technician_id = ${technicianId}`;
  const [row] = await tx<{ shape: Json }>`
    select json_joined(s.shape, json_build_object('appointment_ids', array(
      select a.id from appointments a
      where a.starts_at < s.ends_at and a.ends_at > s.starts_at and a.starts_at > s.starts_at - interval '48 hours'
        ${whose} and a.deleted_at is null and a.status in ('scheduled', 'en_route', 'in_progress', 'ready')
      order by a.starts_at, a.id limit ${MAX_JOBS_TOLD}
    ))) as shape
    from ${shapesOf(tx, table)} s where s.id = ${id}`;
  return row?.shape;
};

/** What it was. */
export const deleteSpan = async (
  tx: Sql,
  table: Table,
  { id, technicianId }: Whose & { id: string },
): Promise<Json | undefined> => {
  const whose = technicianId === null ? tx.part`` : tx.part`and technician_id = ${technicianId}`;
  const [row] = await tx<{ shape: Json }>`
    with gone as (delete from ${rowsOf(tx, table)} where id = ${id} ${whose} returning id)
    select s.shape from gone join ${shapesOf(tx, table)} s on s.id = gone.id`;
  return row?.shape;
};

/** In one order, as everybody who locks several of them. */
export const lockAllTechnicians = async (tx: Sql): Promise<void> => {
  await tx`select id from technicians order by id for no key update`;
};

const rowsOf = (sql: Sql, table: Table): Part =>
  ({
    time_off: sql.part`time_off`,
    extra_hours: sql.part`extra_hours`,
    closures: sql.part`closures`,
  })[table];

const shapesOf = (sql: Sql, table: Table): Part =>
  ({
    time_off: sql.part`time_off_shapes`,
    extra_hours: sql.part`extra_hours_shapes`,
    closures: sql.part`closure_shapes`,
  })[table];
