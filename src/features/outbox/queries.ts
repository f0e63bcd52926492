import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Channel } from '../../shapes/message.ts';
import type { OutboxList } from './schema.ts';

type MailRow = {
  id: string;
  kind: string;
  recipient: string | null;
  subject: string;
  body: string;
  estimate_id: string | null;
};

export const insertMail = async (tx: Sql, mail: MailRow): Promise<void> => {
  await tx`
    insert into outbox (id, kind, channel, recipient, subject, body, estimate_id)
    select ${mail.id}::uuid, ${mail.kind}::text, 'email', to_whom, ${mail.subject}::text, ${mail.body}::text,
      ${mail.estimate_id}::uuid
    from (select ${mail.recipient}::text as to_whom) one where to_whom is not null`;
};

/** What is under way cannot be called back. */
export const cancelMails = async (tx: Sql, estimateId: string): Promise<void> => {
  await tx`
    update outbox set status = 'canceled', body = null, error = 'Its link was ended'
    where estimate_id = ${estimateId} and status = 'queued'`;
};

type WrittenRow = {
  id: string;
  appointment_id: string;
  message_id: string;
  channel: Channel;
  subject: string | null;
  due_at: string;
};

export const insertWritten = async (tx: Sql, one: WrittenRow): Promise<void> => {
  await tx`
    insert into outbox (id, kind, appointment_id, message_id, channel, subject, due_at)
    values (${one.id}, 'written', ${one.appointment_id}, ${one.message_id}, ${one.channel}, ${one.subject},
      ${one.due_at})`;
};

/**
 * What is to be told of the job as it stands, and when. Whether there is anything to tell, and what, is decided when it
 * is claimed: so a job may be changed as often as one likes. What stands there for this start already stays.
 */
export const insertNotices = async (tx: Sql, appointmentId: string, now: string): Promise<void> => {
  await tx`
    insert into outbox (id, kind, appointment_id, starts_at, due_at)
    select new_id(), n.kind, a.id, a.starts_at, n.due_at
    from appointments a cross join lateral (values
      ('news', ${now}::timestamptz, a.deleted_at is not null or a.status in ('scheduled', 'canceled')),
      ('reminder_day', a.starts_at - interval '24 hours', a.deleted_at is null and a.status = 'scheduled'),
      ('reminder_soon', a.starts_at - interval '2 hours', a.deleted_at is null and a.status = 'scheduled'),
      ('on_the_way', ${now}::timestamptz, a.deleted_at is null and a.status = 'en_route'),
      ('ready', ${now}::timestamptz, a.deleted_at is null and a.status = 'ready'),
      ('thanks', ${now}::timestamptz, a.deleted_at is null and a.status = 'completed')
    ) n (kind, due_at, is_wanted)
    where a.id = ${appointmentId} and n.is_wanted and n.due_at >= ${now}::timestamptz
    on conflict do nothing`;
};

export const listOutbox = (sql: Sql, query: OutboxList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  const { status, appointment_id } = query;
  return sql<ListRow>`
    select id, shape, ${page.key} from delivery_shapes
    where true
      ${status === undefined ? sql.part`` : sql.part`and status = any(${status}::text[])`}
      ${appointment_id === undefined ? sql.part`` : sql.part`and appointment_id = ${appointment_id}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

export type LockedDelivery = { status: string; is_emptied: boolean };

export const lockDelivery = async (tx: Sql, id: string): Promise<LockedDelivery | undefined> => {
  const [row] = await tx<LockedDelivery>`
    select status, appointment_id is null and body is null as is_emptied
    from outbox where id = ${id} for no key update`;
  return row;
};

/**
 * What somebody wrote is written anew; a notice gets its new text when it is claimed. So it goes out under another id,
 * for a provider sends nothing again under one that it knows, and what it says late of the first text stays with that.
 */
export const setQueuedAgain = async (tx: Sql, id: string, now: string): Promise<void> => {
  await tx`
    with text as (
      insert into messages (id, appointment_id, channel, direction, body, status, template_id)
      select new_id(), m.appointment_id, m.channel, 'out', m.body, 'queued', m.template_id
      from outbox o join messages m on m.id = o.message_id where o.id = ${id} and o.kind = 'written'
      returning id
    )
    update outbox set status = 'queued', attempts = 0, due_at = ${now}, error = null, sent_at = null,
      message_id = coalesce((select id from text), message_id)
    where id = ${id}`;
};

/**
 * Texts that somebody wrote to these customers and that wait; what is under way cannot be called back. How a notice goes,
 * if at all, is decided when it is claimed.
 */
export const cancelQueuedTexts = async (tx: Sql, customerIds: readonly string[]): Promise<void> => {
  await tx`
    with canceled as (
      update outbox o set status = 'canceled', error = 'The customer wants no texts'
      from appointments a
      where a.id = o.appointment_id and a.customer_id = any(${customerIds}::uuid[])
        and o.kind = 'written' and o.status = 'queued' and o.channel = 'sms'
      returning o.message_id
    )
    update messages set status = 'canceled' where id in (select message_id from canceled) and status = 'queued'`;
};

export const shapeDelivery = async (tx: Sql, id: string): Promise<Json | undefined> => {
  const [row] = await tx<{ shape: Json }>`select shape from delivery_shapes where id = ${id}`;
  return row?.shape;
};

/** What a provider says later, of a text that it had taken: so that it stands among the failed ones. */
export const setRefusedLater = async (tx: Sql, messageId: string, error: string): Promise<void> => {
  await tx`update outbox set status = 'failed', error = ${error} where message_id = ${messageId}`;
};
