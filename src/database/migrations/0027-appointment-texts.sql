-- Jobs are read far more often than they change, and to write their shape was most of the work of reading it. So it is
-- written when something of it changes, by whoever changes it, in their transaction; nothing reads an older one.
create table appointment_texts (
  appointment_id uuid primary key references appointments on delete cascade,
  -- Without the last brace, so that more can be written behind it.
  opened text not null
) with (fillfactor = 80);

-- What the text is written from. Whoever gives the shape another form writes all texts again: select write_texts(array(
-- select id from appointments)).
create view appointment_renderings as
select a.id,
  left((select to_json(x) from (
    select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id,
      iso(a.starts_at) as starts_at, iso(a.ends_at) as ends_at,
      case when a.location_address is not null or a.location_lat is not null then
        json_build_object('address', a.location_address, 'lat', a.location_lat, 'lng', a.location_lng)
      end as location,
      coalesce(s.lines, '[]'::json) as services,
      coalesce(i.total_cents, s.total_cents, 0) as total_cents,
      coalesce(i.paid_cents, 0) + a.deposit_cents as paid_cents,
      a.notes, a.force_reason, a.trip_fee_cents, a.needs_review,
      iso(a.en_route_at) as en_route_at, iso(a.started_at) as started_at, iso(a.ready_at) as ready_at,
      iso(a.completed_at) as completed_at, iso(a.no_show_at) as no_show_at, iso(a.canceled_at) as canceled_at,
      iso(a.deleted_at) as deleted_at, iso(a.created_at) as created_at, iso(a.updated_at) as updated_at, a.version
  ) x)::text, -1) as opened
from appointments a
left join invoices i on i.appointment_id = a.id and i.status <> 'void'
left join lateral (
  select json_agg(to_json(line) order by l.position) as lines, sum(l.quantity * l.price_cents::bigint) as total_cents
  from appointment_services l, lateral (
    select l.id, l.service_id, l.name, l.kind, l.quantity, l.duration_minutes, l.price_cents
  ) line
  where l.appointment_id = a.id
) s on true
where a.status <> 'held';

create function write_texts(jobs uuid[]) returns void language sql as $$
  insert into appointment_texts (appointment_id, opened)
  select r.id, r.opened from appointment_renderings r where r.id = any(jobs)
  on conflict (appointment_id) do update set opened = excluded.opened;
$$;

create function write_own_text() returns trigger language plpgsql as $$
begin
  perform write_texts(array[new.id]);
  return null;
end $$;
create trigger texts after insert or update on appointments
  for each row when (new.status <> 'held') execute function write_own_text();

-- The job is locked before its text is written: of two who change its services at once, the second sees what the first
-- one did. An invoice touches its job (touch_job) whenever it changes what the job shows.
create function write_texts_of_services() returns trigger language plpgsql as $$
declare
  jobs constant uuid[] := array(select distinct appointment_id from changed);
begin
  perform from appointments where id = any(jobs) order by id for no key update;
  perform write_texts(jobs);
  return null;
end $$;
create trigger texts_added after insert on appointment_services
  referencing new table as changed for each statement execute function write_texts_of_services();
create trigger texts_changed after update on appointment_services
  referencing new table as changed for each statement execute function write_texts_of_services();
create trigger texts_removed after delete on appointment_services
  referencing old table as changed for each statement execute function write_texts_of_services();

select write_texts(array(select id from appointments));

drop view appointment_shapes;
create view appointment_shapes as
select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id, a.starts_at, a.updated_at, a.deleted_at, a.version,
  i.id as invoice_id, t.opened, t.opened || '}' as shape
from appointments a
left join invoices i on i.appointment_id = a.id and i.status <> 'void'
-- Never without one; as an inner join a missing text would hide a job, instead of breaking its answer.
left join appointment_texts t on t.appointment_id = a.id
where a.status <> 'held';
