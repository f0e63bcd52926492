-- A hold of a stranger: the hash of the network that it was asked from. Null: of the staff.
alter table appointments
  add column hold_stranger bytea,
  -- When the customer said that they will be there.
  add column confirmed_at timestamptz(3),
  -- Links that were given out before open the job no more.
  add column links_ended_at timestamptz(3),
  add constraint appointments_hold_stranger_held check (hold_stranger is null or status = 'held');
create index appointments_held_by_stranger on appointments (hold_stranger, hold_expires_at) where hold_stranger is not null;

-- What opens one job to its customer, until 30 days after its end. Of a token only the hash is kept: it has nothing to
-- do with the keys that sign access tokens, and outlives them.
create table appointment_links (
  token_hash bytea primary key,
  appointment_id uuid not null references appointments on delete cascade,
  created_at timestamptz(3) not null default now()
);
create index appointment_links_by_appointment on appointment_links (appointment_id);

create view public_service_shapes as
select s.id, lower(s.name) as name_key, s.category, s.kind,
  (select to_json(x) from (
    select s.id, s.name, s.category, s.description, s.duration_minutes, s.price_cents, s.kind
  ) x) as shape
from services s where s.is_active and s.deleted_at is null;

create view public_hold_shapes as
select h.id, h.technician_id, h.hold_expires_at,
  (select to_json(x) from (
    select h.id, h.technician_id, iso(h.starts_at) as starts_at, iso(h.ends_at) as ends_at,
      case when h.location_address is not null or h.location_lat is not null then
        json_build_object('address', h.location_address, 'lat', h.location_lat, 'lng', h.location_lng)
      end as location,
      (select coalesce(json_agg(json_build_object(
          'service_id', l.service_id, 'name', l.name, 'kind', l.kind, 'quantity', l.quantity,
          'duration_minutes', l.duration_minutes, 'price_cents', l.price_cents) order by l.place), '[]'::json)
        from rows from (jsonb_to_recordset(h.hold_services) as (
          service_id uuid, name text, kind text, quantity integer, duration_minutes integer, price_cents integer)
        ) with ordinality as l (service_id, name, kind, quantity, duration_minutes, price_cents, place)) as services,
      iso(h.hold_expires_at) as expires_at, h.trip_fee_cents, h.needs_review
  ) x) as shape
from appointments h where h.status = 'held' and h.hold_stranger is not null;

-- Whoever books under somebody's address gets a link too: so nothing that the shop knows about the customer is shown,
-- neither the vehicle as it is written there, nor a place or notes that the staff may have added.
create view public_appointment_shapes as
select a.id, a.version,
  (select to_json(x) from (
    select a.id, a.status, a.technician_id, iso(a.starts_at) as starts_at, iso(a.ends_at) as ends_at,
      coalesce(s.lines, '[]'::json) as services,
      coalesce(i.total_cents, s.total_cents, 0) as total_cents, a.trip_fee_cents, a.needs_review,
      iso(a.confirmed_at) as confirmed_at, iso(a.canceled_at) as canceled_at, iso(a.created_at) as created_at
  ) x) as shape
from appointments a
left join invoices i on i.appointment_id = a.id and i.status <> 'void'
left join lateral (
  select json_agg(to_json(line) order by l.position) as lines, sum(l.quantity * l.price_cents::bigint) as total_cents
  from appointment_services l, lateral (
    select l.service_id, l.name, l.kind, l.quantity, l.duration_minutes, l.price_cents
  ) line
  where l.appointment_id = a.id
) s on true
where a.status <> 'held' and a.deleted_at is null;

-- Who acts may be a customer, by booking for themselves or with the link of a job.
create or replace view audit_shapes as
select j.id, j.at, j.actor_id, j.entity, j.entity_id,
  (select to_json(x) from (
    select j.id, iso(j.at) as at,
      case when s.id is not null or c.id is not null then
        json_build_object('id', coalesce(s.id, c.id), 'name', coalesce(s.name, c.name), 'role', j.actor_role)
      end as actor,
      j.action, j.entity, j.entity_id, j.changes, j.correlation_id
  ) x) as shape
from journal j
left join staff s on s.id = j.actor_id
left join customers c on c.id = j.actor_id and j.actor_role = 'customer';
