import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Sums } from '../invoices/rules.ts';
import type { Item, StoredLine } from './lines.ts';
import type { EstimateList, EstimateStatus } from './schema.ts';

export type EstimateShape = { id: string; version: number; shape: Json };
export type Estimate = {
  id: string;
  number: number;
  status: EstimateStatus;
  customer_id: string;
  vehicle_id: string | null;
  appointment_id: string | null;
  currency: string;
  notes: string | null;
  valid_until: string | null;
  version: number;
  line_count: number;
  /** Its job has an invoice that was issued. */
  is_billed: boolean;
  job_status: string | null;
  job_vehicle_id: string | null;
};
/** `is_sold`: the service that it names can be booked; `is_whole_sold`: so can the package that it is a part of. */
export type EstimateLine = StoredLine & { is_sold: boolean; is_whole_sold: boolean };

export const shapeEstimate = async (sql: Sql, id: string): Promise<EstimateShape | undefined> => {
  const [row] = await sql<EstimateShape>`select id, version, shape from estimate_shapes where id = ${id}`;
  return row;
};

export const listEstimates = (sql: Sql, query: EstimateList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  const { customer_id, vehicle_id, appointment_id, status, from, to } = query;
  const all = sql.part``;
  return sql<ListRow>`
    select id, shape, ${page.key} from estimate_shapes
    where true
      ${customer_id === undefined ? all : sql.part`and customer_id = ${customer_id}`}
      ${vehicle_id === undefined ? all : sql.part`and vehicle_id = ${vehicle_id}`}
      ${appointment_id === undefined ? all : sql.part`and appointment_id = ${appointment_id}`}
      ${status === undefined ? all : sql.part`and status = any(${status}::text[])`}
      ${from === undefined ? all : sql.part`and created_at >= ${from}`}
      ${to === undefined ? all : sql.part`and created_at < ${to}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** As it stands now, locked by nobody. */
export const findEstimate = async (sql: Sql, id: string): Promise<Estimate | undefined> => {
  const [row] = await sql<Estimate>`
    select e.id, e.number, e.status, e.customer_id, e.vehicle_id, e.appointment_id, e.currency, e.notes,
      iso(e.valid_until) as valid_until, e.version,
      (select count(*)::integer from estimate_lines l where l.estimate_id = e.id) as line_count,
      exists (
        select from invoices i where i.appointment_id = e.appointment_id and i.status not in ('draft', 'void')
      ) as is_billed, a.status as job_status, a.vehicle_id as job_vehicle_id
    from estimates e left join appointments a on a.id = e.appointment_id where e.id = ${id}`;
  return row;
};

/** Gives the id of the job that is locked; null while the estimate has none. */
export const lockJobOfEstimate = async (tx: Sql, id: string): Promise<string | null> => {
  const [row] = await tx<{ id: string }>`
    select id from appointments where id = (select appointment_id from estimates where id = ${id}) for no key update`;
  return row?.id ?? null;
};

/** Behind its job. */
export const lockEstimate = async (tx: Sql, id: string): Promise<Estimate | undefined> => {
  await tx`select id from estimates where id = ${id} for no key update`;
  // A statement of its own: it sees what was committed while this one waited.
  return findEstimate(tx, id);
};

/** Two who make a job of one estimate stand in line, before all other locks. */
export const lockConversion = async (tx: Sql, id: string): Promise<void> => {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`estimate ${id}`}::text, 0))`;
};

export const listLines = (tx: Sql, estimateId: string): Promise<EstimateLine[]> =>
  tx<EstimateLine>`
    select l.id, l.service_id, l.kind, l.name, l.quantity, l.unit_price_cents, l.discount_cents, l.tax_basis_points,
      l.tax_cents, l.total_cents, l.pieces, l.part_of, l.since_version, d.decision,
      coalesce(s.is_active and s.deleted_at is null, false) as is_sold,
      coalesce(p.is_active and p.deleted_at is null, false) as is_whole_sold
    from estimate_lines l
    join estimate_decisions d on d.line_id = l.id
    left join services s on s.id = l.service_id
    left join services p on p.id = (l.part_of ->> 'service_id')::uuid
    where l.estimate_id = ${estimateId} order by l.position`;

/** Services by their ids, whether they are still sold or not; packages with their items. */
export const listServices = (
  tx: Sql,
  ids: readonly string[],
): Promise<{ service_id: string; items: Item[] }[]> =>
  tx<{ service_id: string; items: Item[] }>`
    select p.id as service_id, coalesce((
      select jsonb_agg(jsonb_build_object('service_id', s.id, 'kind', s.kind, 'name', s.name, 'quantity', i.quantity,
        'price_cents', s.price_cents) order by i.position)
      from service_items i join services s on s.id = i.service_id where i.package_id = p.id
    ), '[]'::jsonb) as items
    from services p where p.id = any(${ids}::uuid[])`;

/** The living job of that customer, locked. */
export const lockJobOf = async (
  tx: Sql,
  id: string,
  customerId: string,
): Promise<{ vehicle_id: string | null } | undefined> => {
  const [row] = await tx<{ vehicle_id: string | null }>`
    select vehicle_id from appointments
    where id = ${id} and customer_id = ${customerId} and status <> 'held' and deleted_at is null for no key update`;
  return row;
};

type Fields = Pick<Estimate, 'customer_id' | 'vehicle_id' | 'appointment_id' | 'notes' | 'valid_until'>;

export const insertEstimate = async (tx: Sql, one: Fields & Sums & { id: string }): Promise<void> => {
  await tx`
    insert into estimates (id, number, customer_id, vehicle_id, appointment_id, notes, valid_until, subtotal_cents,
      discount_cents, tax_cents, total_cents)
    values (${one.id}, next_estimate_number(), ${one.customer_id}, ${one.vehicle_id}, ${one.appointment_id},
      ${one.notes}, ${one.valid_until}, ${one.subtotal_cents}, ${one.discount_cents}, ${one.tax_cents},
      ${one.total_cents})`;
};

/** The job that is in the way of another estimate for it. */
export const findEstimateOfJob = async (
  tx: Sql,
  appointmentId: string,
): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`select id from estimates where appointment_id = ${appointmentId}`;
  return row;
};

export const insertLines = async (
  tx: Sql,
  estimateId: string,
  lines: readonly StoredLine[],
): Promise<void> => {
  if (lines.length === 0) return;
  await tx`
    insert into estimate_lines (id, estimate_id, position, service_id, kind, name, quantity, unit_price_cents,
      discount_cents, tax_basis_points, tax_cents, total_cents, since_version, pieces, part_of)
    select id, ${estimateId}, place, service_id, kind, name, quantity, unit_price_cents, discount_cents,
      tax_basis_points, tax_cents, total_cents, since_version, pieces, part_of
    from jsonb_to_recordset(${tx.json(lines.map((line, at) => ({ ...line, place: at + 1 })))}) as line(
      id uuid, place integer, service_id uuid, kind text, name text, quantity integer, unit_price_cents bigint,
      discount_cents bigint, tax_basis_points integer, tax_cents bigint, total_cents bigint, since_version integer,
      pieces integer, part_of jsonb)`;
};

export const deleteLines = async (tx: Sql, estimateId: string): Promise<void> => {
  await tx`delete from estimate_lines where estimate_id = ${estimateId}`;
};

type Changed = Pick<Estimate, 'status' | 'vehicle_id' | 'notes' | 'valid_until'>;

export const setFields = async (tx: Sql, id: string, one: Changed): Promise<void> => {
  await tx`
    update estimates set status = ${one.status}, vehicle_id = ${one.vehicle_id}, notes = ${one.notes},
      valid_until = ${one.valid_until}, updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** Of the version that setFields has made. */
