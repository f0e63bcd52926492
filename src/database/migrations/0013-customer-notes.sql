create table customer_notes (
  id uuid primary key,
  customer_id uuid not null references customers,
  author_id uuid references staff,
  body text not null,
  created_at timestamptz(3) not null default now()
);
create index customer_notes_by_customer on customer_notes (customer_id, created_at, id);

create trigger journal after insert or update or delete on customer_notes
  for each row when (current_setting('shop.journal', true) is distinct from 'off')
  execute function write_journal('note');

create view customer_note_shapes as
select n.id, n.customer_id, n.created_at,
  (select to_json(x) from (
    select n.id, n.customer_id, n.body,
      case when s.id is not null then json_build_object('id', s.id, 'name', s.name) end as author,
      iso(n.created_at) as created_at
  ) x) as shape
from customer_notes n left join staff s on s.id = n.author_id;
