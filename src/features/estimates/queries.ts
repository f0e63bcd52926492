import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Sums } from '../invoices/rules.ts';
import type { Item, StoredLine } from './lines.ts';
import type { AuthorizationList, Decision, EstimateList, EstimateStatus, Method } from './schema.ts';

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
};
/** `is_sold`: the service that it names can be booked. */
export type EstimateLine = StoredLine & { is_sold: boolean };

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
      ) as is_billed,
      (select a.status from appointments a where a.id = e.appointment_id) as job_status
    from estimates e where e.id = ${id}`;
  return row;
};

/** Its job first, then the estimate: one order everywhere. */
export const lockEstimate = async (tx: Sql, id: string): Promise<Estimate | undefined> => {
  await tx`
    select id from appointments where id = (select appointment_id from estimates where id = ${id}) for no key update`;
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
      l.tax_cents, l.total_cents, l.since_version, d.decision,
      coalesce(s.is_active and s.deleted_at is null, false) as is_sold
    from estimate_lines l
    join estimate_decisions d on d.line_id = l.id
    left join services s on s.id = l.service_id
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
export const lockJobOf = async (tx: Sql, id: string, customerId: string): Promise<boolean> =>
  (
    await tx`
    select id from appointments
    where id = ${id} and customer_id = ${customerId} and status <> 'held' and deleted_at is null for no key update`
  ).length > 0;

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
      discount_cents, tax_basis_points, tax_cents, total_cents, since_version)
    select id, ${estimateId}, place, service_id, kind, name, quantity, unit_price_cents, discount_cents,
      tax_basis_points, tax_cents, total_cents, since_version
    from jsonb_to_recordset(${tx.json(lines.map((line, at) => ({ ...line, place: at + 1 })))}) as line(
      id uuid, place integer, service_id uuid, kind text, name text, quantity integer, unit_price_cents bigint,
      discount_cents bigint, tax_basis_points integer, tax_cents bigint, total_cents bigint, since_version integer)`;
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

export type AuthorizationRow = {
  id: string;
  line_id: string;
  decision: Decision;
  line_name: string;
  amount_cents: number;
};
export type Said = {
  name: string;
  method: Method;
  contact: string | null;
  text: string;
  /** Who of the staff wrote it down; null: nobody, the customer has the link. */
  recordedBy: string | null;
};

export const insertAuthorizations = async (
  tx: Sql,
  estimate: Pick<Estimate, 'id' | 'version'>,
  { rows, said }: { rows: readonly AuthorizationRow[]; said: Said },
): Promise<void> => {
  await tx`
    insert into estimate_authorizations (id, estimate_id, line_id, version, decision, line_name, amount_cents, name,
      method, contact, text, recorded_by)
    select id, ${estimate.id}, line_id, ${estimate.version}, decision, line_name, amount_cents, ${said.name},
      ${said.method}, ${said.contact}, ${said.text}, ${said.recordedBy}
    from jsonb_to_recordset(${tx.json(rows)}) as row(
      id uuid, line_id uuid, decision text, line_name text, amount_cents bigint)`;
};

export const shapeAuthorizations = async (
  tx: Sql,
  { id, version }: Pick<Estimate, 'id' | 'version'>,
): Promise<string> => {
  const rows = await tx<{ shape: Json }>`
    select shape from authorization_shapes where estimate_id = ${id} and version = ${version} order by id`;
  return `[${rows.map(({ shape }) => shape).join(',')}]`;
};

export const listAuthorizations = (
  sql: Sql,
  query: AuthorizationList & { id: string },
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from authorization_shapes where estimate_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const moveEstimates = async (tx: Sql, from: string, to: string): Promise<void> => {
  await tx`
    update estimates set customer_id = ${to}, updated_at = now(), version = version + 1 where customer_id = ${from}`;
};
