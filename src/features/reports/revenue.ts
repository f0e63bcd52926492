import type { Json, Part, Sql } from '../../database/sql.ts';
import type { Period, RevenueReport } from './schema.ts';

const MOST_SERVICES = 1_000;

/**
 * What came in and what was billed, as JSON text, in ONE statement. Received counts money when it moved, deposits too;
 * invoiced counts invoices when they were issued, unless they are void by now.
 */
export const readRevenue = async (sql: Sql, asked: RevenueReport, zone: string): Promise<Json> => {
  const { from, to, by } = asked;
  const [row] = await sql<{ shape: Json }>`
    with entry as (${entries(sql, asked)})
    select (select to_json(x) from (
      select iso(${from}::timestamptz) as from, iso(${to}::timestamptz) as to, ${zone}::text as timezone,
        ${by}::text as by, coalesce((select json_agg(to_json(i)) from (${items(sql, asked, zone)}) i), '[]') as items,
        (select to_json(t) from (select ${sums(sql)} from entry e) t) as totals
    ) x) as shape`;
  if (row === undefined) throw new Error('the revenue answered nothing');
  return row.shape;
};

const items = (sql: Sql, { from, to, by }: RevenueReport, zone: string): Part => {
  if (by === 'service') return byService(sql, { from, to });
  return by === 'technician' ? byTechnician(sql) : byTime(sql, { from, to, unit: by, zone });
};

const entries = (sql: Sql, { from, to }: Period): Part => sql.part`
  select p.received_at as at, coalesce(p.appointment_id, i.appointment_id) as job, p.amount_cents as paid,
    0::bigint as refunded, 0::bigint as invoiced, 0::bigint as tax, 0 as invoices
  from payments p left join invoices i on i.id = p.invoice_id
  where p.received_at >= ${from} and p.received_at < ${to}
  union all
  select r.created_at, coalesce(p.appointment_id, i.appointment_id), 0, r.amount_cents, 0, 0, 0
  from refunds r join payments p on p.id = r.payment_id left join invoices i on i.id = p.invoice_id
  where r.created_at >= ${from} and r.created_at < ${to}
  union all
  select i.issued_at, i.appointment_id, 0, 0, i.total_cents, i.tax_cents, 1
  from invoices i where i.issued_at >= ${from} and i.issued_at < ${to} and i.status <> 'void'`;

const sums = (sql: Sql): Part => sql.part`
  coalesce(sum(e.invoices), 0)::bigint as invoices, coalesce(sum(e.invoiced), 0)::bigint as invoiced_cents,
  coalesce(sum(e.tax), 0)::bigint as tax_cents, coalesce(sum(e.paid), 0)::bigint as payments_cents,
  coalesce(sum(e.refunded), 0)::bigint as refunds_cents,
  coalesce(sum(e.paid) - sum(e.refunded), 0)::bigint as received_cents`;

/** Each day, week or month that the time touches, also those in which nothing came. */
const byTime = (
  sql: Sql,
  { from, to, unit, zone }: Period & { unit: string; zone: string },
): Part => sql.part`
  select to_char(b.starts, 'YYYY-MM-DD') as key, null as name, ${sums(sql)}
  from (
    select generate_series(date_trunc(${unit}::text, ${from}::timestamptz at time zone ${zone}),
      (${to}::timestamptz - interval '1 millisecond') at time zone ${zone}, ('1 ' || ${unit}::text)::interval) as starts
    where ${from}::timestamptz < ${to}::timestamptz
  ) b left join entry e on date_trunc(${unit}::text, e.at at time zone ${zone}) = b.starts
  group by b.starts order by b.starts`;

const byTechnician = (sql: Sql): Part => sql.part`
  select t.id as key, t.name, ${sums(sql)}
  from entry e join appointments a on a.id = e.job left join technicians t on t.id = a.technician_id
  group by t.id, t.name order by invoiced_cents desc, t.name, t.id`;

/** The offset keeps the lines of each invoice a look of its own: else all lines there are would be read. */
const byService = (sql: Sql, { from, to }: Period): Part => sql.part`
  select l.kind as key, l.name, count(distinct i.id) as invoices, sum(l.total_cents)::bigint as invoiced_cents,
    sum(l.tax_cents)::bigint as tax_cents, null as payments_cents, null as refunds_cents, null as received_cents
  from invoices i cross join lateral (select * from invoice_lines where invoice_id = i.id offset 0) l
  where i.issued_at >= ${from} and i.issued_at < ${to} and i.status <> 'void'
  group by l.kind, l.name order by invoiced_cents desc, l.name, l.kind limit ${MOST_SERVICES}`;
