-- The answers of writes that came with an Idempotency-Key, kept for a day.
create table idempotency_keys (
  -- A hash of actor, method, path and key: nothing personal, and one length.
  scope bytea primary key,
  fingerprint bytea not null,
  status integer not null,
  headers jsonb not null,
  body text not null,
  created_at timestamptz(3) not null default now()
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- UUIDv7 (RFC 9562, 5.7) for rows that the database itself makes: PostgreSQL has its own from 18 on only.
create function new_id() returns uuid
  language sql volatile parallel safe
  return encode(set_bit(set_bit(overlay(
    uuid_send(gen_random_uuid())
    placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
    from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;

-- Who changed what, field by field.
create table journal (
  id uuid primary key default new_id(),
  at timestamptz(3) not null default now(),
  actor_id uuid,
  actor_role text,
  action text not null,
  entity text not null,
  entity_id uuid not null,
  changes jsonb not null,
  correlation_id text,
  constraint journal_action_known check (action in ('created', 'changed', 'deleted', 'restored'))
);
create index journal_by_time on journal (at, id);
create index journal_by_entity on journal (entity_id, at, id);
create index journal_by_actor on journal (actor_id, at, id);

-- Written by the database, so that no writer can forget it: not a new command, not an import, not psql.
-- The first argument names the entity. A table whose rows are parts of an entity names the column of the
-- entity's id as the second and the entity's field as the third.
create function write_journal() returns trigger language plpgsql as $$
declare
  hidden constant text[] := array['id', 'created_at', 'updated_at', 'version', 'deleted_at', 'password_hash', 'lane'];
  act constant jsonb := nullif(current_setting('shop.act', true), '')::jsonb;
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  becomes constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  verb text := case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end;
  fields jsonb;
begin
  select jsonb_object_agg(key, jsonb_build_object('from', o.value, 'to', n.value)) into fields
  from jsonb_each(jsonb_strip_nulls(was) - hidden) o full join jsonb_each(jsonb_strip_nulls(becomes) - hidden) n using (key)
  where o.value is distinct from n.value;

  if tg_nargs > 1 then
    if fields is null then return null; end if;
    verb := 'changed';
    fields := jsonb_build_object(tg_argv[2], jsonb_build_object(
      'from', was - hidden - tg_argv[1], 'to', becomes - hidden - tg_argv[1]));
  elsif tg_op = 'UPDATE' then
    if was -> 'password_hash' is distinct from becomes -> 'password_hash' then
      fields := coalesce(fields, '{}') || '{"password": {"from": null, "to": "changed"}}';
    end if;
    if was ? 'deleted_at' and (was -> 'deleted_at' = 'null') <> (becomes -> 'deleted_at' = 'null') then
      verb := case when was -> 'deleted_at' = 'null' then 'deleted' else 'restored' end;
    elsif fields is null then
      return null;
    end if;
  end if;

  insert into journal (actor_id, actor_role, action, entity, entity_id, changes, correlation_id)
  values ((act ->> 'actor')::uuid, act ->> 'role', verb, tg_argv[0],
    (coalesce(becomes, was) ->> case when tg_nargs > 1 then tg_argv[1] else 'id' end)::uuid,
    coalesce(fields, '{}'), act ->> 'correlation');
  return null;
end $$;

create trigger journal after insert or update or delete on staff
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('staff');
create trigger journal after insert or update or delete on customers
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('customer');
create trigger journal after insert or update or delete on vehicles
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('vehicle');
create trigger journal after insert or update or delete on services
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('service');
create trigger journal after insert or update or delete on service_items
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('service', 'package_id', 'items');
create trigger journal after insert or update or delete on technicians
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('technician');
create trigger journal after insert or update or delete on appointments
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('appointment');
create trigger journal after insert or update or delete on appointment_services
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('appointment', 'appointment_id', 'services');

create view audit_shapes as
select j.id, j.at, j.actor_id, j.entity, j.entity_id,
  (select to_json(x) from (
    select j.id, iso(j.at) as at,
      case when s.id is not null then
        json_build_object('id', s.id, 'name', s.name, 'role', j.actor_role)
      end as actor,
      j.action, j.entity, j.entity_id, j.changes, j.correlation_id
  ) x) as shape
from journal j left join staff s on s.id = j.actor_id;
