import type { Part, Sql } from '../../database/sql.ts';
import type { EstimateRow, InvoiceRow, ReceiptRow } from './schema.ts';

/** All that the invoice shows, of one moment. Its entries come to paid_cents. */
export const findInvoiceRow = async (sql: Sql, id: string): Promise<InvoiceRow | undefined> => {
  const [row] = await sql<InvoiceRow>`
    select i.id, concat_ws('.', i.version, coalesce(e.version, 0), o.version, c.version, coalesce(v.version, 0)) as tag,
      i.updated_at as made_at, ${commons(sql)}, i.currency, i.number, i.status, i.issued_at, i.voided_at,
      a.completed_at as done_at, i.subtotal_cents, i.discount_cents, i.tax_cents, i.total_cents, i.paid_cents,
      i.due_cents,
      coalesce((select jsonb_agg(to_jsonb(l) order by l.position)
        from invoice_lines l where l.invoice_id = i.id), '[]') as lines,
      coalesce((select jsonb_agg(to_jsonb(e) order by e.at, e.id) from (
        select p.id, iso(p.received_at) as at, 'payment' as what, p.method, p.amount_cents as cents
        from payments p where p.invoice_id = i.id
        union all
        select r.id, iso(r.created_at), 'refund', p.method, -r.amount_cents
        from payments p join refunds r on r.payment_id = p.id where p.invoice_id = i.id
        union all
        select d.id, iso(case when d.amount_cents > 0 then p.received_at else d.created_at end), 'deposit', p.method,
          d.amount_cents
        from invoice_deposits d join payments p on p.id = d.payment_id where d.invoice_id = i.id
      ) e), '[]') as entries,
      -- While it is open nothing can be said; what is said after it is void is for the next one.
      ${words(sql, sql.part`w.estimate_id = e.id and w.created_at <= coalesce(i.voided_at, w.created_at)`)} as words
    from invoices i
      join appointments a on a.id = i.appointment_id
      left join estimates e on e.appointment_id = i.appointment_id
      join customers c on c.id = i.customer_id
      left join vehicles v on v.id = i.vehicle_id
      cross join settings o
    where i.id = ${id}`;
  return row;
};

/** Its authorizations raise its version. */
export const findEstimateRow = async (sql: Sql, id: string): Promise<EstimateRow | undefined> => {
  const [row] = await sql<EstimateRow>`
    select e.id, concat_ws('.', e.version, o.version, c.version, coalesce(v.version, 0)) as tag,
      e.updated_at as made_at, ${commons(sql)}, e.currency, e.number, e.version, e.status, e.sent_at, e.valid_until,
      e.subtotal_cents, e.discount_cents, e.tax_cents, e.total_cents,
      coalesce((select sum(d.total_cents) from estimate_decisions d
        where d.estimate_id = e.id and d.decision = 'approved'), 0)::bigint as authorized_cents,
      coalesce((select jsonb_agg(to_jsonb(l) order by l.position)
        from estimate_lines l where l.estimate_id = e.id), '[]') as lines,
      ${words(sql, sql.part`w.estimate_id = e.id`)} as words
    from estimates e
      join customers c on c.id = e.customer_id
      left join vehicles v on v.id = e.vehicle_id
      cross join settings o
    where e.id = ${id}`;
  return row;
};

/** What was said to an estimate, in its order; `which` chooses among the authorizations w. */
const words = (sql: Sql, which: Part): Part => sql.part`
  coalesce((select jsonb_agg(jsonb_build_object('at', iso(w.created_at), 'decision', w.decision, 'line', w.line_name,
      'cents', w.amount_cents, 'name', w.name, 'method', w.method, 'contact', w.contact) order by w.created_at, w.id)
    from estimate_authorizations w where ${which}), '[]')`;

/** A deposit's receipt tells of the invoice that holds it, if one does. */
export const findReceiptRow = async (sql: Sql, id: string): Promise<ReceiptRow | undefined> => {
  const [row] = await sql<ReceiptRow>`
    select p.id, concat_ws('.', p.refunded_cents, coalesce(i.version, 0), a.version, o.version,
        c.version, coalesce(v.version, 0)) as tag,
      p.created_at as made_at, ${commons(sql)}, coalesce(i.currency, 'USD') as currency, p.received_at, p.method, p.note,
      p.amount_cents, p.appointment_id is not null as is_deposit, a.starts_at,
      case when i.id is not null then jsonb_build_object(
        'number', i.number, 'total_cents', i.total_cents, 'due_cents', i.due_cents) end as invoice,
      coalesce((select jsonb_agg(jsonb_build_object(
          'at', iso(r.created_at), 'reason', r.reason, 'cents', r.amount_cents) order by r.created_at, r.id)
        from refunds r where r.payment_id = p.id), '[]') as refunds
    from payments p
      left join invoices i on i.id = coalesce(p.invoice_id, (
        select d.invoice_id from invoice_deposits d where d.payment_id = p.id
        group by d.invoice_id having sum(d.amount_cents) > 0))
      join appointments a on a.id = coalesce(p.appointment_id, i.appointment_id)
      join customers c on c.id = coalesce(i.customer_id, a.customer_id)
      left join vehicles v on v.id = coalesce(i.vehicle_id, a.vehicle_id)
      cross join settings o
    where p.id = ${id}`;
  return row;
};

const commons = (sql: Sql): Part => sql.part`
  o.shop_name, o.licence_number, o.timezone as zone,
  jsonb_build_object('name', c.name, 'phone', c.phone, 'email', c.email, 'address', c.address) as customer,
  case when v.id is not null then jsonb_build_object(
    'name', concat_ws(' ', v.year, v.make, v.model, v.trim, v.color), 'vin', v.vin,
    'license_plate', v.license_plate) end as vehicle`;
