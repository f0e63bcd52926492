-- The one order of locks: appointment, estimate, invoice, payment. The row of a job is the queue for its estimate and its
-- money: whatever changes one of them, function or command, takes the job first, so that nobody who has it waits for
-- somebody who wants it. An update by hand has its own row before a trigger can say anything: it may be the victim of a
-- deadlock, which is told and tried again, and never makes a sum wrong.

-- What a line of an estimate books: of how many pieces of its service it is, and of which package, as that was asked for.
alter table estimate_lines
  add column pieces integer not null default 1,
  -- {"id", "service_id", "quantity", "price_cents", "lines"}: the same in each line of the package.
  add column part_of jsonb,
  add constraint estimate_lines_pieces_sane check (pieces >= 1);

-- The invoice that converted it; null where it was booked.
alter table estimates
  add column converted_by uuid references invoices,
  add constraint estimates_converted_once check (converted_by is null or status = 'converted');

-- A draft invoice binds nobody and may be thrown away: an estimate is converted when the invoice of its job is issued.
create or replace function convert_estimate() returns trigger language plpgsql as $$
begin
  update estimates set status = 'converted', converted_at = now(), converted_by = new.id,
    updated_at = now(), version = version + 1
  where appointment_id = new.appointment_id and status in ('approved', 'partly_approved');
  return null;
end $$;
drop trigger convert_estimate on invoices;
create trigger convert_estimate after insert on invoices
  for each row when (new.status not in ('draft', 'void')) execute function convert_estimate();
create trigger convert_estimate_later after update on invoices
  for each row when (old.status = 'draft' and new.status not in ('draft', 'void')) execute function convert_estimate();

-- With its invoice void it is what the customer made of it: nothing was said to it meanwhile, for it was closed.
create function give_estimate_back() returns trigger language plpgsql as $$
begin
  update estimates e set converted_at = null, converted_by = null, updated_at = now(), version = version + 1, status = (
    select case when bool_and(d.decision is not distinct from 'approved') then 'approved' else 'partly_approved' end
    from estimate_decisions d where d.estimate_id = e.id)
  where appointment_id = new.appointment_id and converted_by = new.id;
  return null;
end $$;
create trigger give_estimate_back after update on invoices
  for each row when (old.status <> 'void' and new.status = 'void') execute function give_estimate_back();

-- The estimate may have become a job since the job was looked for: then all of it begins anew.
create or replace function authorize_line() returns trigger language plpgsql as $$
declare
  job constant uuid := (select appointment_id from estimates where id = new.estimate_id);
  estimate estimates;
begin
  perform refuse_when_billed(job);
  select * into estimate from estimates where id = new.estimate_id for no key update;
  if estimate.appointment_id is distinct from job then
    raise exception 'the estimate became a job at the same moment' using errcode = 'serialization_failure';
  end if;
  perform from estimate_lines
  where id = new.line_id and estimate_id = new.estimate_id and total_cents = new.amount_cents;
  if not found or estimate.status = 'draft' or new.version <> estimate.version then
    raise exception 'only what was sent can be authorized, as it stands'
      using errcode = 'check_violation', constraint = 'estimate_authorizations_of_what_stands';
  end if;
  return new;
end $$;

-- A deposit is put down before the bill: an invoice that is issued takes what is there, and money after that is for it.
create or replace function book_payment() returns trigger language plpgsql as $$
begin
  if new.refunded_cents <> 0 or new.applied_cents <> 0 then
    raise exception 'a payment begins whole' using errcode = 'check_violation', constraint = 'payments_begin_whole';
  end if;
  if new.invoice_id is not null then
    perform settle_invoice(new.invoice_id, new.amount_cents);
    return null;
  end if;
  perform from appointments where id = new.appointment_id for no key update;
  perform from invoices where appointment_id = new.appointment_id and status not in ('draft', 'void');
  if found then
    raise exception 'a job that is billed takes no deposit'
      using errcode = 'check_violation', constraint = 'payments_before_the_bill';
  end if;
  update appointments set deposit_cents = deposit_cents + new.amount_cents, updated_at = now(), version = version + 1
  where id = new.appointment_id;
  return null;
end $$;

-- The payment is read under the lock of its job, and changed behind its invoice.
create or replace function book_refund() returns trigger language plpgsql as $$
declare
  job uuid;
  payment payments;
  taken bigint;
begin
  select coalesce(p.appointment_id, i.appointment_id) into job
  from payments p left join invoices i on i.id = p.invoice_id where p.id = new.payment_id;
  perform from appointments where id = job for no key update;
  select * into payment from payments where id = new.payment_id;
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

-- Answers that told a link were kept with it.
delete from idempotency_keys where body like '%"link_url":"%';

-- What a job has in deposits is the ledger's to say, as what an invoice has in payments is.
create trigger deposits_by_ledger before update on appointments
  for each row when (old.deposit_cents <> new.deposit_cents) execute function refuse_by_hand();
create trigger begun_without_deposits before insert on appointments
  for each row when (new.deposit_cents <> 0) execute function refuse_by_hand();
