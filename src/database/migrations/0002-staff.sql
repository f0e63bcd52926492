create table staff (
  id uuid primary key,
  email text not null,
  name text not null,
  role text not null,
  password_hash text not null,
  is_active boolean not null default true,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint staff_role_known check (role in ('owner', 'advisor', 'technician', 'accountant'))
);
create unique index staff_email_taken on staff (lower(email));
create index staff_by_name on staff (lower(name), id);

-- One row per login. Its refresh tokens form a family: when one is used twice, the session ends.
create table sessions (
  id uuid primary key,
  staff_id uuid not null references staff on delete cascade,
  expires_at timestamptz(3) not null,
  ended_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index sessions_by_staff on sessions (staff_id) where ended_at is null;
create index sessions_by_expiry on sessions (expires_at);

create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  used_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index refresh_tokens_by_session on refresh_tokens (session_id);

-- Counters of failed attempts, shared by all workers and boxes. Unlogged: a crash may forget them.
create unlogged table attempts (
  subject text primary key,
  failures integer not null,
  window_ends_at timestamptz(3) not null
);
create index attempts_by_window on attempts (window_ends_at);

create view staff_shapes as
select s.id, lower(s.name) as name_key, s.is_active, s.version,
  json_build_object(
    'id', s.id, 'email', s.email, 'name', s.name, 'role', s.role, 'is_active', s.is_active,
    'created_at', iso(s.created_at), 'updated_at', iso(s.updated_at), 'version', s.version
  ) as shape
from staff s;
