import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Channel } from '../../shapes/message.ts';
import type { Lately } from './rules.ts';
import type { MessageList } from './schema.ts';

/** A living job that the actor may see. */
export const hasJob = async (sql: Sql, id: string, ownStaffId: string | null): Promise<boolean> => {
  const own = ownStaffId === null ? sql.part`` : sql.part`and t.staff_id = ${ownStaffId}`;
  const rows = await sql`
    select 1 as one from appointments a left join technicians t on t.id = a.technician_id
    where a.id = ${id} and a.deleted_at is null and a.status <> 'held' ${own}`;
  return rows.length === 1;
};

export const listMessages = (sql: Sql, query: MessageList & { id: string }): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from message_shapes where appointment_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export type Recipient = {
  customer_id: string;
  version: number;
  phone: string | null;
  email: string | null;
  sms_consent: boolean;
  messages_per_hour: number;
  shop_name: string;
};

/** The customer of a living job, locked: of two who write to them at once, the second counts the first one's message. */
export const lockRecipient = async (tx: Sql, appointmentId: string): Promise<Recipient | undefined> => {
  const [row] = await tx<Recipient>`
    select a.customer_id, a.version, c.phone, c.email, c.sms_consent, s.messages_per_hour, s.shop_name
    from appointments a join customers c on c.id = a.customer_id cross join settings s
    where a.id = ${appointmentId} and a.deleted_at is null
    for no key update of c`;
  return row;
};

/** How many went to the customer in the last hour, and when the first of them is an hour old. */
export const countLately = async (tx: Sql, customerId: string): Promise<Lately> => {
  const [row] = await tx<Lately>`
    select count(*)::integer as count,
      greatest(1, ceil(extract(epoch from min(m.created_at) + interval '1 hour' - now())))::integer as frees_in_s
    from appointments a join messages m on m.appointment_id = a.id
    where a.customer_id = ${customerId} and m.direction = 'out' and m.status <> 'canceled'
      and m.created_at > now() - interval '1 hour'`;
  return row ?? { count: 0, frees_in_s: null };
};

type NewRow = {
  id: string;
  appointment_id: string;
  channel: Channel;
  body: string;
  template_id: string | null;
};

export const insertMessage = async (tx: Sql, one: NewRow): Promise<void> => {
  await tx`
    insert into messages (id, appointment_id, channel, direction, body, status, template_id)
    values (${one.id}, ${one.appointment_id}, ${one.channel}, 'out', ${one.body}, 'queued', ${one.template_id})`;
};

export const shapeMessage = async (tx: Sql, id: string): Promise<Json | undefined> => {
  const [row] = await tx<{ shape: Json }>`select shape from message_shapes where id = ${id}`;
  return row?.shape;
};

export type Received = { customerId: string; body: string; providerId: string };

/** Into the thread that was written to last, else that of the latest job. False: without a thread, or known already. */
export const insertReceived = async (tx: Sql, id: string, one: Received): Promise<boolean> => {
  const rows = await tx`
    insert into messages (id, appointment_id, channel, direction, body, status, provider_id)
    select ${id}::uuid, thread.id, 'sms', 'in', ${one.body}::text, 'delivered', ${one.providerId}::text
    from (
      select a.id from appointments a
      left join lateral (
        select max(m.created_at) as at from messages m
        where m.appointment_id = a.id and m.direction = 'out' and m.channel = 'sms'
      ) written on true
      where a.customer_id = ${one.customerId} and a.deleted_at is null
      order by written.at desc nulls last, a.starts_at desc limit 1
    ) thread
    on conflict (direction, provider_id) where provider_id is not null do nothing
    returning 1 as one`;
  return rows.length === 1;
};

export const isReceived = async (tx: Sql, providerId: string): Promise<boolean> => {
  const rows = await tx`select 1 as one from messages where direction = 'in' and provider_id = ${providerId}`;
  return rows.length === 1;
};

/** What a provider says became of a text that it took. */
export type Outcome = 'delivered' | 'failed';

/** `id` is undefined for a text that the shop never sent; `isNew` false when it was known already. */
export const setOutcome = async (
  tx: Sql,
  providerId: string,
  status: Outcome,
): Promise<{ id: string; is_new: boolean } | undefined> => {
  const [row] = await tx<{ id: string; is_new: boolean }>`
    with known as (
      select id, status from messages where direction = 'out' and provider_id = ${providerId} for no key update
    ), told as (
      update messages m set status = ${status} from known
      where m.id = known.id and known.status = 'sent' returning m.id
    )
    select known.id, exists (select from told) as is_new from known`;
  return row;
};
