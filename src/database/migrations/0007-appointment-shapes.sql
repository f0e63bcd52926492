create view appointment_shapes as
select a.id, a.status, a.customer_id, a.vehicle_id, a.technician_id, a.starts_at, a.updated_at, a.deleted_at, a.version,
  i.id as invoice_id,
  json_build_object(
    'id', a.id, 'status', a.status,
    'customer_id', a.customer_id, 'vehicle_id', a.vehicle_id, 'technician_id', a.technician_id,
    'starts_at', iso(a.starts_at), 'ends_at', iso(a.ends_at),
    'location', case when a.location_address is not null or a.location_lat is not null then
      json_build_object('address', a.location_address, 'lat', a.location_lat, 'lng', a.location_lng) end,
    'services', coalesce(s.lines, '[]'::json),
    'total_cents', coalesce(i.total_cents, s.total_cents, 0),
    'paid_cents', coalesce(i.paid_cents, 0),
    'notes', a.notes, 'force_reason', a.force_reason,
    'en_route_at', iso(a.en_route_at), 'started_at', iso(a.started_at), 'ready_at', iso(a.ready_at),
    'completed_at', iso(a.completed_at), 'no_show_at', iso(a.no_show_at), 'canceled_at', iso(a.canceled_at), 'deleted_at', iso(a.deleted_at),
    'created_at', iso(a.created_at), 'updated_at', iso(a.updated_at), 'version', a.version
  ) as shape
from appointments a
left join invoices i on i.appointment_id = a.id and i.status <> 'void'
left join lateral (
  select
    json_agg(json_build_object(
      'id', l.id, 'service_id', l.service_id, 'name', l.name, 'kind', l.kind, 'quantity', l.quantity,
      'duration_minutes', l.duration_minutes, 'price_cents', l.price_cents) order by l.position) as lines,
    sum(l.quantity * l.price_cents::bigint) as total_cents
  from appointment_services l where l.appointment_id = a.id
) s on true;
