import type { Json, Part, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { PaymentList, RefundList } from './schema.ts';

export const findPayment = async (sql: Sql, id: string): Promise<Json | undefined> => {
  const [row] = await sql<{ shape: Json }>`select shape from payment_shapes where id = ${id}`;
  return row?.shape;
};

type Wanted = Partial<Omit<PaymentList, 'limit' | 'cursor' | 'sort'>> &
  Pick<PaymentList, 'limit' | 'cursor' | 'sort'>;

export const listPayments = (sql: Sql, query: Wanted): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { received_at: sql.part`received_at` });
  const { customer_id, invoice_id, appointment_id, method, from, to } = query;
  const all = sql.part``;
  return sql<ListRow>`
    select id, shape, ${page.key} from payment_shapes
    where true
      ${customer_id === undefined ? all : ofCustomer(sql, customer_id)}
      ${invoice_id === undefined ? all : ofInvoice(sql, invoice_id)}
      ${appointment_id === undefined ? all : ofJob(sql, appointment_id)}
      ${method === undefined ? all : sql.part`and method = any(${method}::text[])`}
      ${from === undefined ? all : sql.part`and received_at >= ${from}`}
      ${to === undefined ? all : sql.part`and received_at < ${to}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

const ofCustomer = (sql: Sql, id: string): Part => sql.part`and id in (
  select p.id from invoices i join payments p on p.invoice_id = i.id where i.customer_id = ${id}
  union all select p.id from appointments a join payments p on p.appointment_id = a.id where a.customer_id = ${id})`;

/** With the deposits that it has taken. */
const ofInvoice = (sql: Sql, id: string): Part => sql.part`and id in (
  select p.id from payments p where p.invoice_id = ${id}
  union all select d.payment_id from invoice_deposits d
    where d.invoice_id = ${id} group by d.payment_id having sum(d.amount_cents) > 0)`;

const ofJob = (sql: Sql, id: string): Part => sql.part`and id in (
  select p.id from payments p where p.appointment_id = ${id}
  union all select p.id from invoices i join payments p on p.invoice_id = i.id where i.appointment_id = ${id})`;

export const listDeposits = (
  sql: Sql,
  query: { id: string } & Pick<PaymentList, 'limit' | 'cursor' | 'sort'>,
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { received_at: sql.part`received_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from payment_shapes where appointment_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const listRefunds = (sql: Sql, query: RefundList & { id: string }): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from refund_shapes where payment_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const hasInvoice = async (sql: Sql, id: string): Promise<boolean> =>
  (await sql`select 1 from invoices where id = ${id}`).length > 0;

export const hasJob = async (sql: Sql, id: string): Promise<boolean> =>
  (await sql`select 1 from appointments where id = ${id} and status <> 'held' and deleted_at is null`)
    .length > 0;

type PaymentRow = {
  id: string;
  invoiceId: string | null;
  appointmentId: string | null;
  amount_cents: number;
  method: string;
  note: string | null;
  received_at: string;
};

export const insertPayment = async (tx: Sql, one: PaymentRow): Promise<void> => {
  await tx`
    insert into payments (id, invoice_id, appointment_id, amount_cents, method, note, received_at)
    values (${one.id}, ${one.invoiceId}, ${one.appointmentId}, ${one.amount_cents}, ${one.method}, ${one.note},
      ${one.received_at})`;
};

export type LockedPayment = {
  /** Of the payment, or the one that has taken some of the deposit. */
  invoice_id: string | null;
  left_cents: number;
};

/** Its job is locked, and so is all that the job's money can change. */
export const lockPayment = async (tx: Sql, id: string): Promise<LockedPayment | undefined> => {
  await tx`
    select id from appointments where id = (
      select coalesce(p.appointment_id, i.appointment_id)
      from payments p left join invoices i on i.id = p.invoice_id where p.id = ${id}
    ) for no key update`;
  const [row] = await tx<LockedPayment>`
    select p.amount_cents - p.refunded_cents as left_cents, coalesce(p.invoice_id, (
      select d.invoice_id from invoice_deposits d where d.payment_id = p.id
      group by d.invoice_id having sum(d.amount_cents) > 0)) as invoice_id
    from payments p where p.id = ${id}`;
  return row;
};

export const insertRefund = async (
  tx: Sql,
  one: { id: string; paymentId: string; amount_cents: number; reason: string },
): Promise<void> => {
  await tx`
    insert into refunds (id, payment_id, amount_cents, reason)
    values (${one.id}, ${one.paymentId}, ${one.amount_cents}, ${one.reason})`;
};

export const findRefund = async (sql: Sql, id: string): Promise<Json | undefined> => {
  const [row] = await sql<{ shape: Json }>`select shape from refund_shapes where id = ${id}`;
  return row?.shape;
};

export type JobForDeposit = {
  status: string;
  version: number;
  /** Of the invoice that has been issued. */
  invoice_id: string | null;
};

export const lockJobForDeposit = async (tx: Sql, id: string): Promise<JobForDeposit | undefined> => {
  await tx`select id from appointments where id = ${id} for no key update`;
  const [row] = await tx<JobForDeposit>`
    select a.status, a.version, i.id as invoice_id
    from appointments a left join invoices i on i.appointment_id = a.id and i.status not in ('draft', 'void')
    where a.id = ${id} and a.status <> 'held' and a.deleted_at is null`;
  return row;
};
