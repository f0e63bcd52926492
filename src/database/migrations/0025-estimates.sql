-- What work will cost, and what of it the customer has authorized. An estimate has one number for its row and for the
-- document: every change raises its version.
create table estimates (
  id uuid primary key,
  number integer not null,
  customer_id uuid not null references customers,
  vehicle_id uuid references vehicles,
  appointment_id uuid references appointments,
  status text not null default 'draft',
  currency text not null default 'USD',
  subtotal_cents bigint not null default 0,
  discount_cents bigint not null default 0,
  tax_cents bigint not null default 0,
  total_cents bigint not null default 0,
  notes text,
  -- The customer's link ends then; without it 30 days after it was made.
  valid_until timestamptz(3),
  sent_at timestamptz(3),
  converted_at timestamptz(3),
  links_ended_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint estimates_number_taken unique (number),
  constraint estimates_status_known check (
    status in ('draft', 'sent', 'approved', 'partly_approved', 'declined', 'converted')),
  constraint estimates_sent_unless_draft check ((sent_at is null) = (status = 'draft')),
  constraint estimates_converted_to_a_job check (
    (converted_at is not null) = (status = 'converted') and (status <> 'converted' or appointment_id is not null)),
  constraint estimates_sums_agree check (total_cents = subtotal_cents - discount_cents + tax_cents)
);
create unique index estimates_one_per_appointment on estimates (appointment_id) where appointment_id is not null;
create index estimates_by_creation on estimates (created_at, id);
create index estimates_by_customer on estimates (customer_id, created_at, id);
create index estimates_by_vehicle on estimates (vehicle_id, created_at, id);

create table estimate_lines (
  id uuid primary key,
  estimate_id uuid not null references estimates on delete cascade,
  position integer not null,
  service_id uuid references services,
  kind text not null,
  name text not null,
  quantity integer not null,
  unit_price_cents bigint not null,
  discount_cents bigint not null default 0,
  tax_basis_points integer not null default 0,
  tax_cents bigint not null default 0,
  total_cents bigint not null,
  -- The version in which it became what it is: what was decided before then was about something else.
  since_version integer not null,
  constraint estimate_lines_position_taken unique (estimate_id, position),
  constraint estimate_lines_total_agrees check (
    total_cents = quantity * unit_price_cents - discount_cents + tax_cents)
);

-- What a customer said to one line. The line may change or go; this stays as it was said.
create table estimate_authorizations (
  id uuid primary key,
  estimate_id uuid not null references estimates,
  line_id uuid not null,
  -- Of the estimate, which it made.
  version integer not null,
  decision text not null,
  line_name text not null,
  amount_cents bigint not null,
  name text not null,
  method text not null,
  -- The telephone number or address that was called or written to.
  contact text,
  text text not null,
  -- Null: by the customer's own link.
  recorded_by uuid references staff,
  created_at timestamptz(3) not null default now(),
  constraint estimate_authorizations_once unique (line_id, version),
  constraint estimate_authorizations_decision_known check (decision in ('approved', 'declined')),
  constraint estimate_authorizations_method_known check (method in ('in_person', 'phone', 'text', 'link'))
);
create index estimate_authorizations_by_estimate on estimate_authorizations (estimate_id, created_at, id);

-- What opens one estimate to its customer: one at a time. Of a token only the hash is kept.
create table estimate_links (
  estimate_id uuid primary key references estimates on delete cascade,
  token_hash bytea not null,
  created_at timestamptz(3) not null default now(),
  constraint estimate_links_token_taken unique (token_hash)
);

-- Read under a lock that is held until the commit: an estimate that was rolled back leaves no gap.
create function next_estimate_number() returns integer language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('estimate number')::bigint);
  -- A statement of its own: it sees what was committed while this one waited.
  return (select coalesce(max(number), 0) + 1 from estimates);
end $$;

-- The one place that says what was decided of a line: the last word on it as it stands.
create view estimate_decisions as
select l.estimate_id, l.id as line_id, l.total_cents, a.decision
from estimate_lines l left join lateral (
  select decision, amount_cents, version from estimate_authorizations
  where line_id = l.id order by version desc limit 1
) a on a.version >= l.since_version and a.amount_cents = l.total_cents;

-- What may be billed for a job whose customer was given an estimate.
create view job_authorizations as
select e.appointment_id, e.id as estimate_id, (
  select coalesce(sum(d.total_cents) filter (where d.decision = 'approved'), 0)::bigint
  from estimate_decisions d where d.estimate_id = e.id
) as authorized_cents
from estimates e where e.appointment_id is not null and e.status <> 'draft';

-- An invoice and what it is bound by are changed under the lock of their job, whoever writes: so neither overtakes the
-- other. A job that is billed keeps its estimate as it is, until its invoice is void.
create function refuse_when_billed(job uuid) returns void language plpgsql as $$
begin
  if job is null then return; end if;
  perform from appointments where id = job for no key update;
  perform from invoices where appointment_id = job and status not in ('draft', 'void');
  if found then
    raise exception 'a job that is billed keeps its estimate as it is'
      using errcode = 'check_violation', constraint = 'estimates_open';
  end if;
end $$;

create function bind_estimate() returns trigger language plpgsql as $$
begin
  perform refuse_when_billed(new.appointment_id);
  if tg_op = 'UPDATE' then perform refuse_when_billed(old.appointment_id); end if;
  return new;
end $$;
create trigger bound before insert on estimates
  for each row when (new.status <> 'draft') execute function bind_estimate();
create trigger bound_later before update on estimates
  for each row when (
    (old.status = 'draft') <> (new.status = 'draft')
    or (new.status <> 'draft' and old.appointment_id is distinct from new.appointment_id))
  execute function bind_estimate();

