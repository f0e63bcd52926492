import type { Database, Part, Sql } from '../../database/sql.ts';
import { readInBatches } from './cursor.ts';
import type { AppointmentReport, PaymentReport, ReportedAppointment, ReportedEntry } from './schema.ts';

/** Jobs in the order of their start. */
export const jobRows = (sql: Sql, { from, to, status, technician_id }: AppointmentReport): Part => {
  const all = sql.part``;
  return sql.part`
    select a.id, a.status, a.starts_at, a.ends_at, a.completed_at, a.customer_id, c.name as customer,
      nullif(concat_ws(' ', v.year, v.make, v.model), '') as vehicle, v.license_plate,
      t.name as technician, a.location_address as address, s.services, i.number as invoice_number,
      coalesce(i.total_cents, s.total_cents, 0) as total_cents,
      coalesce(i.paid_cents, 0) + a.deposit_cents as paid_cents, coalesce(i.currency, 'USD') as currency
    from appointments a
    join customers c on c.id = a.customer_id
    left join vehicles v on v.id = a.vehicle_id
    left join technicians t on t.id = a.technician_id
    left join invoices i on i.appointment_id = a.id and i.status <> 'void'
    left join lateral (
      select string_agg(l.quantity || ' × ' || l.name, '; ' order by l.position) as services,
        sum(l.quantity * l.price_cents::bigint)::bigint as total_cents
      from appointment_services l where l.appointment_id = a.id
    ) s on true
    where a.deleted_at is null
      ${from === undefined ? all : sql.part`and a.starts_at >= ${from}`}
      ${to === undefined ? all : sql.part`and a.starts_at < ${to}`}
      ${status === undefined ? all : sql.part`and a.status = any(${status}::text[])`}
      ${technician_id === undefined ? all : sql.part`and a.technician_id = ${technician_id}`}
    order by a.starts_at, a.id`;
};

/** Hands over the jobs. A connection is held until `take` has had the last. */
export const readAppointments = (
  database: Database,
  asked: AppointmentReport,
  take: (rows: readonly ReportedAppointment[]) => Promise<void>,
): Promise<void> =>
  database.transaction((tx) => readInBatches(tx, { of: 'appointments', query: jobRows(tx, asked), take }));

/** Payments, deposits and refunds in the order in which the money moved; a refund is an amount below nothing. */
export const entryRows = (sql: Sql, { from, to, method }: PaymentReport): Part => {
  const all = sql.part``;
  const of = method === undefined ? all : sql.part`and p.method = any(${method}::text[])`;
  return sql.part`
    select e.kind, e.id, e.at, e.payment_id, e.amount_cents, e.method, e.note, c.id as customer_id, c.name as customer,
      i.number as invoice_number, coalesce(e.job, i.appointment_id) as appointment_id,
      coalesce(i.currency, 'USD') as currency
    from (
      select case when p.invoice_id is null then 'deposit' else 'payment' end as kind, p.id, p.received_at as at,
        p.id as payment_id, p.amount_cents, p.method, p.note, p.invoice_id, p.appointment_id as job
      from payments p
      where true ${of}
        ${from === undefined ? all : sql.part`and p.received_at >= ${from}`}
        ${to === undefined ? all : sql.part`and p.received_at < ${to}`}
      union all
      select 'refund', r.id, r.created_at, p.id, -r.amount_cents, p.method, r.reason, p.invoice_id, p.appointment_id
      from refunds r join payments p on p.id = r.payment_id
      where true ${of}
        ${from === undefined ? all : sql.part`and r.created_at >= ${from}`}
        ${to === undefined ? all : sql.part`and r.created_at < ${to}`}
    ) e
    left join invoices i on i.id = e.invoice_id
    left join appointments a on a.id = e.job
    join customers c on c.id = coalesce(i.customer_id, a.customer_id)
    order by e.at, e.id`;
};

export const readEntries = (
  database: Database,
  asked: PaymentReport,
  take: (rows: readonly ReportedEntry[]) => Promise<void>,
): Promise<void> =>
  database.transaction((tx) => readInBatches(tx, { of: 'payments', query: entryRows(tx, asked), take }));
