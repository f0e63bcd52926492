import type { Json, Part, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { DeliveryList, WebhookList } from './schema.ts';

export type WebhookShape = { id: string; version: number; shape: Json };
export type WebhookFields = { url: string; events: string[]; is_active: boolean };
export type LockedWebhook = WebhookFields & { version: number };

export const findWebhook = async (sql: Sql, id: string): Promise<WebhookShape | undefined> => {
  const [row] = await sql<WebhookShape>`select id, version, shape from webhook_shapes where id = ${id}`;
  return row;
};

export const listWebhooks = (sql: Sql, query: WebhookList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from webhook_shapes where true ${page.after} ${page.order} limit ${page.limit}`;
};

/**
 * The one order of locks, for those who change a webhook and for those who send to it: first its progress, then the
 * webhook, then its deliveries.
 */
export const lockWebhook = async (tx: Sql, id: string): Promise<LockedWebhook | undefined> => {
  const [row] = await tx<LockedWebhook>`
    with progress as materialized (select webhook_id from webhook_progress where webhook_id = ${id} for update)
    select w.url, to_jsonb(w.events) as events, w.is_active, w.version
    from progress p join webhooks w on w.id = p.webhook_id for no key update of w`;
  return row;
};

/** It is told of what is given a place from now on. */
export const insertWebhook = async (
  tx: Sql,
  { id, url, events, secret }: { id: string; url: string; events: string[]; secret: string },
): Promise<void> => {
  await tx`
    with made as (
      insert into webhooks (id, url, events, secret) values (${id}, ${url}, ${events}::text[], ${secret})
    )
    insert into webhook_progress (webhook_id, position) select ${id}, last from journal_head`;
};

export const updateWebhook = async (tx: Sql, id: string, next: WebhookFields): Promise<void> => {
  await tx`
    update webhooks set url = ${next.url}, events = ${next.events}::text[], is_active = ${next.is_active},
      disabled_reason = case when ${next.is_active}::boolean then null else disabled_reason end,
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** Of what happened while it was off nothing is sent; who was sending to it then has it no more. */
export const restartProgress = async (tx: Sql, id: string): Promise<void> => {
  await tx`
    update webhook_progress set position = h.last, failing_since = null, leased_until = null
    from journal_head h where webhook_id = ${id}`;
};

export const cancelPending = async (tx: Sql, webhookId: string): Promise<void> => {
  await tx`
    update webhook_deliveries set status = 'canceled', next_attempt_at = null
    where webhook_id = ${webhookId} and status = 'pending'`;
};

export const setSecret = async (
  tx: Sql,
  id: string,
  next: { secret: string; oldEndsAt: string },
): Promise<void> => {
  await tx`
    update webhooks set secret = ${next.secret}, old_secret = secret, old_secret_ends_at = ${next.oldEndsAt},
      secret_changed_at = now(), updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const deleteWebhook = async (tx: Sql, id: string): Promise<void> => {
  await tx`delete from webhooks where id = ${id}`;
};

export const listDeliveries = (sql: Sql, query: DeliveryList & { id: string }): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  const narrowed: Part =
    query.status === undefined ? sql.part`` : sql.part`and status = any(${query.status}::text[])`;
  return sql<ListRow>`
    select id, shape, ${page.key} from webhook_delivery_shapes where webhook_id = ${query.id} ${narrowed} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const findDelivery = async (sql: Sql, id: string): Promise<Json | undefined> => {
  const [row] = await sql<{ shape: Json }>`select shape from webhook_delivery_shapes where id = ${id}`;
  return row?.shape;
};

export const insertTest = async (
  tx: Sql,
  one: { id: string; webhookId: string; type: string; now: string },
): Promise<void> => {
  await tx`
    insert into webhook_deliveries (id, webhook_id, type, body, next_attempt_at)
    select ${one.id}, ${one.webhookId}, ${one.type}, (select to_json(x)::text from (
      select ${one.type}::text as type, iso(${one.now}::timestamptz) as timestamp,
        json_build_object('entity', 'webhook', 'entity_id', ${one.webhookId}::uuid) as data) x), ${one.now}`;
};

/** With the same id, so that a receiver knows it again. Undefined for a delivery of another one. */
export const againPending = async (
  tx: Sql,
  one: { id: string; webhookId: string; now: string },
): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`
    update webhook_deliveries set status = 'pending', attempts = 0, next_attempt_at = ${one.now}, delivered_at = null
    where id = ${one.id} and webhook_id = ${one.webhookId} returning id`;
  return row;
};
