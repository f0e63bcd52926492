import type { Json, Part, Sql } from '../../database/sql.ts';
import type { Period } from './schema.ts';

const MOST_CUSTOMERS = 10_000;

/** What is due on open invoices, by the days since they were issued, as JSON text, in ONE statement. */
export const readReceivables = async (sql: Sql, zone: string, now: string): Promise<Json> => {
  const [row] = await sql<{ shape: Json }>`
    with due as (
      select i.customer_id, i.due_cents, i.issued_at,
        (${now}::timestamptz at time zone ${zone})::date
          - (i.issued_at at time zone ${zone})::date as days
      from invoices i where i.status in ('issued', 'partially_paid')
    )
    select (select to_json(x) from (
      select iso(${now}::timestamptz) as at, ${zone}::text as timezone,
        coalesce((select json_agg(to_json(r)) from (
          select c.id as customer_id, c.name, ${aging(sql)}, iso(min(d.issued_at)) as oldest_issued_at
          from due d join customers c on c.id = d.customer_id
          group by c.id, c.name order by due_cents desc, c.id limit ${MOST_CUSTOMERS}
        ) r), '[]') as items,
        (select to_json(t) from (
          select count(distinct d.customer_id) as customers, ${aging(sql)} from due d) t) as totals,
        (select coalesce(sum(u.total_cents), 0)::bigint from unbilled_jobs u) as unbilled_cents
    ) x) as shape`;
  return shapeOf(row);
};

const aging = (sql: Sql): Part => sql.part`
  count(*) as invoices,
  coalesce(sum(d.due_cents) filter (where d.days <= 0), 0)::bigint as current_cents,
  coalesce(sum(d.due_cents) filter (where d.days between 1 and 30), 0)::bigint as days_1_30_cents,
  coalesce(sum(d.due_cents) filter (where d.days between 31 and 60), 0)::bigint as days_31_60_cents,
  coalesce(sum(d.due_cents) filter (where d.days between 61 and 90), 0)::bigint as days_61_90_cents,
  coalesce(sum(d.due_cents) filter (where d.days > 90), 0)::bigint as over_90_cents,
  coalesce(sum(d.due_cents), 0)::bigint as due_cents`;

/** Jobs, time at work and on the way, and what was billed, of each technician, as JSON text, in ONE statement. */
export const readTechnicians = async (sql: Sql, asked: Period, zone: string): Promise<Json> => {
  const { from, to } = asked;
  const [row] = await sql<{ shape: Json }>`
    with job as (
      select a.technician_id, a.status,
        case when a.status = 'completed' then extract(epoch from a.completed_at - a.started_at) end as work_s,
        -- Times are set once: who began by mistake, and drove there then, has no drive to be reckoned.
        case when a.status = 'completed' and a.completed_at is not null and a.started_at >= a.en_route_at
          then extract(epoch from a.started_at - a.en_route_at) end as drive_s,
        coalesce((select i.total_cents from invoices i
          where i.appointment_id = a.id and i.status <> 'void' and i.issued_at is not null), 0) as invoiced
      from appointments a
      where a.starts_at >= ${from} and a.starts_at < ${to} and a.deleted_at is null
        and a.status not in ('held', 'canceled') and a.technician_id is not null
    )
    select (select to_json(x) from (
      select ${period(sql, asked, zone)},
        coalesce((select json_agg(to_json(r)) from (
          select t.id as technician_id, t.name, ${work(sql)}
          from technicians t left join job j on j.technician_id = t.id
          where t.is_active or j.technician_id is not null
          group by t.id, t.name order by t.name, t.id
        ) r), '[]') as items,
        (select to_json(t) from (select ${work(sql)} from job j) t) as totals
    ) x) as shape`;
  return shapeOf(row);
};

const work = (sql: Sql): Part => sql.part`
  count(j.technician_id) as jobs,
  count(*) filter (where j.status = 'completed') as completed,
  count(*) filter (where j.status = 'no_show') as no_shows,
  coalesce(round(sum(j.work_s) / 60), 0)::bigint as work_minutes,
  coalesce(round(sum(j.drive_s) / 60), 0)::bigint as drive_minutes,
  round(sum(j.drive_s) / nullif(sum(j.drive_s + j.work_s), 0), 4)::float8 as drive_share,
  coalesce(sum(j.invoiced), 0)::bigint as invoiced_cents`;

/** Who was not there, in numbers and as a part of the jobs that were due, as JSON text, in ONE statement. */
export const readNoShows = async (sql: Sql, asked: Period, zone: string): Promise<Json> => {
  const { from, to } = asked;
  const [row] = await sql<{ shape: Json }>`
    with job as (
      select a.customer_id, a.status from appointments a
      where a.starts_at >= ${from} and a.starts_at < ${to} and a.deleted_at is null
        and a.status in ('in_progress', 'ready', 'completed', 'no_show')
    )
    select (select to_json(x) from (
      select ${period(sql, asked, zone)},
        coalesce((select json_agg(to_json(r)) from (
          select c.id as customer_id, c.name, ${missed(sql)}
          from job j join customers c on c.id = j.customer_id
          group by c.id, c.name having bool_or(j.status = 'no_show')
          order by no_shows desc, share desc, c.id limit ${MOST_CUSTOMERS}
        ) r), '[]') as items,
        (select to_json(t) from (select ${missed(sql)} from job j) t) as totals
    ) x) as shape`;
  return shapeOf(row);
};

const missed = (sql: Sql): Part => sql.part`
  count(*) as jobs, count(*) filter (where j.status = 'no_show') as no_shows,
  round(count(*) filter (where j.status = 'no_show')::numeric / nullif(count(*), 0), 4)::float8 as share`;

const period = (sql: Sql, { from, to }: Period, zone: string): Part => sql.part`
  iso(${from}::timestamptz) as from, iso(${to}::timestamptz) as to, ${zone}::text as timezone`;

const shapeOf = (row: { shape: Json } | undefined): Json => {
  if (row === undefined) throw new Error('the figures answered nothing');
  return row.shape;
};
