import type { Json, Part, Sql } from '../../database/sql.ts';
import { nextCursor, pageOf } from '../../http/page.ts';
import { OVERDUE_AFTER, VIP_SPEND_CENTS } from './rules.ts';
import type { ProfileQuery } from './schema.ts';

type ProfileRow = {
  customer: Json;
  vehicles: Json;
  items: string | null;
  totals: Json;
  next_key: string | null;
  next_id: string | null;
};

/** Everything about a customer, as JSON text, in ONE statement; undefined when there is no such customer. */
export const readProfile = async (sql: Sql, id: string, query: ProfileQuery): Promise<string | undefined> => {
  const paging = { ...query, customer_id: id, sort: '-starts_at' };
  const { after, limit } = pageOf(paging);
  const [row] = await sql<ProfileRow>`
    with page as (
      select a.id, a.starts_at, a.vehicle_id, a.invoice_id, a.opened,
        row_number() over (order by a.starts_at desc, a.id desc) as place
      from appointment_shapes a
      where a.customer_id = ${id} and a.deleted_at is null
        ${narrowed(sql, query)}
        ${after === undefined ? sql.part`` : sql.part`and (a.starts_at, a.id) < (${after.key}, ${after.id})`}
      order by a.starts_at desc, a.id desc
      limit ${limit + 1}
    ), driven as materialized (
      select v.id, v.shape::text from vehicle_shapes v where v.id in (select vehicle_id from page)
    )
    select c.shape as customer,
      coalesce((select json_agg(v.shape order by v.created_at, v.id) from vehicle_shapes v
        where v.customer_id = c.id and v.deleted_at is null), '[]'::json) as vehicles,
      (select string_agg(${visit(sql)}, ',' order by p.place) from page p where p.place <= ${limit}) as items,
      (select p.starts_at from page p where p.place = ${limit} and exists (select from page where place > ${limit})) as next_key,
      (select p.id from page p where p.place = ${limit} and exists (select from page where place > ${limit})) as next_id,
      ${totals(sql)} as totals
    from customer_shapes c
    where c.id = ${id} and c.deleted_at is null`;
  if (row === undefined) return undefined;
  const { next_key, next_id } = row;
  const next =
    next_key === null || next_id === null ? null : nextCursor({ sort_key: next_key, id: next_id }, paging);
  return `{"customer":${row.customer},"vehicles":${row.vehicles},"appointments":{"items":[${row.items ?? ''}],"next_cursor":${JSON.stringify(next)}},"totals":${row.totals}}`;
};

const narrowed = (sql: Sql, { vehicle_id, from, to }: ProfileQuery): Part => sql.part`
  ${vehicle_id === undefined ? sql.part`` : sql.part`and a.vehicle_id = ${vehicle_id}`}
  ${from === undefined ? sql.part`` : sql.part`and a.starts_at >= ${from}`}
  ${to === undefined ? sql.part`` : sql.part`and a.starts_at < ${to}`}`;

/** The appointment's own shape (with its services), joined by its vehicle, payments and messages. */
const visit = (sql: Sql): Part => sql.part`p.opened
  || ',"vehicle":' || coalesce((select d.shape from driven d where d.id = p.vehicle_id), 'null')
  || ',"payments":' || coalesce((select json_agg(y.shape order by y.received_at, y.id)::text
    from payment_shapes y where y.invoice_id = p.invoice_id or y.appointment_id = p.id), '[]')
  || ',"messages":' || coalesce((select json_agg(to_json(x) order by m.created_at, m.id)::text
    from messages m, lateral (
      select m.id, m.appointment_id, m.channel, m.direction, m.body, m.status,
        iso(m.created_at) as created_at, iso(m.sent_at) as sent_at) x
    where m.appointment_id = p.id), '[]') || '}'`;

/** Over all visits, whatever page is shown. */
const totals = (sql: Sql): Part => sql.part`(
  select json_build_object(
    'lifetime_spend_cents', t.spent_cents,
    'unpaid_cents', t.unpaid_cents,
    'visits', t.visits,
    'completed_visits', t.completed_visits,
    'last_visit_at', iso(t.last_visit_at),
    'is_vip', (select x.is_vip from customers x where x.id = c.id) or t.spent_cents >= ${VIP_SPEND_CENTS},
    'is_overdue', coalesce(t.last_visit_at < now() - ${OVERDUE_AFTER}::interval, false))
  from customer_totals t where t.customer_id = c.id)`;
