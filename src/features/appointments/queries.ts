import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Status } from './rules.ts';
import type { AppointmentList, HistoryList } from './schema.ts';

export type AppointmentShape = { id: string; version: number; shape: Json };

export type AppointmentFields = {
  vehicle_id: string | null;
  technician_id: string | null;
  starts_at: string;
  ends_at: string;
  location_address: string | null;
  location_lat: number | null;
  location_lng: number | null;
  notes: string | null;
  lane: number;
  force_reason: string | null;
  forced_by: string | null;
  buffer_before_minutes: number;
  buffer_after_minutes: number;
  trip_fee_cents: number;
  needs_review: boolean;
};

export type Job = AppointmentFields & {
  id: string;
  status: Status;
  customer_id: string;
  deleted_at: string | null;
  version: number;
  /** Put down for it, and taken by no invoice. */
  deposit_cents: number;
  /** The login of the job's technician. */
  staff_id: string | null;
};

export const findAppointment = async (
  sql: Sql,
  id: string,
  ownStaffId: string | null,
): Promise<AppointmentShape | undefined> => {
  const own = ownStaffId === null ? sql.part`` : sql.part`and t.staff_id = ${ownStaffId}`;
  const [row] = await sql<AppointmentShape>`
    select a.id, a.version, a.shape from appointment_shapes a left join technicians t on t.id = a.technician_id
    where a.id = ${id} and a.deleted_at is null ${own}`;
  return row;
};

export const listAppointments = (
  sql: Sql,
  query: AppointmentList,
  ownStaffId: string | null,
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), {
    starts_at: sql.part`starts_at`,
    updated_at: sql.part`updated_at`,
  });
  const { from, to, status, technician_id, customer_id, vehicle_id, updated_since, deleted } = query;
  const all = sql.part``;
  return sql<ListRow>`
    select id, shape, ${page.key} from appointment_shapes
    where deleted_at is ${deleted ? sql.part`not null` : sql.part`null`}
      ${from === undefined ? all : sql.part`and starts_at >= ${from}`}
      ${to === undefined ? all : sql.part`and starts_at < ${to}`}
      ${status === undefined ? all : sql.part`and status = any(${status}::text[])`}
      ${technician_id === undefined ? all : sql.part`and technician_id = ${technician_id}`}
      ${customer_id === undefined ? all : sql.part`and customer_id = ${customer_id}`}
      ${vehicle_id === undefined ? all : sql.part`and vehicle_id = ${vehicle_id}`}
      ${updated_since === undefined ? all : sql.part`and updated_at >= ${updated_since}`}
      ${ownStaffId === null ? all : sql.part`and technician_id = (select id from technicians where staff_id = ${ownStaffId})`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** What the journal tells of the job, its services among it. */
export const listHistory = (sql: Sql, query: HistoryList & { id: string }): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { at: sql.part`at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from audit_shapes where entity_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** The job as it stands, deleted or not, without a lock: to learn which technician and vehicle to lock first. */
export const findJob = (tx: Sql, id: string): Promise<Job | undefined> => readJob(tx, id, false);

export const lockJob = (tx: Sql, id: string): Promise<Job | undefined> => readJob(tx, id, true);

const readJob = async (tx: Sql, id: string, isLocked: boolean): Promise<Job | undefined> => {
  const [row] = await tx<Job>`
    select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id, a.starts_at, a.ends_at,
      a.location_address, a.location_lat, a.location_lng, a.notes, a.lane, a.force_reason, a.forced_by,
      a.buffer_before_minutes, a.buffer_after_minutes, a.trip_fee_cents, a.needs_review,
      a.deleted_at, a.version, a.deposit_cents, t.staff_id
    from appointments a left join technicians t on t.id = a.technician_id
    where a.id = ${id} and a.status <> 'held' ${isLocked ? tx.part`for no key update of a` : tx.part``}`;
  return row;
};

type NewAppointment = AppointmentFields & { id: string; customer_id: string };

