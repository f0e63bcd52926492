import type { Sql } from '../../database/sql.ts';
import type { JobFacts } from './rules.ts';

/** What templates can tell of these jobs, deleted ones too. */
export const readJobs = (sql: Sql, ids: readonly string[]): Promise<JobFacts[]> =>
  sql<JobFacts>`
    select a.id, c.name as customer_name,
      (select concat_ws(' ', v.year, v.make, v.model) from vehicles v where v.id = a.vehicle_id) as vehicle,
      a.starts_at, t.name as technician_name, s.shop_name, s.timezone as zone, a.location_address as address,
      (select string_agg(l.name, ', ' order by l.position) from appointment_services l
        where l.appointment_id = a.id) as services
    from appointments a
    join customers c on c.id = a.customer_id
    left join technicians t on t.id = a.technician_id
    cross join settings s
    where a.id = any(${ids}::uuid[])`;
