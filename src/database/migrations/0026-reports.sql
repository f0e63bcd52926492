-- What reports of a period read: refunds by when they were given, invoices by when they were issued.
create index refunds_by_time on refunds (created_at, id);
create index invoices_by_issue on invoices (issued_at) where issued_at is not null and status <> 'void';
