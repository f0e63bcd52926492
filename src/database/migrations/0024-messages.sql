-- What the shop writes to its customers, and what is to be filled in.
create table message_templates (
  id uuid primary key,
  name text not null,
  -- What the shop tells by itself with it; null: it is sent when somebody sends it.
  kind text,
  channel text not null,
  subject text,
  body text not null,
  is_active boolean not null default true,
  deleted_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint message_templates_kind_known check (kind in (
    'booked', 'moved', 'canceled', 'reminder_day', 'reminder_soon', 'on_the_way', 'ready', 'thanks')),
  constraint message_templates_channel_known check (channel in ('sms', 'email')),
  constraint message_templates_subject_of_mails check ((channel = 'email') = (subject is not null))
);
create unique index message_templates_kind_taken on message_templates (kind, channel)
  where is_active and deleted_at is null;

-- Nothing in them is missing from any job: a job may lack its vehicle, technician, services and place.
insert into message_templates (id, name, kind, channel, subject, body) values
  ('019b76da-a800-7101-9513-14335cfd0601', 'Booked', 'booked', 'sms', null,
    '{{shop_name}}: {{customer_name}}, your visit is booked for {{starts_at}}. Reply STOP to end texts.'),
  ('019b76da-a800-7102-9513-14335cfd0602', 'Moved', 'moved', 'sms', null,
    '{{shop_name}}: your visit has moved. We come on {{starts_at}}.'),
  ('019b76da-a800-7103-9513-14335cfd0603', 'Canceled', 'canceled', 'sms', null,
    '{{shop_name}}: your visit on {{starts_at}} is canceled.'),
  ('019b76da-a800-7104-9513-14335cfd0604', 'Reminder, a day before', 'reminder_day', 'sms', null,
    '{{shop_name}}: a reminder of your visit on {{starts_at}}.'),
  ('019b76da-a800-7105-9513-14335cfd0605', 'Reminder, two hours before', 'reminder_soon', 'sms', null,
    '{{shop_name}}: see you today. We come at {{starts_time}}.'),
  ('019b76da-a800-7106-9513-14335cfd0606', 'On the way', 'on_the_way', 'sms', null,
    '{{shop_name}}: {{customer_name}}, we are on the way to you.'),
  ('019b76da-a800-7107-9513-14335cfd0607', 'Ready', 'ready', 'sms', null,
    '{{shop_name}}: {{customer_name}}, your vehicle is ready.'),
  ('019b76da-a800-7108-9513-14335cfd0608', 'Thanks', 'thanks', 'sms', null,
    '{{shop_name}}: thank you for your trust, {{customer_name}}!'),
  ('019b76da-a800-7109-9513-14335cfd0609', 'Booked', 'booked', 'email', 'Your visit on {{starts_at}}',
    E'Hello {{customer_name}},\n\nyour visit is booked for {{starts_at}}.\n\n{{shop_name}}'),
  ('019b76da-a800-710a-9513-14335cfd060a', 'Moved', 'moved', 'email', 'Your visit has moved to {{starts_at}}',
    E'Hello {{customer_name}},\n\nyour visit has moved. We come on {{starts_at}}.\n\n{{shop_name}}'),
  ('019b76da-a800-710b-9513-14335cfd060b', 'Canceled', 'canceled', 'email', 'Your visit on {{starts_at}} is canceled',
    E'Hello {{customer_name}},\n\nyour visit on {{starts_at}} is canceled.\n\n{{shop_name}}'),
  ('019b76da-a800-710c-9513-14335cfd060c', 'Reminder, a day before', 'reminder_day', 'email',
    'A reminder of your visit on {{starts_at}}',
    E'Hello {{customer_name}},\n\na reminder of your visit on {{starts_at}}.\n\n{{shop_name}}'),
  ('019b76da-a800-710d-9513-14335cfd060d', 'Reminder, two hours before', 'reminder_soon', 'email',
    'See you today at {{starts_time}}',
    E'Hello {{customer_name}},\n\nsee you today. We come at {{starts_time}}.\n\n{{shop_name}}'),
  ('019b76da-a800-710e-9513-14335cfd060e', 'On the way', 'on_the_way', 'email', 'We are on the way to you',
    E'Hello {{customer_name}},\n\nwe are on the way to you.\n\n{{shop_name}}'),
  ('019b76da-a800-710f-9513-14335cfd060f', 'Ready', 'ready', 'email', 'Your vehicle is ready',
    E'Hello {{customer_name}},\n\nyour vehicle is ready.\n\n{{shop_name}}'),
  ('019b76da-a800-7110-9513-14335cfd0610', 'Thanks', 'thanks', 'email', 'Thank you',
    E'Hello {{customer_name}},\n\nthank you for your trust!\n\n{{shop_name}}');

