import type { Sql } from '../../database/sql.ts';

type Figure = number | string | null;
type Problem = { rule: string; entity: string; entity_id: string; expected: Figure; found: Figure };
export type Trial = { clean: boolean; checked: number; problems: Problem[] };

/**
 * Reckons everything that the ledger keeps once more, from the rows that are only ever added to. One statement, so
 * all of it is of one moment. The first thousand problems are told.
 */
export const tryBalance = async (sql: Sql): Promise<Trial> => {
  const [row] = await sql<{ checked: number; problems: Problem[] }>`
    with
    refunded as (select payment_id, sum(amount_cents) as cents from refunds group by payment_id),
    applied as (select payment_id, sum(amount_cents) as cents from invoice_deposits group by payment_id),
    payment as (
      select p.id, p.invoice_id, p.appointment_id, p.amount_cents, p.refunded_cents, p.applied_cents,
        coalesce(r.cents, 0) as refunded, coalesce(d.cents, 0) as applied
      from payments p left join refunded r on r.payment_id = p.id left join applied d on d.payment_id = p.id
    ),
    paid as (
      select invoice_id, sum(cents) as cents from (
        select invoice_id, amount_cents - refunded as cents from payment where invoice_id is not null
        union all select invoice_id, amount_cents from invoice_deposits
      ) entry group by invoice_id
    ),
    line as (
      select invoice_id, sum(quantity * unit_price_cents) as subtotal, sum(discount_cents) as discount,
        sum(tax_cents) as tax, sum(total_cents) as total
      from invoice_lines group by invoice_id
    ),
    invoice as (
      select i.*, coalesce(p.cents, 0) as paid, coalesce(l.subtotal, 0) as subtotal,
        coalesce(l.discount, 0) as discount, coalesce(l.tax, 0) as tax, coalesce(l.total, 0) as total,
        case when i.status in ('draft', 'void') then i.status
          when coalesce(p.cents, 0) = i.total_cents then 'paid'
          when coalesce(p.cents, 0) = 0 then 'issued'
          else 'partially_paid' end as right_status
      from invoices i left join paid p on p.invoice_id = i.id left join line l on l.invoice_id = i.id
    ),
    held as (
      select appointment_id, sum(amount_cents - refunded - applied) as cents
      from payment where appointment_id is not null group by appointment_id
    ),
    numbered as (
      select id, number, lag(number, 1, 0) over (order by number) + 1 as right_number
      from invoices where number is not null
    ),
    problem as (
      select 'invoice_paid' as rule, 'invoice' as entity, id, to_jsonb(paid) as expected, to_jsonb(paid_cents) as found
      from invoice where paid <> paid_cents
      union all select 'invoice_due', 'invoice', id, to_jsonb(total_cents - paid_cents), to_jsonb(due_cents)
      from invoice where due_cents <> total_cents - paid_cents
      union all select 'invoice_subtotal', 'invoice', id, to_jsonb(subtotal), to_jsonb(subtotal_cents)
      from invoice where subtotal <> subtotal_cents
      union all select 'invoice_discount', 'invoice', id, to_jsonb(discount), to_jsonb(discount_cents)
      from invoice where discount <> discount_cents
      union all select 'invoice_tax', 'invoice', id, to_jsonb(tax), to_jsonb(tax_cents)
      from invoice where tax <> tax_cents
      union all select 'invoice_total', 'invoice', id, to_jsonb(total), to_jsonb(total_cents)
      from invoice where total <> total_cents
      union all select 'invoice_status', 'invoice', id, to_jsonb(right_status), to_jsonb(status)
      from invoice where right_status <> status
      union all select 'invoice_paid_at', 'invoice', id, to_jsonb(status), to_jsonb(paid_at)
      from invoice where (status = 'paid') <> (paid_at is not null)
      union all select 'invoice_number', 'invoice', id, to_jsonb(right_number), to_jsonb(number)
      from numbered where number <> right_number
      union all select 'payment_refunded', 'payment', id, to_jsonb(refunded), to_jsonb(refunded_cents)
      from payment where refunded <> refunded_cents
      union all select 'payment_applied', 'payment', id, to_jsonb(applied), to_jsonb(applied_cents)
      from payment where applied <> applied_cents
      union all select 'job_deposits', 'appointment', coalesce(a.id, h.appointment_id),
        to_jsonb(coalesce(h.cents, 0)), to_jsonb(coalesce(a.deposit_cents, 0))
      from held h full join (select id, deposit_cents from appointments where deposit_cents <> 0) a
        on a.id = h.appointment_id
      where coalesce(h.cents, 0) <> coalesce(a.deposit_cents, 0)
    )
    select (select count(*) from invoice) + (select count(*) from payment) + (select count(*) from held) as checked,
      coalesce((select jsonb_agg(jsonb_build_object(
          'rule', rule, 'entity', entity, 'entity_id', id, 'expected', expected, 'found', found) order by rule, id)
        from (select * from problem order by rule, id limit 1000) told), '[]'::jsonb) as problems`;
  if (row === undefined) throw new Error('an aggregate without a row');
  const { checked, problems } = row;
  return { clean: problems.length === 0, checked, problems };
};
