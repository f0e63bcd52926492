create table settings (
  id uuid primary key,
  shop_name text not null,
  licence_number text,
  timezone text not null,
  phone_region text not null,
  labour_tax_basis_points integer not null default 0,
  parts_tax_basis_points integer not null default 0,
  buffer_before_minutes integer not null default 0,
  buffer_after_minutes integer not null default 0,
  lead_minutes integer not null default 0,
  horizon_days integer not null default 365,
  -- Null: as many as fit.
  jobs_per_day integer,
  authorization_tolerance_cents integer not null default 0,
  -- The first start fills in what the environment says; from then on the row alone counts.
  seeded_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint settings_one_row check (id = '00000000-0000-7000-8000-000000000001'),
  -- Fails for a zone that this PostgreSQL does not know: SQL reckons in it too.
  constraint settings_timezone_known check (timezone(timezone, timestamptz '2000-01-01') is not null),
  constraint settings_phone_region_form check (phone_region ~ '^[A-Z]{2}$'),
  constraint settings_taxes_sane check (
    labour_tax_basis_points between 0 and 10000 and parts_tax_basis_points between 0 and 10000),
  constraint settings_minutes_sane check (
    buffer_before_minutes between 0 and 240 and buffer_after_minutes between 0 and 240 and lead_minutes >= 0),
  constraint settings_days_sane check (horizon_days > 0 and jobs_per_day > 0),
  constraint settings_tolerance_sane check (authorization_tolerance_cents >= 0)
);

-- Always there, so that nobody who reads it has to think of a shop without settings.
insert into settings (id, shop_name, timezone, phone_region)
values ('00000000-0000-7000-8000-000000000001', 'Edgar''s Mobile Auto Shop', 'America/Los_Angeles', 'US');

create trigger journal after update on settings
  for each row when (
    current_setting('shop.journal', true) is distinct from 'off' and old.seeded_at is not distinct from new.seeded_at)
  execute function write_journal('settings');

create view settings_shapes as
select s.version,
  (select to_json(x) from (
    select s.shop_name, s.licence_number, s.timezone, s.phone_region,
      s.labour_tax_basis_points, s.parts_tax_basis_points, s.buffer_before_minutes, s.buffer_after_minutes,
      s.lead_minutes, s.horizon_days, s.jobs_per_day, s.authorization_tolerance_cents,
      iso(s.created_at) as created_at, iso(s.updated_at) as updated_at, s.version
  ) x) as shape
from settings s;
