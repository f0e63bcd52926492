-- A mail that waits is told by its estimate: it is called back when its link ends.
alter table outbox add column estimate_id uuid references estimates;
create index outbox_by_estimate on outbox (estimate_id) where estimate_id is not null;
