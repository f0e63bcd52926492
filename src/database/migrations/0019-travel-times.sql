-- What a routing service has measured, kept for thirty days. Coordinates are ten-thousandths of a degree, which are
-- eleven metres at most: whoever lives next door drives as long.
create table travel_times (
  from_lat integer not null,
  from_lng integer not null,
  to_lat integer not null,
  to_lng integer not null,
  -- Rounded up; null: there is no road, and the estimate counts.
  minutes integer,
  fetched_at timestamptz(3) not null default now(),
  primary key (from_lat, from_lng, to_lat, to_lng),
  constraint travel_times_minutes_sane check (minutes between 0 and 1440)
);
create index travel_times_by_age on travel_times (fetched_at);
