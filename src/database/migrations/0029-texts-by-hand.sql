-- An invoice touches its job also when it goes: a draft can be deleted by hand.
create function touch_job_of_deleted_invoice() returns trigger language plpgsql as $$
begin
  update appointments set updated_at = now(), version = version + 1 where id = old.appointment_id;
  return null;
end $$;
create trigger touch_job_last after delete on invoices
  for each row execute function touch_job_of_deleted_invoice();

-- A service that is moved to another job by hand changes both.
create or replace function write_texts_of_services() returns trigger language plpgsql as $$
declare
  jobs uuid[] := array(select distinct appointment_id from changed);
begin
  if tg_op = 'UPDATE' then
    jobs := array(select unnest(jobs) union select appointment_id from was);
  end if;
  perform from appointments where id = any(jobs) order by id for no key update;
  perform write_texts(jobs);
  return null;
end $$;
drop trigger texts_changed on appointment_services;
create trigger texts_changed after update on appointment_services
  referencing old table as was new table as changed for each statement execute function write_texts_of_services();