export const insertAppointment = async (tx: Sql, one: NewAppointment): Promise<void> => {
  await tx`
    insert into appointments (id, customer_id, vehicle_id, technician_id, starts_at, ends_at,
      location_address, location_lat, location_lng, notes, lane, force_reason, forced_by,
      buffer_before_minutes, buffer_after_minutes, trip_fee_cents, needs_review)
    values (${one.id}, ${one.customer_id}, ${one.vehicle_id}, ${one.technician_id}, ${one.starts_at}, ${one.ends_at},
      ${one.location_address}, ${one.location_lat}, ${one.location_lng}, ${one.notes}, ${one.lane},
      ${one.force_reason}, ${one.forced_by}, ${one.buffer_before_minutes}, ${one.buffer_after_minutes},
      ${one.trip_fee_cents}, ${one.needs_review})`;
};

export const updateAppointment = async (tx: Sql, id: string, next: AppointmentFields): Promise<void> => {
  await tx`
    update appointments set vehicle_id = ${next.vehicle_id}, technician_id = ${next.technician_id},
      starts_at = ${next.starts_at}, ends_at = ${next.ends_at}, location_address = ${next.location_address},
      location_lat = ${next.location_lat}, location_lng = ${next.location_lng}, notes = ${next.notes},
      lane = ${next.lane}, force_reason = ${next.force_reason}, forced_by = ${next.forced_by},
      buffer_before_minutes = ${next.buffer_before_minutes}, buffer_after_minutes = ${next.buffer_after_minutes},
      trip_fee_cents = ${next.trip_fee_cents}, needs_review = ${next.needs_review},
      -- What the customer confirmed was that start.
      confirmed_at = case when starts_at = ${next.starts_at} then confirmed_at end,
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** Moves the job; the time of a state is set by the first move into it and kept. */
export const setStatus = async (
  tx: Sql,
  id: string,
  next: { status: Status; lane: number },
): Promise<void> => {
  await tx`
    update appointments set status = next.status, lane = ${next.lane},
      en_route_at = case when next.status = 'en_route' then coalesce(en_route_at, now()) else en_route_at end,
      started_at = case when next.status = 'in_progress' then coalesce(started_at, now()) else started_at end,
      ready_at = case when next.status = 'ready' then coalesce(ready_at, now()) else ready_at end,
      completed_at = case when next.status = 'completed' then coalesce(completed_at, now()) else completed_at end,
      no_show_at = case when next.status = 'no_show' then coalesce(no_show_at, now()) else no_show_at end,
      canceled_at = case when next.status = 'canceled' then coalesce(canceled_at, now()) else canceled_at end,
      updated_at = now(), version = version + 1
    from (select ${next.status}::text as status) next
    where id = ${id}`;
};

export const setDeleted = async (
  tx: Sql,
  id: string,
  next: { isDeleted: boolean; lane: number },
): Promise<void> => {
  await tx`
    update appointments set deleted_at = case when ${next.isDeleted}::boolean then now() end, lane = ${next.lane},
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** Something outside the job's row is about to change, such as its services: the version rises first, for the journal. */
export const touchAppointment = async (tx: Sql, id: string): Promise<number> => {
  const [row] = await tx<{ version: number }>`
    update appointments set updated_at = now(), version = version + 1 where id = ${id} returning version`;
  if (row === undefined) throw new Error('only a job that is there is touched');
  return row.version;
};

export const moveAppointments = async (tx: Sql, from: string, to: string): Promise<void> => {
  await tx`
    update appointments set customer_id = ${to}, updated_at = now(), version = version + 1
    where customer_id = ${from}`;
};

/** The shape as it stands in this transaction, deleted or not. */
export const shapeAppointment = async (tx: Sql, id: string): Promise<AppointmentShape | undefined> => {
  const [row] =
    await tx<AppointmentShape>`select id, version, shape from appointment_shapes where id = ${id}`;
  return row;
};