export const setSums = async (tx: Sql, id: string, sums: Sums): Promise<void> => {
  await tx`
    update estimates set subtotal_cents = ${sums.subtotal_cents}, discount_cents = ${sums.discount_cents},
      tax_cents = ${sums.tax_cents}, total_cents = ${sums.total_cents}
    where id = ${id}`;
};

export const setSent = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    update estimates set status = case status when 'draft' then 'sent' else status end, sent_at = now(),
      links_ended_at = null, updated_at = now(), version = version + 1
    where id = ${id}`;
};

export type Letter = {
  email: string | null;
  name: string;
  number: number;
  currency: string;
  total_cents: number;
  shop_name: string;
};

/** What the customer is told of it, and where; their link opens nothing once they are deleted. */
export const readLetter = async (tx: Sql, id: string): Promise<Letter> => {
  const [row] = await tx<Letter>`
    select case when c.deleted_at is null then c.email end as email, c.name, e.number, e.currency, e.total_cents, s.shop_name
    from estimates e join customers c on c.id = e.customer_id, settings s where e.id = ${id}`;
  if (row === undefined) throw new Error('an estimate that was locked is gone');
  return row;
};

export const setStatus = async (tx: Sql, id: string, status: EstimateStatus): Promise<void> => {
  await tx`update estimates set status = ${status}, updated_at = now(), version = version + 1 where id = ${id}`;
};

export const setConverted = async (tx: Sql, id: string, appointmentId: string): Promise<void> => {
  await tx`
    update estimates set status = 'converted', appointment_id = ${appointmentId}, converted_at = now(),
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** Its lines first, as a version of their own: so the last that the feed tells of it is that it is gone. */
export const deleteEstimate = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    with raised as (update estimates set version = version + 1 where id = ${id})
    delete from estimate_lines where estimate_id = ${id}`;
  await tx`delete from estimates where id = ${id}`;
};

/** In the place of the one that there was. */
export const insertLink = async (tx: Sql, estimateId: string, tokenHash: Uint8Array): Promise<void> => {
  await tx`
    insert into estimate_links (estimate_id, token_hash) values (${estimateId}, ${tokenHash})
    on conflict (estimate_id) do update set token_hash = excluded.token_hash, created_at = excluded.created_at`;
};

export const endLink = async (tx: Sql, estimateId: string): Promise<void> => {
  await tx`
    with gone as (delete from estimate_links where estimate_id = ${estimateId})
    update estimates set links_ended_at = clock_timestamp(), updated_at = now(), version = version + 1
    where id = ${estimateId}`;
};

export const moveEstimates = async (tx: Sql, from: string, to: string): Promise<void> => {
  await tx`
    update estimates set customer_id = ${to}, updated_at = now(), version = version + 1 where customer_id = ${from}`;
};
