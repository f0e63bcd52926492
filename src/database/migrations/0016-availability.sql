-- When a technician can be booked. Null hours: around the clock, until they are set. Weekly wall-clock time in the
-- shop's zone: [{"weekday": 1, "from": "08:00", "to": "17:00"}], Monday is 1, the end of a day is "24:00".
alter table technicians add column hours jsonb,
  add constraint technicians_hours_form check (jsonb_typeof(hours) = 'array');

create table time_off (
  id uuid primary key,
  technician_id uuid not null references technicians,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  reason text,
  created_at timestamptz(3) not null default now(),
  constraint time_off_span_sane check (ends_at > starts_at)
);
create index time_off_by_technician on time_off (technician_id, ends_at, id);

create table extra_hours (
  id uuid primary key,
  technician_id uuid not null references technicians,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  reason text,
  created_at timestamptz(3) not null default now(),
  constraint extra_hours_span_sane check (ends_at > starts_at)
);
create index extra_hours_by_technician on extra_hours (technician_id, ends_at, id);

-- The whole shop is closed.
create table closures (
  id uuid primary key,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  reason text,
  created_at timestamptz(3) not null default now(),
  constraint closures_span_sane check (ends_at > starts_at)
);
create index closures_by_end on closures (ends_at, id);

-- Where the vans go: around a point, or to postal codes. Without any area they go everywhere.
create table service_areas (
  id uuid primary key,
  name text not null,
  kind text not null,
  -- The centre: it stands for addresses without coordinates.
  lat double precision not null,
  lng double precision not null,
  radius_km double precision,
  postal_codes text[] not null default '{}',
  trip_fee_cents integer not null default 0,
  is_active boolean not null default true,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint service_areas_kind_known check (kind in ('radius', 'postal_codes')),
  constraint service_areas_whole check (
    case kind when 'radius' then radius_km > 0 else cardinality(postal_codes) > 0 end),
  constraint service_areas_trip_fee_sane check (trip_fee_cents >= 0)
);

alter table settings
  add column outside_area text not null default 'block',
  add column travel_road_percent integer not null default 130,
  -- One for each hour of the day, in the shop's zone.
  add column travel_speeds_kmh integer[] not null
    default '{55,55,55,55,55,50,40,28,28,35,40,40,40,40,40,35,28,28,35,40,50,55,55,55}',
  add constraint settings_outside_area_known check (outside_area in ('block', 'review')),
  add constraint settings_travel_sane check (
    travel_road_percent between 100 and 300 and cardinality(travel_speeds_kmh) = 24
    and 1 <= all(travel_speeds_kmh) and 200 >= all(travel_speeds_kmh));

-- A hold is a job without a customer, until it is confirmed or its time is over: it stands under the same constraint.
alter table appointments
  alter column customer_id drop not null,
  add column hold_expires_at timestamptz(3),
  add column hold_services jsonb,
  add column buffer_before_minutes integer not null default 0,
  add column buffer_after_minutes integer not null default 0,
  add column trip_fee_cents integer not null default 0,
  add column needs_review boolean not null default false,
  drop constraint appointments_status_known,
  add constraint appointments_status_known check (
    status in ('held', 'scheduled', 'en_route', 'in_progress', 'ready', 'completed', 'no_show', 'canceled')),
  add constraint appointments_hold_whole check (
    (status = 'held') = (customer_id is null) and (status = 'held') = (hold_expires_at is not null)),
  add constraint appointments_buffers_sane check (
    buffer_before_minutes between 0 and 240 and buffer_after_minutes between 0 and 240),
  add constraint appointments_trip_fee_sane check (trip_fee_cents >= 0);

-- Since 1970, as the rules of availability count.
create function milliseconds(instant timestamptz) returns bigint
  language sql stable parallel safe
  return (date_part('epoch', instant) * 1000)::bigint;

-- Adding minutes is immutable, whatever the zone; days and months would not be.
create function busy_span(starts_at timestamptz, ends_at timestamptz, before_minutes integer, after_minutes integer)
  returns tstzrange language sql immutable parallel safe
  return tstzrange(
    starts_at - make_interval(mins => before_minutes), ends_at + make_interval(mins => after_minutes));

alter table appointments
  drop constraint appointments_technician_free,
  drop constraint appointments_vehicle_free,
  add constraint appointments_technician_free exclude using gist (
    technician_id with =, lane with =,
    busy_span(starts_at, ends_at, buffer_before_minutes, buffer_after_minutes) with &&
  ) where (technician_id is not null and deleted_at is null
    and status in ('held', 'scheduled', 'en_route', 'in_progress', 'ready')),
  add constraint appointments_vehicle_free exclude using gist (
    vehicle_id with =, tstzrange(starts_at, ends_at) with &&
  ) where (vehicle_id is not null and deleted_at is null
    and status in ('scheduled', 'en_route', 'in_progress', 'ready'));
create index appointments_held on appointments (technician_id, hold_expires_at) where status = 'held';

-- A hold is nobody's business but the booking's that comes of it.
create or replace function write_journal() returns trigger language plpgsql as $$
declare
  hidden constant text[] := array['id', 'created_at', 'updated_at', 'version', 'deleted_at', 'password_hash', 'lane'];
  act constant jsonb := nullif(current_setting('shop.act', true), '')::jsonb;
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  becomes constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  verb text := case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end;
  fields jsonb;
