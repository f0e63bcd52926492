-- What was read off a vehicle, and when. Rows are only ever added: a wrong reading is followed by a correction.
create table odometer_readings (
  id uuid primary key,
  vehicle_id uuid not null references vehicles,
  mileage integer not null,
  read_at timestamptz(3) not null,
  note text,
  correction boolean not null,
  staff_id uuid references staff,
  created_at timestamptz(3) not null default now(),
  constraint odometer_readings_mileage_sane check (mileage >= 0)
);
create index odometer_readings_by_vehicle on odometer_readings (vehicle_id, read_at, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are only ever added', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete on odometer_readings
  for each row execute function refuse_change();

create trigger journal after insert on odometer_readings
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('vehicle', 'vehicle_id', 'odometer');

create view odometer_shapes as
select r.id, r.vehicle_id, r.read_at,
  (select to_json(x) from (
    select r.id, r.vehicle_id, r.mileage, iso(r.read_at) as read_at, r.note, r.correction,
      case when s.id is not null then json_build_object('id', s.id, 'name', s.name) end as author,
      iso(r.created_at) as created_at
  ) x) as shape
from odometer_readings r left join staff s on s.id = r.staff_id;