create function change_estimate_line() returns trigger language plpgsql as $$
declare
  job uuid;
begin
  for job in
    select appointment_id from estimates where id in (old.estimate_id, new.estimate_id) and status <> 'draft'
  loop
    perform refuse_when_billed(job);
  end loop;
  return coalesce(new, old);
end $$;
create trigger bound before insert or update or delete on estimate_lines
  for each row execute function change_estimate_line();

create function authorize_line() returns trigger language plpgsql as $$
declare
  estimate estimates;
begin
  perform refuse_when_billed((select appointment_id from estimates where id = new.estimate_id));
  select * into estimate from estimates where id = new.estimate_id for no key update;
  perform from estimate_lines
  where id = new.line_id and estimate_id = new.estimate_id and total_cents = new.amount_cents;
  if not found or estimate.status = 'draft' or new.version <> estimate.version then
    raise exception 'only what was sent can be authorized, as it stands'
      using errcode = 'check_violation', constraint = 'estimate_authorizations_of_what_stands';
  end if;
  return new;
end $$;
create trigger of_what_stands before insert on estimate_authorizations
  for each row execute function authorize_line();

create function refuse_to_forget() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused: it stays as it was said', lower(tg_op), tg_table_name
    using errcode = 'check_violation', constraint = 'estimates_kept';
end $$;
create trigger kept before update or delete on estimate_authorizations
  for each row execute function refuse_to_forget();
create trigger kept before delete on estimates
  for each row when (old.status <> 'draft') execute function refuse_to_forget();

create function hold_to_authorization() returns trigger language plpgsql as $$
begin
  perform from appointments where id = new.appointment_id for no key update;
  perform from job_authorizations j, settings s
  where j.appointment_id = new.appointment_id
    and new.total_cents > j.authorized_cents + s.authorization_tolerance_cents;
  if found then
    raise exception 'more is billed than the customer has authorized'
      using errcode = 'check_violation', constraint = 'invoices_within_authorization';
  end if;
  return new;
end $$;
create trigger within_authorization before insert on invoices
  for each row when (new.status not in ('draft', 'void')) execute function hold_to_authorization();
create trigger within_authorization_later before update on invoices
  for each row when (new.status not in ('draft', 'void')
    and (old.status in ('draft', 'void') or old.total_cents <> new.total_cents
      or old.appointment_id <> new.appointment_id))
  execute function hold_to_authorization();

create function convert_estimate() returns trigger language plpgsql as $$
begin
  update estimates set status = 'converted', converted_at = now(), updated_at = now(), version = version + 1
  where appointment_id = new.appointment_id and status in ('approved', 'partly_approved');
  return null;
end $$;
create trigger convert_estimate after insert on invoices for each row execute function convert_estimate();

create trigger journal after insert or update or delete on estimates
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('estimate');
create trigger journal after insert or update or delete on estimate_lines
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('estimate', 'estimate_id', 'lines');
create trigger journal after insert on estimate_authorizations
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('estimate', 'estimate_id', 'authorizations');

create view estimate_shapes as
select e.id, e.customer_id, e.vehicle_id, e.appointment_id, e.status, e.created_at, e.version,
  (select to_json(x) from (
    select e.id, e.number, e.version, e.status, e.customer_id, e.vehicle_id, e.appointment_id, e.currency,
      coalesce(l.lines, '[]'::json) as lines,
      e.subtotal_cents, e.discount_cents, e.tax_cents, e.total_cents, coalesce(l.authorized_cents, 0) as authorized_cents,
      e.notes, iso(e.valid_until) as valid_until, iso(e.sent_at) as sent_at, iso(e.converted_at) as converted_at,
      iso(e.created_at) as created_at, iso(e.updated_at) as updated_at
  ) x) as shape
from estimates e
left join lateral (
  select json_agg(to_json(line) order by l.position) as lines,
    sum(l.total_cents) filter (where d.decision = 'approved') as authorized_cents
  from estimate_lines l join estimate_decisions d on d.line_id = l.id, lateral (
    select l.id, l.position, l.service_id, l.kind, l.name, l.quantity, l.unit_price_cents, l.discount_cents,
      l.tax_basis_points, l.tax_cents, l.total_cents, d.decision
  ) line
  where l.estimate_id = e.id
) l on true;

-- For whoever has the link: nothing of the customer, no notes of the staff.
create view public_estimate_shapes as
select e.id, e.version,
  (select to_json(x) from (
    select e.id, e.number, e.version, e.status, e.currency, coalesce(l.lines, '[]'::json) as lines,
      e.subtotal_cents, e.discount_cents, e.tax_cents, e.total_cents, coalesce(l.authorized_cents, 0) as authorized_cents,
      iso(e.valid_until) as valid_until, iso(e.sent_at) as sent_at
  ) x) as shape
from estimates e
left join lateral (
  select json_agg(to_json(line) order by l.position) as lines,
    sum(l.total_cents) filter (where d.decision = 'approved') as authorized_cents
  from estimate_lines l join estimate_decisions d on d.line_id = l.id, lateral (
    select l.id, l.position, l.kind, l.name, l.quantity, l.unit_price_cents, l.discount_cents, l.tax_cents,
      l.total_cents, d.decision
  ) line
  where l.estimate_id = e.id
) l on true
where e.status <> 'draft';

create view authorization_shapes as
select a.id, a.estimate_id, a.version, a.created_at,
  (select to_json(x) from (
    select a.id, a.estimate_id, a.line_id, a.version, a.decision, a.line_name, a.amount_cents, a.name, a.method,
      a.contact, a.text,
      case when s.id is not null then json_build_object('id', s.id, 'name', s.name) end as recorded_by,
      iso(a.created_at) as created_at
  ) x) as shape
from estimate_authorizations a left join staff s on s.id = a.recorded_by;
