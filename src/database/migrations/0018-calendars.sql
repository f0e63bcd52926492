-- The secret address under which a technician's jobs can be subscribed to: one at a time, gone when it is revoked.
create table calendars (
  technician_id uuid primary key references technicians,
  token_hash bytea not null,
  created_at timestamptz(3) not null default now()
);

-- A function of its own: the journal tells that there is an address, and nothing of its secret.
create function write_calendar_journal() returns trigger language plpgsql as $$
declare
  act constant jsonb := nullif(current_setting('shop.act', true), '')::jsonb;
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  becomes constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
  insert into journal (actor_id, actor_role, action, entity, entity_id, changes, correlation_id)
  values ((act ->> 'actor')::uuid, act ->> 'role', 'changed', 'technician',
    (coalesce(becomes, was) ->> 'technician_id')::uuid,
    jsonb_build_object('calendar', jsonb_build_object(
      'from', case when was is not null then 'published' end, 'to', case when becomes is not null then 'published' end)),
    act ->> 'correlation');
  return null;
end $$;
create trigger journal after insert or update or delete on calendars
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_calendar_journal();