begin
  if coalesce(becomes, was) ->> 'status' = 'held' then return null; end if;
  select jsonb_object_agg(key, jsonb_build_object('from', o.value, 'to', n.value)) into fields
  from jsonb_each(jsonb_strip_nulls(was) - hidden) o full join jsonb_each(jsonb_strip_nulls(becomes) - hidden) n using (key)
  where o.value is distinct from n.value;

  if tg_nargs > 1 then
    if fields is null then return null; end if;
    verb := 'changed';
    fields := jsonb_build_object(tg_argv[2], jsonb_build_object(
      'from', was - hidden - tg_argv[1], 'to', becomes - hidden - tg_argv[1]));
  elsif tg_op = 'UPDATE' then
    if was -> 'password_hash' is distinct from becomes -> 'password_hash' then
      fields := coalesce(fields, '{}') || '{"password": {"from": null, "to": "changed"}}';
    end if;
    if was ? 'deleted_at' and (was -> 'deleted_at' = 'null') <> (becomes -> 'deleted_at' = 'null') then
      verb := case when was -> 'deleted_at' = 'null' then 'deleted' else 'restored' end;
    elsif fields is null then
      return null;
    end if;
  end if;

  insert into journal (actor_id, actor_role, action, entity, entity_id, changes, correlation_id)
  values ((act ->> 'actor')::uuid, act ->> 'role', verb, tg_argv[0],
    (coalesce(becomes, was) ->> case when tg_nargs > 1 then tg_argv[1] else 'id' end)::uuid,
    coalesce(fields, '{}'), act ->> 'correlation');
  return null;
end $$;

create trigger journal after insert or update or delete on time_off
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('time_off');
create trigger journal after insert or update or delete on extra_hours
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('extra_hours');
create trigger journal after insert or update or delete on closures
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('closure');
create trigger journal after insert or update or delete on service_areas
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('service_area');

create view time_off_shapes as
select t.id, t.technician_id, t.starts_at, t.ends_at,
  (select to_json(x) from (
    select t.id, t.technician_id, iso(t.starts_at) as starts_at, iso(t.ends_at) as ends_at, t.reason,
      iso(t.created_at) as created_at
  ) x) as shape
from time_off t;

create view extra_hours_shapes as
select t.id, t.technician_id, t.starts_at, t.ends_at,
  (select to_json(x) from (
    select t.id, t.technician_id, iso(t.starts_at) as starts_at, iso(t.ends_at) as ends_at, t.reason,
      iso(t.created_at) as created_at
  ) x) as shape
from extra_hours t;

create view closure_shapes as
select c.id, c.starts_at, c.ends_at,
  (select to_json(x) from (
    select c.id, iso(c.starts_at) as starts_at, iso(c.ends_at) as ends_at, c.reason, iso(c.created_at) as created_at
  ) x) as shape
from closures c;

create view service_area_shapes as
select s.id, lower(s.name) as name_key, s.is_active, s.version,
  (select to_json(x) from (
    select s.id, s.name, s.kind, s.lat, s.lng, s.radius_km, s.postal_codes, s.trip_fee_cents, s.is_active,
      iso(s.created_at) as created_at, iso(s.updated_at) as updated_at, s.version
  ) x) as shape
from service_areas s;

create view hold_shapes as
select h.id, h.hold_expires_at,
  (select to_json(x) from (
    select h.id, h.technician_id, iso(h.starts_at) as starts_at, iso(h.ends_at) as ends_at,
      case when h.location_address is not null or h.location_lat is not null then
        json_build_object('address', h.location_address, 'lat', h.location_lat, 'lng', h.location_lng)
      end as location,
      h.hold_services as services, iso(h.hold_expires_at) as expires_at, h.trip_fee_cents, h.needs_review,
      iso(h.created_at) as created_at
  ) x) as shape
from appointments h where h.status = 'held';

create or replace view appointment_shapes as
select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id, a.starts_at, a.updated_at, a.deleted_at, a.version,
  i.id as invoice_id,
  (select to_json(x) from (
    select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id,
      iso(a.starts_at) as starts_at, iso(a.ends_at) as ends_at,
      case when a.location_address is not null or a.location_lat is not null then
        json_build_object('address', a.location_address, 'lat', a.location_lat, 'lng', a.location_lng)
      end as location,
      coalesce(s.lines, '[]'::json) as services,
      coalesce(i.total_cents, s.total_cents, 0) as total_cents,
      coalesce(i.paid_cents, 0) as paid_cents,
      a.notes, a.force_reason, a.trip_fee_cents, a.needs_review,
      iso(a.en_route_at) as en_route_at, iso(a.started_at) as started_at, iso(a.ready_at) as ready_at,
      iso(a.completed_at) as completed_at, iso(a.no_show_at) as no_show_at, iso(a.canceled_at) as canceled_at,
      iso(a.deleted_at) as deleted_at, iso(a.created_at) as created_at, iso(a.updated_at) as updated_at, a.version
  ) x) as shape
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

create or replace view settings_shapes as
select s.version,
  (select to_json(x) from (
    select s.shop_name, s.licence_number, s.timezone, s.phone_region,
      s.labour_tax_basis_points, s.parts_tax_basis_points, s.buffer_before_minutes, s.buffer_after_minutes,
      s.lead_minutes, s.horizon_days, s.jobs_per_day, s.authorization_tolerance_cents,
      s.outside_area, s.travel_road_percent, s.travel_speeds_kmh,
      iso(s.created_at) as created_at, iso(s.updated_at) as updated_at, s.version
  ) x) as shape
from settings s;
