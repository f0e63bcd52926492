create table customers (
  id uuid primary key,
  name text not null,
  email text,
  phone text,
  address text,
  notes text,
  tags text[] not null default '{}',
  is_vip boolean not null default false,
  sms_consent boolean not null default false,
  deleted_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint customers_reachable check (email is not null or phone is not null)
);
create unique index customers_email_taken on customers (lower(email)) where deleted_at is null;
create unique index customers_phone_taken on customers (phone) where deleted_at is null;
create index customers_by_name on customers (lower(name), id);
create index customers_by_creation on customers (created_at, id);
create index customers_by_name_part on customers using gin (lower(name) gin_trgm_ops);
create index customers_by_email_part on customers using gin (lower(email) gin_trgm_ops);
create index customers_by_phone_part on customers using gin (phone gin_trgm_ops);

create table vehicles (
  id uuid primary key,
  customer_id uuid not null references customers,
  year integer not null,
  make text not null,
  model text not null,
  trim text,
  color text,
  vin text,
  license_plate text,
  mileage integer,
  is_primary boolean not null default false,
  is_active boolean not null default true,
  notes text,
  deleted_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint vehicles_mileage_sane check (mileage >= 0)
);
create unique index vehicles_vin_taken on vehicles (vin) where is_active and deleted_at is null;
create unique index vehicles_plate_taken on vehicles (license_plate) where is_active and deleted_at is null;
create unique index vehicles_one_primary on vehicles (customer_id) where is_primary and deleted_at is null;
create index vehicles_by_customer on vehicles (customer_id, created_at, id);
create index vehicles_by_creation on vehicles (created_at, id);
create index vehicles_by_vin_part on vehicles using gin (lower(vin) gin_trgm_ops);
create index vehicles_by_plate_part on vehicles using gin (lower(license_plate) gin_trgm_ops);
create index vehicles_by_model_part on vehicles using gin (lower(make || ' ' || model) gin_trgm_ops);

create view customer_shapes as
select c.id, lower(c.name) as name_key, c.created_at, c.deleted_at, c.version,
  json_build_object(
    'id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone, 'address', c.address, 'notes', c.notes,
    'tags', c.tags, 'is_vip', c.is_vip, 'sms_consent', c.sms_consent, 'deleted_at', iso(c.deleted_at),
    'created_at', iso(c.created_at), 'updated_at', iso(c.updated_at), 'version', c.version
  ) as shape
from customers c;

create view vehicle_shapes as
select v.id, v.customer_id, v.created_at, v.deleted_at, v.version,
  json_build_object(
    'id', v.id, 'customer_id', v.customer_id, 'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim,
    'color', v.color, 'vin', v.vin, 'license_plate', v.license_plate, 'mileage', v.mileage,
    'is_primary', v.is_primary, 'is_active', v.is_active, 'notes', v.notes, 'deleted_at', iso(v.deleted_at),
    'created_at', iso(v.created_at), 'updated_at', iso(v.updated_at), 'version', v.version
  ) as shape
from vehicles v;
