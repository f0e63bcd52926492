-- The ledger. What was paid, given back and put down for a job is only ever added to; what it comes to (paid_cents and
-- status of an invoice, refunded_cents and applied_cents of a payment, deposit_cents of a job) is kept by the triggers
-- below, in the transaction of the writer, whoever that is. All of them lock the job first, then the invoice.

-- A payment is of an invoice, or a deposit: money put down for a job before it is billed.
alter table payments
  alter column invoice_id drop not null,
  add column appointment_id uuid references appointments,
  add column refunded_cents bigint not null default 0,
  -- What an invoice has taken of a deposit; the rest waits for one, or can be given back.
  add column applied_cents bigint not null default 0;
update payments p set refunded_cents = r.cents
from (select payment_id, sum(amount_cents) as cents from refunds group by payment_id) r where r.payment_id = p.id;
alter table payments
  add constraint payments_of_one_thing check (num_nonnulls(invoice_id, appointment_id) = 1),
  add constraint payments_never_over_refunded check (refunded_cents between 0 and amount_cents),
  add constraint payments_never_over_applied check (
    applied_cents between 0 and amount_cents - refunded_cents and (applied_cents = 0 or appointment_id is not null));
create index payments_by_job on payments (appointment_id, received_at, id) where appointment_id is not null;
create index payments_by_time on payments (received_at, id);

-- What an invoice takes of its job's deposits when it is issued, and gives up (below nothing) when it is void or when
-- the deposit is given back.
create table invoice_deposits (
  id uuid primary key default new_id(),
  invoice_id uuid not null references invoices,
  payment_id uuid not null references payments,
  amount_cents bigint not null,
  created_at timestamptz(3) not null default now(),
  constraint invoice_deposits_amount_counts check (amount_cents <> 0)
);
create index invoice_deposits_by_invoice on invoice_deposits (invoice_id);
create index invoice_deposits_by_payment on invoice_deposits (payment_id);

-- Deposits of the job that no invoice has taken.
alter table appointments
  add column deposit_cents bigint not null default 0,
  add constraint appointments_deposit_sane check (deposit_cents >= 0);
create index appointments_with_deposit on appointments (customer_id) where deposit_cents > 0;

alter table invoices
  add column sent_at timestamptz(3);
create index invoices_by_creation on invoices (created_at, id);
create index invoices_by_vehicle on invoices (vehicle_id, created_at, id);
create index invoices_by_appointment on invoices (appointment_id, created_at, id);

-- Numbers have no gaps: the next one is read under a lock that is held until the commit, so a rollback gives it back.
create function next_invoice_number() returns integer language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('invoice number')::bigint);
  -- A statement of its own: it sees what was committed while this one waited.
  return (select coalesce(max(number), 0) + 1 from invoices);
end $$;

-- Money comes to an invoice, or leaves it when negative.
create function settle_invoice(settled uuid, change_cents bigint) returns void language plpgsql as $$
begin
  perform from appointments where id = (select appointment_id from invoices where id = settled) for no key update;
  update invoices set paid_cents = paid_cents + change_cents,
    status = case paid_cents + change_cents
      when total_cents then 'paid' when 0 then 'issued' else 'partially_paid' end,
    paid_at = case when paid_cents + change_cents = total_cents then now() end,
    updated_at = now(), version = version + 1
  where id = settled and status in ('issued', 'partially_paid', 'paid');
  if not found then
    raise exception 'a draft or void invoice takes no money'
      using errcode = 'check_violation', constraint = 'invoices_open_for_money';
  end if;
end $$;

create function book_payment() returns trigger language plpgsql as $$
begin
  if new.refunded_cents <> 0 or new.applied_cents <> 0 then
    raise exception 'a payment begins whole' using errcode = 'check_violation', constraint = 'payments_begin_whole';
  end if;
  if new.invoice_id is not null then
    perform settle_invoice(new.invoice_id, new.amount_cents);
  else
    update appointments set deposit_cents = deposit_cents + new.amount_cents,
      updated_at = now(), version = version + 1
    where id = new.appointment_id;
  end if;
  return null;
end $$;
create trigger ledger after insert on payments for each row execute function book_payment();

create function book_refund() returns trigger language plpgsql as $$
declare
  job uuid;
  payment payments;
  taken bigint;
