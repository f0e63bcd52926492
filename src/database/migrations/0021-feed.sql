-- The journal is the feed too. A row gets its place after its commit, so places follow the order of commits: who
-- commits late comes late, is never lost, and holds nobody up. Null: no place yet; 0: another row of the same change
-- tells of it. The default comes later than the column: so the table is not written anew, and old rows stand first.
create sequence journal_seq;
alter table journal
  -- In the order of writing: of two changes of one thing the second has waited for the first.
  add column seq bigint,
  add column position bigint,
  -- The entity's after the change; null where it has none, or is gone.
  add column version integer;
alter table journal
  alter column seq set default nextval('journal_seq'),
  -- Not when the transaction began: whoever waited for another's lock has changed the thing after that one.
  alter column at set default clock_timestamp();
alter sequence journal_seq owned by journal.seq;
create index journal_unplaced on journal (seq nulls first, at, id) where position is null;
create unique index journal_by_position on journal (position) where position > 0;

-- The last place that was given. Its lock is the queue of those who give places.
create table journal_head (
  id boolean primary key default true,
  last bigint not null default 0,
  constraint journal_head_one_row check (id)
);
insert into journal_head default values;

create or replace function write_journal() returns trigger language plpgsql as $$
declare
  hidden constant text[] := array[
    'id', 'created_at', 'updated_at', 'version', 'deleted_at', 'password_hash', 'lane', 'secret', 'old_secret'];
  act constant jsonb := nullif(current_setting('shop.act', true), '')::jsonb;
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  becomes constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  verb text := case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end;
  whose constant uuid := coalesce(becomes, was) ->> case when tg_nargs > 1 then tg_argv[1] else 'id' end;
  version integer := (becomes ->> 'version')::integer;
  fields jsonb;
begin
  if coalesce(becomes, was) ->> 'status' = 'held' then return null; end if;
  select jsonb_object_agg(key, jsonb_build_object('from', o.value, 'to', n.value)) into fields
  from jsonb_each(jsonb_strip_nulls(was) - hidden) o full join jsonb_each(jsonb_strip_nulls(becomes) - hidden) n using (key)
  where o.value is distinct from n.value;

  if tg_nargs > 1 then
    if fields is null then return null; end if;
    verb := 'changed';
    fields := jsonb_build_object(tg_argv[2], jsonb_build_object(
      'from', was - hidden - tg_argv[1], 'to', becomes - hidden - tg_argv[1]));
    -- A command raises the version first, and touches the parts then. The most frequent case is planned once.
    if tg_argv[0] = 'appointment' then
      select a.version into version from appointments a where a.id = whose;
    else
      execute format('select version from %I where id = $1', tg_argv[0] || 's') into version using whose;
    end if;
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

  insert into journal (actor_id, actor_role, action, entity, entity_id, changes, correlation_id, version)
  values ((act ->> 'actor')::uuid, act ->> 'role', verb, tg_argv[0], whose,
    coalesce(fields, '{}'), act ->> 'correlation', version);
  return null;
end $$;

-- What happened, in one word: a job whose status changed has moved.
create function journal_what(action text, entity text, changes jsonb) returns text
  language sql immutable parallel safe
  return case when action = 'changed' and entity = 'appointment' and changes ? 'status' then 'moved' else action end;

-- Gives the next places, at most about so many, to what was committed and has none. Tells the last place, and whether
-- everything that could be seen has its own. Without patience it leaves the work to whoever does it already.
-- Where nothing can be written, nothing is placed, and the feed is read as it stands.
create function place_journal(most integer, is_patient boolean, out last bigint, out is_done boolean)
  language plpgsql as $$
declare
  placed integer;
  highest bigint;
begin
  select h.last, not exists (select from journal where position is null) into last, is_done from journal_head h;
  if is_done then return; end if;
  begin
    if is_patient then
      select h.last into highest from journal_head h for update;
    else
      select h.last into highest from journal_head h for update skip locked;
      if not found then return; end if;
    end if;
    last := highest;

    with batch as (
      select id, seq, at, entity, entity_id, version, journal_what(action, entity, changes) as what
      from journal where position is null order by seq nulls first, at, id limit most
    ), whole as (
      select * from batch
      union
      -- A full batch may have cut a change in two.
      select rest.* from (select distinct entity, entity_id, version from batch where version is not null) cut
      cross join lateral (
        select id, seq, at, entity, entity_id, version, journal_what(action, entity, changes) as what
        from journal j
        -- Written so that the index of what has no place, which may be long, is not read once for each.
        where j.entity_id = cut.entity_id and j.entity = cut.entity and j.version = cut.version
          and coalesce(j.position, -1) = -1
        offset 0
      ) rest
      where (select count(*) from batch) >= most
    ), ranked as (
      select id, seq, at, row_number() over (
        partition by entity, entity_id, version, case when version is null then id end
        order by case what when 'created' then 1 when 'deleted' then 2 when 'restored' then 3 when 'moved' then 4
          else 5 end, seq desc nulls last, at desc, id desc) = 1 as is_told
      from whole
    ), places as (
      select id, case when is_told then
        last + row_number() over (partition by is_told order by seq nulls first, at, id) else 0 end as place
      from ranked
    ), done as (
      update journal j set position = p.place from places p where p.id = j.id returning j.position
    )
    select count(*), max(d.position) into placed, highest from done d;
    is_done := placed < most;
    if highest > last then
      last := highest;
      update journal_head h set last = highest;
    end if;
  exception when lock_not_available or disk_full or read_only_sql_transaction then
    -- What is read from here on is what stands there.
    is_done := true;
  end;
end $$;

create view changes as
select j.position, j.entity, j.entity_id, j.entity || '.' || journal_what(j.action, j.entity, j.changes) as type,
  j.version, j.at, j.action = 'deleted' as deleted, j.changes #>> '{status,to}' as status
from journal j where j.position > 0;

-- What opens one stream of the board, once: a browser's EventSource sends no Authorization. Only its hash is kept.
create unlogged table board_tickets (
  token_hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  expires_at timestamptz(3) not null
);
create index board_tickets_by_expiry on board_tickets (expires_at);
