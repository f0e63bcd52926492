-- to_json of a row is a fifth faster than json_build_object, and writes no spaces.

create or replace view staff_shapes as
select s.id, lower(s.name) as name_key, s.is_active, s.version,
  (select to_json(x) from (
    select s.id, s.email, s.name, s.role, s.is_active,
      iso(s.created_at) as created_at, iso(s.updated_at) as updated_at, s.version
  ) x) as shape
from staff s;

create or replace view customer_shapes as
select c.id, lower(c.name) as name_key, c.created_at, c.deleted_at, c.version,
  (select to_json(x) from (
    select c.id, c.name, c.email, c.phone, c.address, c.notes, c.tags, c.is_vip, c.sms_consent,
      iso(c.deleted_at) as deleted_at, iso(c.created_at) as created_at, iso(c.updated_at) as updated_at, c.version
  ) x) as shape
from customers c;

create or replace view vehicle_shapes as
select v.id, v.customer_id, v.created_at, v.deleted_at, v.version,
  (select to_json(x) from (
    select v.id, v.customer_id, v.year, v.make, v.model, v.trim, v.color, v.vin, v.license_plate, v.mileage,
      v.is_primary, v.is_active, v.notes,
      iso(v.deleted_at) as deleted_at, iso(v.created_at) as created_at, iso(v.updated_at) as updated_at, v.version
  ) x) as shape
from vehicles v;

create or replace view service_shapes as
select s.id, lower(s.name) as name_key, s.category, s.kind, s.is_active, s.deleted_at, s.version,
  (select to_json(x) from (
    select s.id, s.code, s.name, s.category, s.description, s.duration_minutes, s.price_cents, s.kind, s.skills,
      s.is_active,
      coalesce(
        (select json_agg(json_build_object('service_id', i.service_id, 'quantity', i.quantity) order by i.position)
         from service_items i where i.package_id = s.id),
        '[]'::json) as items,
      iso(s.deleted_at) as deleted_at, iso(s.created_at) as created_at, iso(s.updated_at) as updated_at, s.version
  ) x) as shape
from services s;

create or replace view technician_shapes as
select t.id, t.staff_id, lower(t.name) as name_key, t.is_active, t.version,
  (select to_json(x) from (
    select t.id, t.staff_id, t.name, t.initials, t.phone, t.skills,
      case when t.start_lat is not null then json_build_object('lat', t.start_lat, 'lng', t.start_lng) end as start,
      t.is_active, iso(t.created_at) as created_at, iso(t.updated_at) as updated_at, t.version
  ) x) as shape
from technicians t;

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
      a.notes, a.force_reason,
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
) s on true;