begin
  select coalesce(p.appointment_id, i.appointment_id) into job
  from payments p left join invoices i on i.id = p.invoice_id where p.id = new.payment_id;
  perform from appointments where id = job for no key update;
  select * into payment from payments where id = new.payment_id for no key update;
  if new.amount_cents > payment.amount_cents - payment.refunded_cents then
    raise exception 'more is given back than was paid'
      using errcode = 'check_violation', constraint = 'payments_never_over_refunded';
  end if;
  if payment.invoice_id is not null then
    perform settle_invoice(payment.invoice_id, -new.amount_cents);
  else
    -- What no invoice has taken goes first; the rest leaves the one that has it.
    taken := new.amount_cents - (payment.amount_cents - payment.refunded_cents - payment.applied_cents);
    if taken > 0 then
      insert into invoice_deposits (invoice_id, payment_id, amount_cents)
      select invoice_id, new.payment_id, -taken from invoice_deposits where payment_id = new.payment_id
      group by invoice_id having sum(amount_cents) > 0;
    end if;
    update appointments set deposit_cents = deposit_cents - new.amount_cents,
      updated_at = now(), version = version + 1
    where id = job;
  end if;
  update payments set refunded_cents = refunded_cents + new.amount_cents where id = new.payment_id;
  return null;
end $$;
create trigger ledger after insert on refunds for each row execute function book_refund();

create function book_invoice_deposit() returns trigger language plpgsql as $$
begin
  perform from payments p join invoices i on i.appointment_id = p.appointment_id
  where p.id = new.payment_id and i.id = new.invoice_id;
  if not found then
    raise exception 'a deposit is for the invoices of its job alone'
      using errcode = 'check_violation', constraint = 'invoice_deposits_of_one_job';
  end if;
  perform settle_invoice(new.invoice_id, new.amount_cents);
  update payments set applied_cents = applied_cents + new.amount_cents where id = new.payment_id;
  update appointments set deposit_cents = deposit_cents - new.amount_cents,
    updated_at = now(), version = version + 1
  where id = (select appointment_id from payments where id = new.payment_id);
  return null;
end $$;
-- By its name it comes before the journal, which tells the version that the invoice has then.
create trigger book after insert on invoice_deposits for each row execute function book_invoice_deposit();

-- Only the functions above change these columns: they are at work when this one is called from a trigger.
create function refuse_by_hand() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and pg_trigger_depth() > 1 then return new; end if;
  raise exception '% of % is refused: it is the ledger''s', lower(tg_op), tg_table_name
    using errcode = 'check_violation', constraint = 'ledger_append_only';
end $$;
create trigger append_only before update or delete on payments for each row execute function refuse_by_hand();
create trigger append_only before update or delete on refunds for each row execute function refuse_by_hand();
create trigger append_only before update or delete on invoice_deposits for each row execute function refuse_by_hand();
create trigger paid_by_ledger before update on invoices
  for each row when (old.paid_cents <> new.paid_cents) execute function refuse_by_hand();
create trigger begun_unpaid before insert on invoices
  for each row when (new.paid_cents <> 0) execute function refuse_by_hand();
-- A number stays, what was issued is no draft again, and void is the end.
create trigger steps_forward before update on invoices
  for each row when (
    (old.number is not null and new.number is distinct from old.number)
    or (old.status <> 'draft' and new.status = 'draft') or (old.status = 'void' and new.status <> 'void'))
  execute function refuse_by_hand();
-- Its number would be missing.
create trigger kept before delete on invoices
  for each row when (old.number is not null) execute function refuse_by_hand();

create function refuse_unless_draft() returns trigger language plpgsql as $$
begin
  perform from invoices where id in (old.invoice_id, new.invoice_id) and status <> 'draft';
  if found then
    raise exception 'only a draft''s lines change'
      using errcode = 'check_violation', constraint = 'invoice_lines_in_draft';
  end if;
  return coalesce(new, old);
end $$;
create trigger in_draft before insert or update or delete on invoice_lines
  for each row execute function refuse_unless_draft();

-- A job shows the total of its invoice, and what was paid on it: so its version rises with it.
create function touch_job_of_invoice() returns trigger language plpgsql as $$
begin
  update appointments set updated_at = now(), version = version + 1 where id = new.appointment_id;
  return null;
end $$;
create trigger touch_job after insert on invoices for each row execute function touch_job_of_invoice();
create trigger touch_job_again after update on invoices
  for each row when ((old.total_cents, old.paid_cents, old.status = 'void')
    is distinct from (new.total_cents, new.paid_cents, new.status = 'void'))
  execute function touch_job_of_invoice();

create trigger journal after insert or update or delete on invoices
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('invoice');
create trigger journal after insert or update or delete on invoice_lines
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('invoice', 'invoice_id', 'lines');
create trigger journal after insert or update or delete on invoice_deposits
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('invoice', 'invoice_id', 'deposits');
create trigger journal after insert or update or delete on payments
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('payment');
create trigger journal after insert or update or delete on refunds
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('refund');

