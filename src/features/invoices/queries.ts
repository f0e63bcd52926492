import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Authorization, Draft, Line, Sold, Sums } from './rules.ts';
import type { InvoiceList, InvoiceStatus } from './schema.ts';

export type InvoiceShape = { id: string; version: number; shape: Json };
export type LockedInvoice = {
  id: string;
  appointment_id: string;
  status: InvoiceStatus;
  paid_cents: number;
  due_cents: number;
  version: number;
};
export type BilledJob = {
  id: string;
  status: string;
  customer_id: string;
  vehicle_id: string | null;
  trip_fee_cents: number;
  version: number;
  /** Of the estimate that was given for it. */
  estimate_id: string | null;
  labour: number;
  part: number;
};
export type StoredLine = Line & { id: string };

export const findInvoice = async (sql: Sql, id: string): Promise<InvoiceShape | undefined> => {
  const [row] = await sql<InvoiceShape>`select id, version, shape from invoice_shapes where id = ${id}`;
  return row;
};

export const listInvoices = (sql: Sql, query: InvoiceList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  const { customer_id, appointment_id, vehicle_id, status, from, to } = query;
  const all = sql.part``;
  return sql<ListRow>`
    select id, shape, ${page.key} from invoice_shapes
    where true
      ${customer_id === undefined ? all : sql.part`and customer_id = ${customer_id}`}
      ${appointment_id === undefined ? all : sql.part`and appointment_id = ${appointment_id}`}
      ${vehicle_id === undefined ? all : sql.part`and vehicle_id = ${vehicle_id}`}
      ${status === undefined ? all : sql.part`and status = any(${status}::text[])`}
      ${from === undefined ? all : sql.part`and created_at >= ${from}`}
      ${to === undefined ? all : sql.part`and created_at < ${to}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** The living job, locked, and the taxes of the day. */
export const lockBilledJob = async (tx: Sql, id: string): Promise<BilledJob | undefined> => {
  await tx`select id from appointments where id = ${id} for no key update`;
  // A statement of its own: it sees what was committed while this one waited.
  const [row] = await tx<BilledJob>`
    select a.id, a.status, a.customer_id, a.vehicle_id, a.trip_fee_cents, a.version, e.id as estimate_id,
      s.labour_tax_basis_points as labour, s.parts_tax_basis_points as part
    from appointments a left join estimates e on e.appointment_id = a.id and e.status <> 'draft', settings s
    where a.id = ${id} and a.status <> 'held' and a.deleted_at is null`;
  return row;
};

/** What the customer has authorized, as it was reckoned for them. */
export const listAgreed = (tx: Sql, estimateId: string): Promise<Draft[]> =>
  tx<Draft>`
    select l.kind, l.name, l.quantity, l.unit_price_cents, l.discount_cents, l.tax_basis_points
    from estimate_lines l join estimate_decisions d on d.line_id = l.id
    where l.estimate_id = ${estimateId} and d.decision = 'approved' order by l.position`;

/** Undefined when no estimate was given for the job. */
export const readAuthorization = async (
  tx: Sql,
  appointmentId: string,
): Promise<Authorization | undefined> => {
  const [row] = await tx<Authorization>`
    select j.authorized_cents, s.authorization_tolerance_cents as tolerance_cents
    from job_authorizations j, settings s where j.appointment_id = ${appointmentId}`;
  return row;
};

/** The job's services as they were sold, packages with their items as the catalog has them. */
export const listSold = (tx: Sql, appointmentId: string): Promise<Sold[]> =>
  tx<Sold>`
    select l.kind, l.name, l.quantity, l.price_cents,
      case l.kind when 'package' then coalesce((
        select jsonb_agg(jsonb_build_object('kind', s.kind, 'name', s.name, 'quantity', i.quantity,
          'price_cents', s.price_cents) order by i.position)
        from service_items i join services s on s.id = i.service_id where i.package_id = l.service_id
      ), '[]'::jsonb) else '[]'::jsonb end as items
    from appointment_services l where l.appointment_id = ${appointmentId} order by l.position`;

export const readTaxes = async (tx: Sql): Promise<{ labour: number; part: number }> => {
  const [row] = await tx<{ labour: number; part: number }>`
    select labour_tax_basis_points as labour, parts_tax_basis_points as part from settings`;
  if (row === undefined) throw new Error('the settings have lost their row');
  return row;
};

/** Its job first, then the invoice: one order everywhere. */
export const lockInvoice = async (tx: Sql, id: string): Promise<LockedInvoice | undefined> => {
  await tx`
    select id from appointments where id = (select appointment_id from invoices where id = ${id}) for no key update`;
  const [row] = await tx<LockedInvoice>`
    select id, appointment_id, status, paid_cents, due_cents, version from invoices
    where id = ${id} for no key update`;
  return row;
};

type NewInvoice = Sums &
  Pick<BilledJob, 'customer_id' | 'vehicle_id'> & { id: string; appointmentId: string };

export const insertInvoice = async (tx: Sql, one: NewInvoice): Promise<void> => {
  await tx`
    insert into invoices (id, appointment_id, customer_id, vehicle_id, subtotal_cents, discount_cents, tax_cents,
      total_cents)
    values (${one.id}, ${one.appointmentId}, ${one.customer_id}, ${one.vehicle_id}, ${one.subtotal_cents},
      ${one.discount_cents}, ${one.tax_cents}, ${one.total_cents})`;
};

/** The job's invoice that is not void. */
export const findInvoiceOfJob = async (
  tx: Sql,
  appointmentId: string,
): Promise<{ id: string; status: InvoiceStatus } | undefined> => {
  const [row] = await tx<{ id: string; status: InvoiceStatus }>`
    select id, status from invoices where appointment_id = ${appointmentId} and status <> 'void'`;
  return row;
};

export const listLines = (tx: Sql, invoiceId: string): Promise<StoredLine[]> =>
  tx<StoredLine>`
    select id, kind, name, quantity, unit_price_cents, discount_cents, tax_basis_points, tax_cents, total_cents
    from invoice_lines where invoice_id = ${invoiceId} order by position`;

export const insertLines = async (
  tx: Sql,
  invoiceId: string,
  lines: readonly StoredLine[],
): Promise<void> => {
  if (lines.length === 0) return;
  await tx`
    insert into invoice_lines (id, invoice_id, position, kind, name, quantity, unit_price_cents, discount_cents,
      tax_basis_points, tax_cents, total_cents)
    select id, ${invoiceId}, place, kind, name, quantity, unit_price_cents, discount_cents, tax_basis_points,
      tax_cents, total_cents
    from jsonb_to_recordset(${tx.json(lines.map((line, at) => ({ ...line, place: at + 1 })))}) as line(
      id uuid, place integer, kind text, name text, quantity integer, unit_price_cents bigint, discount_cents bigint,
      tax_basis_points integer, tax_cents bigint, total_cents bigint)`;
};

export const deleteLines = async (tx: Sql, invoiceId: string): Promise<void> => {
  await tx`delete from invoice_lines where invoice_id = ${invoiceId}`;
};

export const setSums = async (tx: Sql, id: string, sums: Sums): Promise<void> => {
  await tx`
    update invoices set subtotal_cents = ${sums.subtotal_cents}, discount_cents = ${sums.discount_cents},
      tax_cents = ${sums.tax_cents}, total_cents = ${sums.total_cents}, updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** One of nothing is paid at once. */
export const setIssued = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    update invoices set number = next_invoice_number(), issued_at = now(),
      status = case total_cents when 0 then 'paid' else 'issued' end,
      paid_at = case total_cents when 0 then now() end, updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const setSent = async (tx: Sql, id: string): Promise<void> => {
  await tx`update invoices set sent_at = now(), updated_at = now(), version = version + 1 where id = ${id}`;
};

export const setVoid = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    update invoices set status = 'void', voided_at = now(), paid_at = null, updated_at = now(), version = version + 1
    where id = ${id}`;
};

export type Letter = {
  email: string | null;
  name: string;
  number: number;
  currency: string;
  total_cents: number;
  due_cents: number;
  shop_name: string;
};

/** What the customer is told of it, and where. */
export const readLetter = async (tx: Sql, id: string): Promise<Letter> => {
  const [row] = await tx<Letter>`
    select c.email, c.name, i.number, i.currency, i.total_cents, i.due_cents, s.shop_name
    from invoices i join customers c on c.id = i.customer_id, settings s where i.id = ${id}`;
  if (row === undefined) throw new Error('an invoice that was locked is gone');
  return row;
};

export const moveInvoices = async (tx: Sql, from: string, to: string): Promise<void> => {
  await tx`
    update invoices set customer_id = ${to}, updated_at = now(), version = version + 1 where customer_id = ${from}`;
};
