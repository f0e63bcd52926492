import type { TestApp } from '../../helpers/app.ts';

export type Money = { at: string; cents: number; technician: string | null };
export type Billed = {
  customer: string;
  status: string;
  at: string | null;
  total: number;
  tax: number;
  due: number;
  technician: string | null;
  lines: { kind: string; name: string; cents: number; tax: number }[];
};
export type Job = {
  customer: string;
  technician: string | null;
  status: string;
  starts_at: string;
  en_route_at: string | null;
  started_at: string | null;
  completed_at: string | null;
  invoiced: number;
};
export type Books = { payments: Money[]; refunds: Money[]; bills: Billed[]; jobs: Job[] };

/** The bare rows, put together here and not by SQL: all that follows is reckoned by plain loops. */
export const readBooks = async ({ sql }: TestApp): Promise<Books> => {
  const jobs = await sql<Omit<Job, 'customer' | 'technician' | 'invoiced'> & Keys>`
    select id, customer_id, technician_id, status, starts_at, en_route_at, started_at, completed_at from appointments
    where status <> 'held' and deleted_at is null`;
  const bills = await sql<Row>`select * from invoices`;
  const payments = await sql<Row>`select * from payments`;
  const refunds = await sql<Row>`select * from refunds`;
  const lines = Map.groupBy(
    await sql<Row>`select * from invoice_lines`,
    ({ invoice_id }) => invoice_id ?? '',
  );
  const jobOf = new Map(jobs.map((job) => [job.id, job]));
  const billOf = new Map(bills.map((bill) => [bill.id, bill]));
  const paymentOf = new Map(payments.map((payment) => [payment.id, payment]));
  const technicianOf = (jobId: string | null | undefined): string | null =>
    jobOf.get(jobId ?? '')?.technician_id ?? null;
  const jobIdOf = (payment: Row | undefined): string | null | undefined =>
    payment?.appointment_id ?? billOf.get(payment?.invoice_id ?? '')?.appointment_id;
  const money = (row: Row, at: string, payment: Row | undefined): Money => ({
    ...{ at, cents: row.amount_cents, technician: technicianOf(jobIdOf(payment)) },
  });
  const living = bills.filter(({ status, issued_at }) => status !== 'void' && issued_at !== null);
  const invoicedOf = new Map(living.map((bill) => [bill.appointment_id, bill.total_cents]));
  return {
    payments: payments.map((row) => money(row, row.received_at, row)),
    refunds: refunds.map((row) => money(row, row.created_at, paymentOf.get(row.payment_id))),
    bills: bills.map((bill) => ({
      ...{ customer: bill.customer_id, status: bill.status, at: bill.issued_at },
      ...{ total: bill.total_cents, tax: bill.tax_cents, due: bill.due_cents },
      technician: technicianOf(bill.appointment_id),
      lines: (lines.get(bill.id) ?? []).map((line) => ({
        ...{ kind: line.kind, name: line.name, cents: line.total_cents, tax: line.tax_cents },
      })),
    })),
    jobs: jobs.map((job) => ({
      ...job,
      customer: job.customer_id,
      technician: job.technician_id,
      invoiced: invoicedOf.get(job.id) ?? 0,
    })),
  };
};

type Keys = { id: string; customer_id: string; technician_id: string | null };
type Row = {
  id: string;
  customer_id: string;
  appointment_id: string | null;
  invoice_id: string | null;
  payment_id: string;
  status: string;
  issued_at: string | null;
  received_at: string;
  created_at: string;
  amount_cents: number;
  total_cents: number;
  tax_cents: number;
  due_cents: number;
  kind: string;
  name: string;
};

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

export const dayOf = (zone: string, at: string): Temporal.PlainDate =>
  Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainDate();
