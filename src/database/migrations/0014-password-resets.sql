-- Messages to staff and customers that are no part of a job's conversation. Whoever sends one sets sent_at and
-- empties the body: until then the body of a password_reset holds a token that opens the account. No journal.
create table outbox (
  id uuid primary key,
  template text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  status text not null default 'queued',
  sent_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  constraint outbox_status_known check (status in ('queued', 'sent', 'failed', 'canceled'))
);
create index outbox_queued on outbox (created_at, id) where status = 'queued';
create index outbox_by_age on outbox (created_at);

-- One row for each time somebody asked, also for an address that nobody has: then staff_id is null, and the token
-- opens nothing. So the work is the same, and its time tells nothing.
create table password_resets (
  token_hash bytea primary key,
  staff_id uuid references staff on delete cascade,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index password_resets_by_staff on password_resets (staff_id) where used_at is null;
create index password_resets_by_expiry on password_resets (expires_at);
