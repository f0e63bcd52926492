import type { Json, Sql } from '../../database/sql.ts';
import { APPOINTMENT_STATUSES } from '../../shapes/appointment.ts';
import type { BoardDay } from './rules.ts';

/** The figures of a day as JSON text, in ONE statement. What is owed is kept by the database as it arises. */
export const readStats = async (sql: Sql, { date, from, to }: BoardDay, zone: string): Promise<string> => {
  const [row] = await sql<{ shape: Json }>`
    with jobs as (
      select a.status, a.started_at, a.completed_at, job_total_cents(a.id) as total_cents
      from appointments a
      where a.status <> 'held' and a.deleted_at is null and a.starts_at >= ${from} and a.starts_at < ${to}
    )
    select (select to_json(x) from (
      select ${date}::text as date, ${zone}::text as timezone,
        count(*) filter (where j.status not in ('canceled', 'no_show')) as jobs_today,
        (select json_object_agg(s.status, (select count(*) from jobs k where k.status = s.status) order by s.place)
          from unnest(${APPOINTMENT_STATUSES}::text[]) with ordinality as s (status, place)) as by_status,
        count(*) filter (where j.status = 'in_progress') + (
          select count(*) from appointments a
          where a.status = 'in_progress' and a.deleted_at is null and a.starts_at < ${from}) as on_site,
        coalesce(sum(j.total_cents) filter (where j.status not in ('canceled', 'no_show')), 0) as booked_cents,
        coalesce(sum(j.total_cents) filter (where j.status = 'completed'), 0) as completed_cents,
        (select coalesce(sum(i.due_cents), 0) from invoices i where i.status in ('issued', 'partially_paid'))
          + (select coalesce(sum(u.total_cents), 0) from unbilled_jobs u) as unpaid_cents,
        round((avg(extract(epoch from j.completed_at - j.started_at)) filter (where j.status = 'completed') / 60), 1)
          as average_cycle_minutes
      from jobs j
    ) x) as shape`;
  if (row === undefined) throw new Error('the figures of the day answered nothing');
  return row.shape;
};
