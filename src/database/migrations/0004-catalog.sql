create table services (
  id uuid primary key,
  code text not null,
  name text not null,
  category text not null,
  description text,
  duration_minutes integer not null,
  price_cents integer not null,
  kind text not null,
  skills text[] not null default '{}',
  is_active boolean not null default true,
  deleted_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint services_kind_known check (kind in ('labour', 'part', 'package')),
  constraint services_duration_sane check (duration_minutes between 0 and 2880),
  constraint services_price_sane check (price_cents >= 0)
);
create unique index services_code_taken on services (upper(code)) where deleted_at is null;
create index services_by_name on services (lower(name), id);

create table service_items (
  package_id uuid not null references services on delete cascade,
  position integer not null,
  service_id uuid not null references services,
  quantity integer not null,
  primary key (package_id, position),
  constraint service_items_quantity_sane check (quantity between 1 and 1000),
  constraint service_items_not_itself check (service_id <> package_id)
);
create index service_items_by_service on service_items (service_id);

create view service_shapes as
select s.id, lower(s.name) as name_key, s.category, s.kind, s.is_active, s.deleted_at, s.version,
  json_build_object(
    'id', s.id, 'code', s.code, 'name', s.name, 'category', s.category, 'description', s.description,
    'duration_minutes', s.duration_minutes, 'price_cents', s.price_cents, 'kind', s.kind, 'skills', s.skills,
    'is_active', s.is_active, 'deleted_at', iso(s.deleted_at),
    'items', coalesce(
      (select json_agg(json_build_object('service_id', i.service_id, 'quantity', i.quantity) order by i.position)
       from service_items i where i.package_id = s.id),
      '[]'::json),
    'created_at', iso(s.created_at), 'updated_at', iso(s.updated_at), 'version', s.version
  ) as shape
from services s;

create table technicians (
  id uuid primary key,
  staff_id uuid references staff,
  name text not null,
  initials text not null,
  phone text,
  skills text[] not null default '{}',
  start_lat double precision,
  start_lng double precision,
  is_active boolean not null default true,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint technicians_start_whole check ((start_lat is null) = (start_lng is null))
);
create unique index technicians_staff_taken on technicians (staff_id);
create index technicians_by_name on technicians (lower(name), id);

create view technician_shapes as
select t.id, t.staff_id, lower(t.name) as name_key, t.is_active, t.version,
  json_build_object(
    'id', t.id, 'staff_id', t.staff_id, 'name', t.name, 'initials', t.initials, 'phone', t.phone, 'skills', t.skills,
    'start', case when t.start_lat is not null then json_build_object('lat', t.start_lat, 'lng', t.start_lng) end,
    'is_active', t.is_active,
    'created_at', iso(t.created_at), 'updated_at', iso(t.updated_at), 'version', t.version
  ) as shape
from technicians t;
