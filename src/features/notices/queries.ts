import type { Part, Sql } from '../../database/sql.ts';
import { type Letter, SECRET_KINDS } from '../outbox/types.ts';
import type { Errand, Template, Text } from './rules.ts';

/** In PostgreSQL's time, which all boxes share, unless a test says when it is. */
const at = (sql: Sql, now: string | null): Part =>
  now === null ? sql.part`now()` : sql.part`${now}::timestamptz`;

/** So that a quiet shop costs one short read, and no transaction. */
export const hasDue = async (sql: Sql, now: string | null): Promise<boolean> => {
  const rows = await sql`
    select 1 as one from outbox where status in ('queued', 'sending') and due_at <= ${at(sql, now)}
    order by due_at limit 1`;
  return rows.length === 1;
};

/**
 * What is due, with its job and its customer: the sender waits for no lock, so it is never in anybody's way for long, nor
 * in a deadlock. Whoever changes job or customer has done so before, or does it afterwards.
 */
export const lockDue = async (tx: Sql, now: string | null, most: number): Promise<string[]> => {
  const rows = await tx<{ id: string }>`
    select o.id from outbox o
    join appointments a on a.id = o.appointment_id
    join customers c on c.id = a.customer_id
    where o.status in ('queued', 'sending') and o.due_at <= ${at(tx, now)}
      -- As far as this statement sees: readErrands looks again.
      and not exists (select from outbox b where b.appointment_id = o.appointment_id and b.id <> o.id
        and b.status = 'sending' and b.due_at > ${at(tx, now)})
    order by o.due_at, o.id limit ${most}
    for no key update of o, a, c skip locked`;
  return rows.map(({ id }) => id);
};

/** A statement of its own, behind the locks: what was committed until then is in it. */
export const readErrands = (tx: Sql, ids: readonly string[], now: string | null): Promise<Errand[]> =>
  tx<Errand>`
    select o.id, o.kind, o.attempts, o.recipient, o.subject,
      (select to_jsonb(x) from (
        select m.id, m.channel, m.body, m.kind, iso(m.starts_at) as starts_at
        from messages m where m.id = o.message_id and m.status = 'queued') x) as message,
      a.id as appointment_id, a.customer_id, a.status, iso(a.starts_at) as starts_at, iso(o.starts_at) as meant_start,
      a.deleted_at is not null as is_deleted, c.deleted_at is not null as is_customer_deleted,
      c.phone, c.email, c.sms_consent,
      (select to_jsonb(x) from (
        select m.kind, iso(m.starts_at) as starts_at from messages m
        where m.appointment_id = a.id and m.starts_at is not null and m.status in ('queued', 'sent', 'delivered')
          and m.id is distinct from o.message_id
        order by m.created_at desc, m.id desc limit 1) x) as told,
      lately.count as lately, iso(lately.first + interval '1 hour') as lately_frees_at,
      s.messages_per_hour, s.timezone as zone, iso(${at(tx, now)}) as now,
      exists (select from outbox b where b.appointment_id = a.id and b.id <> o.id
        and b.status = 'sending' and b.due_at > ${at(tx, now)}) as is_busy
    from outbox o
    join appointments a on a.id = o.appointment_id
    join customers c on c.id = a.customer_id
    cross join settings s
    cross join lateral (
      select count(*)::integer as count, min(m.created_at) as first
      from appointments j join messages m on m.appointment_id = j.id
      where j.customer_id = c.id and m.direction = 'out' and m.status <> 'canceled'
        and m.id is distinct from o.message_id
        and m.created_at > ${at(tx, now)} - interval '1 hour'
    ) lately
    where o.id = any(${ids}::uuid[])
    order by o.due_at, o.id`;

export const listNoticeTemplates = (tx: Sql): Promise<Template[]> =>
  tx<Template>`
    select id, kind, channel, subject, body from message_templates
    where kind is not null and is_active and deleted_at is null`;

type NewMessage = Text & { id: string; appointment_id: string };

export const insertTexts = async (
  tx: Sql,
  texts: readonly NewMessage[],
  now: string | null,
): Promise<void> => {
  await tx`
    insert into messages (id, appointment_id, channel, direction, body, status, template_id, kind, starts_at, created_at)
    select x.id, x.appointment_id, x.channel, 'out', x.body, 'queued', x.template_id, x.kind, x.starts_at, ${at(tx, now)}
    from jsonb_to_recordset(${tx.json(texts)}) as x(id uuid, appointment_id uuid, channel text, body text,
      template_id uuid, kind text, starts_at timestamptz)`;
};

