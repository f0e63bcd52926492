create table invoices (
  id uuid primary key,
  number integer,
  appointment_id uuid not null references appointments,
  customer_id uuid not null references customers,
  vehicle_id uuid references vehicles,
  status text not null default 'draft',
  currency text not null default 'USD',
  subtotal_cents bigint not null default 0,
  discount_cents bigint not null default 0,
  tax_cents bigint not null default 0,
  total_cents bigint not null default 0,
  paid_cents bigint not null default 0,
  due_cents bigint not null generated always as (total_cents - paid_cents) stored,
  issued_at timestamptz(3),
  paid_at timestamptz(3),
  voided_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint invoices_number_taken unique (number),
  constraint invoices_number_when_issued check (number is not null or status in ('draft', 'void')),
  constraint invoices_never_overpaid check (paid_cents between 0 and total_cents),
  constraint invoices_sums_agree check (total_cents = subtotal_cents - discount_cents + tax_cents),
  constraint invoices_status_agrees check (
    case status
      when 'draft' then paid_cents = 0
      when 'issued' then paid_cents = 0 and total_cents > 0
      when 'partially_paid' then paid_cents > 0 and paid_cents < total_cents
      when 'paid' then paid_cents = total_cents
      when 'void' then paid_cents = 0
      else false
    end)
);
create unique index invoices_one_per_appointment on invoices (appointment_id) where status <> 'void';
create index invoices_by_customer on invoices (customer_id, created_at, id);

create table invoice_lines (
  id uuid primary key,
  invoice_id uuid not null references invoices on delete cascade,
  position integer not null,
  kind text not null,
  name text not null,
  quantity integer not null,
  unit_price_cents bigint not null,
  discount_cents bigint not null default 0,
  tax_basis_points integer not null default 0,
  tax_cents bigint not null default 0,
  total_cents bigint not null,
  constraint invoice_lines_position_taken unique (invoice_id, position),
  constraint invoice_lines_total_agrees check (
    total_cents = quantity * unit_price_cents - discount_cents + tax_cents)
);

create table payments (
  id uuid primary key,
  invoice_id uuid not null references invoices,
  amount_cents bigint not null,
  method text not null,
  note text,
  received_at timestamptz(3) not null default now(),
  created_at timestamptz(3) not null default now(),
  constraint payments_amount_positive check (amount_cents > 0),
  constraint payments_method_known check (method in ('cash', 'card', 'ach', 'check', 'other'))
);
create index payments_by_invoice on payments (invoice_id, received_at, id);

create table refunds (
  id uuid primary key,
  payment_id uuid not null references payments,
  amount_cents bigint not null,
  reason text not null,
  created_at timestamptz(3) not null default now(),
  constraint refunds_amount_positive check (amount_cents > 0)
);
create index refunds_by_payment on refunds (payment_id);

create table messages (
  id uuid primary key,
  appointment_id uuid not null references appointments,
  channel text not null,
  direction text not null,
  body text not null,
  status text not null,
  sent_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  constraint messages_channel_known check (channel in ('sms', 'email')),
  constraint messages_direction_known check (direction in ('out', 'in')),
  constraint messages_status_known check (status in ('queued', 'sent', 'delivered', 'failed', 'canceled'))
);
create index messages_by_appointment on messages (appointment_id, created_at, id);
