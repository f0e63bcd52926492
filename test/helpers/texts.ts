/** The latest jobs whose stored text is not what would be written now: none, whoever wrote and whatever happened. */
export const STALE_TEXTS = `
  select r.id, t.opened as stored, r.opened as true_now
  from (select id from appointments order by updated_at desc limit 500) latest
  join appointment_renderings r using (id)
  left join appointment_texts t on t.appointment_id = r.id
  where t.opened is distinct from r.opened`;
