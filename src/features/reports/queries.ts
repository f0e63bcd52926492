import type { Database } from '../../database/sql.ts';
import type { AppointmentReport, ReportedAppointment } from './schema.ts';

type Rows = readonly ReportedAppointment[];

/** Some 50 KB: small enough for the memory of many, large enough that the way to the server hardly counts. */
const BATCH = 250;

/**
 * Hands over the jobs in the order of their start, batch by batch, all as they were at one moment; the first batch may
 * be empty. A connection is held until `take` has had the last.
 */
export const readAppointments = (
  database: Database,
  { from, to, status, technician_id }: AppointmentReport,
  take: (rows: Rows) => Promise<void>,
): Promise<void> =>
  database.transaction(async (tx) => {
    const all = tx.part``;
    await tx`
      declare report no scroll cursor for
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
        ${from === undefined ? all : tx.part`and a.starts_at >= ${from}`}
        ${to === undefined ? all : tx.part`and a.starts_at < ${to}`}
        ${status === undefined ? all : tx.part`and a.status = any(${status}::text[])`}
        ${technician_id === undefined ? all : tx.part`and a.technician_id = ${technician_id}`}
      order by a.starts_at, a.id`;
    for (;;) {
      // The statement's text cannot take the number as a parameter: it is BATCH.
      const rows = await tx<ReportedAppointment>`fetch 250 from report`;
      await take(rows);
      if (rows.length < BATCH) return;
    }
  });
