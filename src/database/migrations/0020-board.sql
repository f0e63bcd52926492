-- What a job comes to: its invoice's total once there is one, else its services.
create function job_total_cents(job uuid) returns bigint
  language sql stable parallel safe
  return coalesce(
    (select i.total_cents from invoices i where i.appointment_id = job and i.status <> 'void'),
    (select sum(l.quantity * l.price_cents::bigint) from appointment_services l where l.appointment_id = job),
    0);

-- Where somebody put a card. Without a place a job stands where its start would: rank counts in seconds since 1970.
-- A place counts in the column and for the start that it was given for, whoever changes the job and however.
create table board_places (
  appointment_id uuid primary key references appointments on delete cascade,
  status text not null,
  starts_at timestamptz(3) not null,
  rank double precision not null
);

create function forget_board_place() returns trigger language plpgsql as $$
begin
  delete from board_places where appointment_id = new.id;
  return null;
end $$;

-- So that a job that comes back does not find its old place again.
create trigger board_place after update on appointments
  for each row when ((old.status, old.starts_at) is distinct from (new.status, new.starts_at))
  execute function forget_board_place();

-- Begun on an earlier day and not finished: few, however long the history is.
create index appointments_underway on appointments (starts_at, id)
  where status in ('en_route', 'in_progress', 'ready') and deleted_at is null;

-- What is owed, whole: by the invoices that are open …
create index invoices_open on invoices (due_cents) where status in ('issued', 'partially_paid');

-- … and by jobs that are completed and have no invoice. No index can tell that of two tables, so they are kept here.
-- Whoever writes a job, its services or its invoice holds the job's lock.
create table unbilled_jobs (
  appointment_id uuid primary key references appointments on delete cascade,
  total_cents bigint not null
);

create view jobs_to_bill as
select a.id, job_total_cents(a.id) as total_cents
from appointments a
where a.status = 'completed' and a.deleted_at is null
  and not exists (select from invoices i where i.appointment_id = a.id and i.status <> 'void');

insert into unbilled_jobs select id, total_cents from jobs_to_bill;

create function reckon_unbilled(jobs uuid[]) returns void language sql as $$
  delete from unbilled_jobs u
  where u.appointment_id = any(jobs) and not exists (select from jobs_to_bill b where b.id = u.appointment_id);
  insert into unbilled_jobs
  select b.id, b.total_cents from jobs_to_bill b where b.id = any(jobs)
  on conflict (appointment_id) do update set total_cents = excluded.total_cents;
$$;

create function reckon_unbilled_job() returns trigger language plpgsql as $$
begin
  perform reckon_unbilled(array[new.id]);
  return null;
end $$;

-- Of services and invoices; a booking, whose job is not completed, goes no further than to look.
create function reckon_unbilled_rows() returns trigger language plpgsql as $$
declare
  jobs constant uuid[] := array(
    select distinct a.id from changed r join appointments a on a.id = r.appointment_id where a.status = 'completed');
begin
  if cardinality(jobs) > 0 then perform reckon_unbilled(jobs); end if;
  return null;
end $$;

create trigger unbilled_added after insert on appointments
  for each row when (new.status = 'completed') execute function reckon_unbilled_job();
create trigger unbilled_changed after update on appointments
  for each row when (
    (old.status = 'completed' or new.status = 'completed')
    and (old.status, old.deleted_at) is distinct from (new.status, new.deleted_at))
  execute function reckon_unbilled_job();
create trigger unbilled_added after insert on appointment_services
  referencing new table as changed for each statement execute function reckon_unbilled_rows();
create trigger unbilled_changed after update on appointment_services
  referencing new table as changed for each statement execute function reckon_unbilled_rows();
create trigger unbilled_removed after delete on appointment_services
  referencing old table as changed for each statement execute function reckon_unbilled_rows();
create trigger unbilled_added after insert on invoices
  referencing new table as changed for each statement execute function reckon_unbilled_rows();
create trigger unbilled_changed after update on invoices
  referencing new table as changed for each statement execute function reckon_unbilled_rows();
create trigger unbilled_removed after delete on invoices
  referencing old table as changed for each statement execute function reckon_unbilled_rows();