create view invoice_shapes as
select i.id, i.number, i.appointment_id, i.customer_id, i.vehicle_id, i.status, i.created_at, i.version,
  (select to_json(x) from (
    select i.id, i.number, i.appointment_id, i.customer_id, i.vehicle_id, i.status, i.currency,
      coalesce((
        select json_agg(to_json(line) order by l.position) from invoice_lines l, lateral (
          select l.id, l.position, l.kind, l.name, l.quantity, l.unit_price_cents, l.discount_cents,
            l.tax_basis_points, l.tax_cents, l.total_cents
        ) line where l.invoice_id = i.id), '[]'::json) as lines,
      i.subtotal_cents, i.discount_cents, i.tax_cents, i.total_cents, i.paid_cents, i.due_cents,
      iso(i.issued_at) as issued_at, iso(i.sent_at) as sent_at, iso(i.paid_at) as paid_at,
      iso(i.voided_at) as voided_at, iso(i.created_at) as created_at, iso(i.updated_at) as updated_at, i.version
  ) x) as shape
from invoices i;

create view payment_shapes as
select p.id, p.invoice_id, p.appointment_id, p.method, p.received_at,
  (select to_json(x) from (
    select p.id, p.invoice_id, p.appointment_id, p.amount_cents, p.method, p.note, p.refunded_cents, p.applied_cents,
      iso(p.received_at) as received_at, iso(p.created_at) as created_at
  ) x) as shape
from payments p;

create view refund_shapes as
select r.id, r.payment_id, r.created_at,
  (select to_json(x) from (
    select r.id, r.payment_id, r.amount_cents, r.reason, iso(r.created_at) as created_at
  ) x) as shape
from refunds r;

-- A job without an invoice is owed for as far as its deposits do not reach.
create or replace view jobs_to_bill as
select a.id, greatest(job_total_cents(a.id) - a.deposit_cents, 0) as total_cents
from appointments a
where a.status = 'completed' and a.deleted_at is null
  and not exists (select from invoices i where i.appointment_id = a.id and i.status <> 'void');
drop trigger unbilled_changed on appointments;
create trigger unbilled_changed after update on appointments
  for each row when (
    (old.status = 'completed' or new.status = 'completed')
    and (old.status, old.deleted_at, old.deposit_cents) is distinct from (new.status, new.deleted_at, new.deposit_cents))
  execute function reckon_unbilled_job();

-- The one place that says what a customer has spent and owes. Left joins: what a reader does not ask for is not reckoned.
create view customer_totals as
select c.id as customer_id,
  billed.paid + held.cents as spent_cents,
  billed.due + jobs.unbilled as unpaid_cents,
  jobs.visits, jobs.completed_visits, jobs.last_visit_at
from customers c
left join lateral (
  select coalesce(sum(i.paid_cents), 0) as paid,
    coalesce(sum(i.due_cents) filter (where i.status in ('issued', 'partially_paid')), 0) as due
  from invoices i where i.customer_id = c.id
) billed on true
left join lateral (
  select coalesce(sum(a.deposit_cents), 0) as cents
  from appointments a where a.customer_id = c.id and a.deposit_cents > 0
) held on true
left join lateral (
  select count(*) filter (where a.status in ('in_progress', 'ready', 'completed')) as visits,
    count(*) filter (where a.status = 'completed') as completed_visits,
    max(a.completed_at) filter (where a.status = 'completed') as last_visit_at,
    coalesce(sum((select u.total_cents from unbilled_jobs u where u.appointment_id = a.id))
      filter (where a.status = 'completed'), 0) as unbilled
  from appointments a where a.customer_id = c.id and a.deleted_at is null
) jobs on true;

create or replace view appointment_shapes as
select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id, a.starts_at, a.updated_at, a.deleted_at, a.version,
  i.id as invoice_id,
  (select to_json(x) from (
    select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id,
      iso(a.starts_at) as starts_at, iso(a.ends_at) as ends_at,
      case when a.location_address is not null or a.location_lat is not null then
        json_build_object('address', a.location_address, 'lat', a.location_lat, 'lng', a.location_lng)
      end as location,
      coalesce(s.lines, '[]'::json) as services,
      coalesce(i.total_cents, s.total_cents, 0) as total_cents,
      coalesce(i.paid_cents, 0) + a.deposit_cents as paid_cents,
      a.notes, a.force_reason, a.trip_fee_cents, a.needs_review,
      iso(a.en_route_at) as en_route_at, iso(a.started_at) as started_at, iso(a.ready_at) as ready_at,
      iso(a.completed_at) as completed_at, iso(a.no_show_at) as no_show_at, iso(a.canceled_at) as canceled_at,
      iso(a.deleted_at) as deleted_at, iso(a.created_at) as created_at, iso(a.updated_at) as updated_at, a.version
  ) x) as shape
from appointments a
left join invoices i on i.appointment_id = a.id and i.status <> 'void'
left join lateral (
  select json_agg(to_json(line) order by l.position) as lines, sum(l.quantity * l.price_cents::bigint) as total_cents
  from appointment_services l, lateral (
    select l.id, l.service_id, l.name, l.kind, l.quantity, l.duration_minutes, l.price_cents
  ) line
  where l.appointment_id = a.id
) s on true
where a.status <> 'held';