export const cancelMessages = async (tx: Sql, ids: readonly string[]): Promise<void> => {
  await tx`update messages set status = 'canceled' where id = any(${ids}::uuid[]) and status = 'queued'`;
};

export type Settled = {
  id: string;
  status: 'queued' | 'sending' | 'failed' | 'canceled';
  error: string | null;
  /** Null: now. */
  due_at: string | null;
  message_id: string | null;
  channel: string | null;
  recipient: string | null;
  subject: string | null;
};

/** What was decided; what is sent is left to the sender for so long. */
export const settle = async (
  tx: Sql,
  settled: readonly Settled[],
  { now, leaseS }: { now: string | null; leaseS: number },
): Promise<void> => {
  await tx`
    update outbox o set status = x.status, error = x.error,
      -- Until there is another one, a retry stands with the text that failed.
      message_id = coalesce(x.message_id, o.message_id), channel = coalesce(x.channel, o.channel),
      recipient = x.recipient, subject = x.subject,
      attempts = o.attempts + case when x.status = 'sending' then 1 else 0 end,
      due_at = case when x.status = 'sending' then ${at(tx, now)} + make_interval(secs => ${leaseS}::integer)
        else coalesce(x.due_at, o.due_at) end
    from jsonb_to_recordset(${tx.json(settled)}) as x(id uuid, status text, error text, due_at timestamptz,
      message_id uuid, channel text, recipient text, subject text)
    where o.id = x.id`;
};

export type Claimed = Letter & { delivery_id: string; attempt: number };

/** Mails that belong to no job: they go as they stand. One that no attempt brought to an end is given up. */
export const claimMails = (
  tx: Sql,
  {
    now,
    most,
    leaseS,
    maxAttempts,
  }: { now: string | null; most: number; leaseS: number; maxAttempts: number },
): Promise<Claimed[]> =>
  tx<Claimed>`
    with due as (
      select id from outbox
      where appointment_id is null and status in ('queued', 'sending') and due_at <= ${at(tx, now)}
      order by due_at, id limit ${most} for no key update skip locked
    ), claimed as (
      update outbox o set
        status = case when o.attempts < ${maxAttempts}::integer then 'sending' else 'failed' end,
        body = case when o.attempts < ${maxAttempts}::integer or o.kind <> all(${SECRET_KINDS}::text[])
          then o.body end,
        error = case when o.attempts < ${maxAttempts}::integer then o.error else 'No attempt came to its end' end,
        attempts = o.attempts + 1, due_at = ${at(tx, now)} + make_interval(secs => ${leaseS}::integer)
      from due where o.id = due.id returning o.*
    )
    select id as delivery_id, id, 'email' as channel, recipient, subject, body, attempts as attempt
    from claimed where status = 'sending'`;

type Told = { delivery_id: string; id: string; attempt: number };

/** Only by whoever still has it: after its lease somebody else may have claimed it. */
export const setSent = async (tx: Sql, told: Told, providerId: string | null): Promise<boolean> => {
  const rows = await tx`
    with sent as (
      update outbox set status = 'sent', sent_at = now(), error = null,
        -- What a mail to the staff holds may be a secret.
        body = null
      where id = ${told.delivery_id} and status = 'sending' and attempts = ${told.attempt}::integer
      returning id
    ), thread as (
      update messages set status = 'sent', sent_at = now(), provider_id = ${providerId}
      where id = ${told.id} and status = 'queued' and exists (select from sent)
    )
    select 1 as one from sent`;
  return rows.length === 1;
};

/** `pauseMs` null: for good. */
export const setUnsent = async (
  tx: Sql,
  told: Told,
  { error, pauseMs, now }: { error: string; pauseMs: number | null; now: string | null },
): Promise<boolean> => {
  const rows = await tx`
    with unsent as (
      update outbox set error = ${error},
        status = case when ${pauseMs}::integer is null then 'failed' else 'queued' end,
        due_at = ${at(tx, now)} + coalesce(${pauseMs}::integer, 0) * interval '1 millisecond',
        -- It is sent again when somebody asks for it; a secret is not.
        body = case when ${pauseMs}::integer is not null or kind <> all(${SECRET_KINDS}::text[]) then body end
      where id = ${told.delivery_id} and status = 'sending' and attempts = ${told.attempt}::integer
      returning status
    ), thread as (
      update messages set status = 'failed'
      where id = ${told.id} and status = 'queued' and exists (select from unsent where status = 'failed')
    )
    select 1 as one from unsent`;
  return rows.length === 1;
};
