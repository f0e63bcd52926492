-- Who is told of what happens, over HTTP. The secrets stand here as they are: without them nothing can be signed.
create table webhooks (
  id uuid primary key,
  url text not null,
  events text[] not null,
  is_active boolean not null default true,
  -- Why the shop itself has put it off: the receiver said that it is gone, or only failed for a day.
  disabled_reason text,
  secret text not null,
  -- Until then the secret before signs too.
  old_secret text,
  old_secret_ends_at timestamptz(3),
  secret_changed_at timestamptz(3) not null default now(),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint webhooks_disabled_reason_known check (disabled_reason in ('gone', 'failing'))
);
create index webhooks_by_creation on webhooks (created_at, id);
create trigger journal after insert or update or delete on webhooks
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('webhook');

-- How far each has come: no thing of the shop, and no journal, else each delivery would be an event again.
create table webhook_progress (
  webhook_id uuid primary key references webhooks on delete cascade,
  -- The last place of the feed that deliveries were made of.
  position bigint not null,
  -- Until then one dispatcher alone sends to it: so its deliveries go out in the order of the feed.
  leased_until timestamptz(3),
  -- Since its last success; null while there is none to complain of.
  failing_since timestamptz(3)
);

create table webhook_deliveries (
  id uuid primary key,
  webhook_id uuid not null references webhooks on delete cascade,
  -- Null for what is no change, such as a test.
  position bigint,
  type text not null,
  -- Signed as it stands.
  body text not null,
  status text not null default 'pending',
  attempts integer not null default 0,
  next_attempt_at timestamptz(3),
  response_status integer,
  -- The first characters of the answer.
  response_excerpt text,
  error text,
  duration_ms integer,
  delivered_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  constraint webhook_deliveries_status_known check (status in ('pending', 'delivered', 'failed', 'canceled')),
  constraint webhook_deliveries_once unique (webhook_id, position)
);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at) where status = 'pending';
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, created_at, id);
create index webhook_deliveries_by_age on webhook_deliveries (created_at);

create view webhook_shapes as
select w.id, w.created_at, w.version,
  (select to_json(x) from (
    select w.id, w.url, to_json(w.events) as events, w.is_active, w.disabled_reason,
      iso(w.secret_changed_at) as secret_changed_at,
      iso(w.created_at) as created_at, iso(w.updated_at) as updated_at, w.version
  ) x) as shape
from webhooks w;

create view webhook_delivery_shapes as
select d.id, d.webhook_id, d.status, d.created_at,
  (select to_json(x) from (
    select d.id, d.webhook_id, d.type, d.body::json as payload, d.status, d.attempts,
      iso(d.next_attempt_at) as next_attempt_at, d.response_status, d.response_excerpt, d.error, d.duration_ms,
      iso(d.delivered_at) as delivered_at, iso(d.created_at) as created_at
  ) x) as shape
from webhook_deliveries d;
