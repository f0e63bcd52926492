create table appointments (
  id uuid primary key,
  status text not null default 'scheduled',
  customer_id uuid not null references customers,
  vehicle_id uuid references vehicles,
  technician_id uuid references technicians,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  location_address text,
  location_lat double precision,
  location_lng double precision,
  notes text,
  -- A forced job stands in another lane of its technician, so that the overlap is stored and permitted.
  lane integer not null default 0,
  force_reason text,
  forced_by uuid references staff,
  en_route_at timestamptz(3),
  started_at timestamptz(3),
  ready_at timestamptz(3),
  completed_at timestamptz(3),
  no_show_at timestamptz(3),
  canceled_at timestamptz(3),
  deleted_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint appointments_status_known check (
    status in ('scheduled', 'en_route', 'in_progress', 'ready', 'completed', 'no_show', 'canceled')),
  constraint appointments_span_sane check (
    ends_at > starts_at and ends_at - starts_at <= interval '48 hours'),
  constraint appointments_place_whole check ((location_lat is null) = (location_lng is null)),
  constraint appointments_lane_permitted check (lane = 0 or (lane > 0 and force_reason is not null)),
  constraint appointments_technician_free exclude using gist (
    technician_id with =, lane with =, tstzrange(starts_at, ends_at) with &&
  ) where (technician_id is not null and deleted_at is null
    and status in ('scheduled', 'en_route', 'in_progress', 'ready')),
  constraint appointments_vehicle_free exclude using gist (
    vehicle_id with =, tstzrange(starts_at, ends_at) with &&
  ) where (vehicle_id is not null and deleted_at is null
    and status in ('scheduled', 'en_route', 'in_progress', 'ready'))
);
create index appointments_by_start on appointments (starts_at, id);
create index appointments_by_change on appointments (updated_at, id);
create index appointments_by_customer on appointments (customer_id, starts_at, id);
create index appointments_by_vehicle on appointments (vehicle_id, starts_at, id);
create index appointments_by_technician on appointments (technician_id, starts_at, id);

create table appointment_services (
  id uuid primary key,
  appointment_id uuid not null references appointments on delete cascade,
  position integer not null,
  service_id uuid not null references services,
  name text not null,
  kind text not null,
  quantity integer not null,
  duration_minutes integer not null,
  price_cents integer not null,
  constraint appointment_services_position_taken unique (appointment_id, position),
  constraint appointment_services_quantity_sane check (quantity between 1 and 1000),
  constraint appointment_services_price_sane check (price_cents >= 0)
);
create index appointment_services_by_service on appointment_services (service_id);