alter table messages
  add column template_id uuid references message_templates,
  -- What the shop told by itself; null: somebody wrote it.
  add column kind text,
  -- The start that the customer was told with it.
  add column starts_at timestamptz(3),
  -- Of a text: what the provider calls it.
  add column provider_id text;
create unique index messages_provider_id_taken on messages (direction, provider_id) where provider_id is not null;
create index messages_by_template on messages (template_id, created_at) where template_id is not null;

-- ONE queue of all that is to be sent. A mail to the staff has its recipient and text here. What goes to a customer
-- belongs to a job: what somebody wrote stands in messages already; what the shop tells by itself has no text until a
-- sender claims it, so that it can tell nothing but the job as it stands then.
update outbox set status = 'canceled', body = '' where status = 'queued';
alter table outbox rename column template to kind;
alter table outbox
  alter column recipient drop not null,
  alter column subject drop not null,
  alter column body drop not null,
  add column appointment_id uuid references appointments,
  add column message_id uuid references messages,
  add column channel text,
  -- Which start a notice is for: one of each kind for each start.
  add column starts_at timestamptz(3),
  -- While it is being sent: until when it is left to whoever claimed it.
  add column due_at timestamptz(3) not null default now(),
  add column attempts integer not null default 0,
  add column error text,
  drop constraint outbox_status_known,
  add constraint outbox_status_known check (status in ('queued', 'sending', 'sent', 'failed', 'canceled')),
  add constraint outbox_whole check (appointment_id is not null or recipient is not null);
drop index outbox_queued;
drop index outbox_by_age;
create index outbox_by_age on outbox (created_at, id);
create index outbox_by_status on outbox (status, created_at, id);
create index outbox_due on outbox (due_at, id) where status in ('queued', 'sending');
create index outbox_by_appointment on outbox (appointment_id) where appointment_id is not null;
create unique index outbox_of_message on outbox (message_id) where message_id is not null;
create unique index outbox_notice_once on outbox (appointment_id, kind, starts_at)
  where kind in ('reminder_day', 'reminder_soon', 'on_the_way', 'ready', 'thanks') and status <> 'canceled';

alter table settings
  add column messages_per_hour integer not null default 10,
  add constraint settings_messages_sane check (messages_per_hour between 1 and 1000);

create trigger journal after insert or update or delete on message_templates
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('message_template');
create trigger journal after insert or update of status or delete on messages
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('message');

create view message_template_shapes as
select t.id, lower(t.name) as name_key, t.kind, t.channel, t.deleted_at, t.version,
  (select to_json(x) from (
    select t.id, t.name, t.kind, t.channel, t.subject, t.body, t.is_active,
      iso(t.deleted_at) as deleted_at, iso(t.created_at) as created_at, iso(t.updated_at) as updated_at, t.version
  ) x) as shape
from message_templates t;

create view message_shapes as
select m.id, m.appointment_id, m.created_at,
  (select to_json(x) from (
    select m.id, m.appointment_id, m.channel, m.direction, m.body, m.status, iso(m.created_at) as created_at,
      iso(m.sent_at) as sent_at
  ) x) as shape
from messages m;

create view delivery_shapes as
select o.id, o.appointment_id, o.status, o.created_at,
  (select to_json(x) from (
    select o.id, o.kind, o.appointment_id, o.message_id, o.channel, o.recipient, o.status, o.attempts, o.error,
      iso(o.due_at) as due_at, iso(o.sent_at) as sent_at, iso(o.created_at) as created_at
  ) x) as shape
from outbox o;

create or replace view settings_shapes as
select s.version,
  (select to_json(x) from (
    select s.shop_name, s.licence_number, s.timezone, s.phone_region,
      s.labour_tax_basis_points, s.parts_tax_basis_points, s.buffer_before_minutes, s.buffer_after_minutes,
      s.lead_minutes, s.horizon_days, s.jobs_per_day, s.authorization_tolerance_cents,
      s.outside_area, s.travel_road_percent, s.travel_speeds_kmh, s.messages_per_hour,
      iso(s.created_at) as created_at, iso(s.updated_at) as updated_at, s.version
  ) x) as shape
from settings s;
