import type { Sql } from '../../database/sql.ts';

type Rows = readonly object[];

/** One statement for many rows; the names in the rows are those of the columns. */
export const insertCustomers = (tx: Sql, rows: Rows) => tx`
  insert into customers
    (id, name, email, phone, address, notes, tags, is_vip, sms_consent, created_at, updated_at)
  select id, name, email, phone, address, notes, tags, is_vip, sms_consent, created_at, updated_at
  from jsonb_populate_recordset(null::customers, ${tx.json(rows)})`;

export const insertVehicles = (tx: Sql, rows: Rows) => tx`
  insert into vehicles
    (id, customer_id, year, make, model, trim, color, vin, license_plate, mileage, is_primary, is_active, notes,
      created_at, updated_at)
  select id, customer_id, year, make, model, trim, color, vin, license_plate, mileage, is_primary, is_active, notes,
    created_at, updated_at
  from jsonb_populate_recordset(null::vehicles, ${tx.json(rows)})`;

export const insertTechnicians = (tx: Sql, rows: Rows) => tx`
  insert into technicians (id, name, initials, phone, skills, start_lat, start_lng, hours, created_at, updated_at)
  select id, name, initials, phone, skills, start_lat, start_lng, hours, created_at, updated_at
  from jsonb_populate_recordset(null::technicians, ${tx.json(rows)})`;

export const insertAppointments = (tx: Sql, rows: Rows) => tx`
  insert into appointments
    (id, status, customer_id, vehicle_id, technician_id, starts_at, ends_at, location_address, location_lat,
      location_lng, notes, en_route_at, started_at, ready_at, completed_at, no_show_at, canceled_at, created_at,
      updated_at, version)
  select id, status, customer_id, vehicle_id, technician_id, starts_at, ends_at, location_address, location_lat,
    location_lng, notes, en_route_at, started_at, ready_at, completed_at, no_show_at, canceled_at, created_at,
    updated_at, version
  from jsonb_populate_recordset(null::appointments, ${tx.json(rows)})`;

export const insertAppointmentServices = (tx: Sql, rows: Rows) => tx`
  insert into appointment_services
    (id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents)
  select id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents
  from jsonb_populate_recordset(null::appointment_services, ${tx.json(rows)})`;

export const insertInvoices = (tx: Sql, rows: Rows) => tx`
  insert into invoices
    (id, number, appointment_id, customer_id, vehicle_id, status, subtotal_cents, discount_cents, tax_cents,
      total_cents, paid_cents, issued_at, paid_at, voided_at, created_at, updated_at, version)
  select id, number, appointment_id, customer_id, vehicle_id, status, subtotal_cents, discount_cents, tax_cents,
    total_cents, paid_cents, issued_at, paid_at, voided_at, created_at, updated_at, version
  from jsonb_populate_recordset(null::invoices, ${tx.json(rows)})`;

export const insertInvoiceLines = (tx: Sql, rows: Rows) => tx`
  insert into invoice_lines
    (id, invoice_id, position, kind, name, quantity, unit_price_cents, discount_cents, tax_basis_points, tax_cents,
      total_cents)
  select id, invoice_id, position, kind, name, quantity, unit_price_cents, discount_cents, tax_basis_points,
    tax_cents, total_cents
  from jsonb_populate_recordset(null::invoice_lines, ${tx.json(rows)})`;

export const insertPayments = (tx: Sql, rows: Rows) => tx`
  insert into payments (id, invoice_id, amount_cents, refunded_cents, method, note, received_at, created_at)
  select id, invoice_id, amount_cents, refunded_cents, method, note, received_at, received_at
  from jsonb_populate_recordset(null::payments, ${tx.json(rows)})`;

export const insertRefunds = (tx: Sql, rows: Rows) => tx`
  insert into refunds (id, payment_id, amount_cents, reason, created_at)
  select id, payment_id, amount_cents, reason, created_at
  from jsonb_populate_recordset(null::refunds, ${tx.json(rows)})`;

export const insertEstimates = (tx: Sql, rows: Rows) => tx`
  insert into estimates
    (id, number, customer_id, vehicle_id, appointment_id, status, subtotal_cents, discount_cents, tax_cents,
      total_cents, sent_at, converted_at, created_at, updated_at, version)
  select id, number, customer_id, vehicle_id, appointment_id, status, subtotal_cents, discount_cents, tax_cents,
    total_cents, sent_at, converted_at, created_at, updated_at, version
  from jsonb_populate_recordset(null::estimates, ${tx.json(rows)})`;

export const insertEstimateLines = (tx: Sql, rows: Rows) => tx`
  insert into estimate_lines
    (id, estimate_id, position, service_id, kind, name, quantity, unit_price_cents, discount_cents, tax_basis_points,
      tax_cents, total_cents, since_version)
  select id, estimate_id, position, service_id, kind, name, quantity, unit_price_cents, discount_cents,
    tax_basis_points, tax_cents, total_cents, since_version
  from jsonb_populate_recordset(null::estimate_lines, ${tx.json(rows)})`;

export const insertAuthorizations = (tx: Sql, rows: Rows) => tx`
  insert into estimate_authorizations
    (id, estimate_id, line_id, version, decision, line_name, amount_cents, name, method, contact, text, created_at)
  select id, estimate_id, line_id, version, decision, line_name, amount_cents, name, method, contact, text, created_at
  from jsonb_populate_recordset(null::estimate_authorizations, ${tx.json(rows)})`;

export const insertMessages = (tx: Sql, rows: Rows) => tx`
  insert into messages (id, appointment_id, channel, direction, body, status, sent_at, created_at)
  select id, appointment_id, channel, direction, body, status, sent_at, created_at
  from jsonb_populate_recordset(null::messages, ${tx.json(rows)})`;

/**
 * Invented books come with their sums, as years of entries would have left them: the ledger's triggers would reckon each
 * row again, and against today.
 */
export const pauseLedger = async (tx: Sql): Promise<void> => {
  await tx`alter table appointments disable trigger texts`;
  await tx`alter table appointment_services disable trigger texts_added`;
  await tx`alter table invoices disable trigger user`;
  await tx`alter table invoice_lines disable trigger user`;
  await tx`alter table payments disable trigger user`;
  await tx`alter table refunds disable trigger user`;
  await tx`alter table estimates disable trigger user`;
  await tx`alter table estimate_lines disable trigger user`;
  await tx`alter table estimate_authorizations disable trigger user`;
};

export const resumeLedger = async (tx: Sql): Promise<void> => {
  await tx`alter table invoices enable trigger user`;
  await tx`alter table invoice_lines enable trigger user`;
  await tx`alter table payments enable trigger user`;
  await tx`alter table refunds enable trigger user`;
  await tx`alter table estimates enable trigger user`;
  await tx`alter table estimate_lines enable trigger user`;
  await tx`alter table estimate_authorizations enable trigger user`;
  await tx`alter table appointments enable trigger texts`;
  await tx`alter table appointment_services enable trigger texts_added`;
  await tx`select write_texts(array(select id from appointments))`;
  // What was completed was taken for unbilled until its invoice came.
  await tx`select reckon_unbilled(array(select appointment_id from unbilled_jobs))`;
};

/** For the planner, which would otherwise take the tables for empty, and for the reads that follow. */
export const settleTables = (sql: Sql) => sql`
  vacuum (analyze) customers, vehicles, technicians, appointments, appointment_services, invoices, invoice_lines,
    payments, refunds, messages, unbilled_jobs, appointment_texts, estimates, estimate_lines,
    estimate_authorizations`;
