import type { Database, Sql } from '../../database/sql.ts';
import { cancelPending } from './queries.ts';

/** `leasedUntil` names the lease of the webhook with that id: whoever takes it afterwards has a later one. */
export type Lease = { id: string; leasedUntil: string };
/** `secrets`: the newest first. */
export type Hook = Lease & { url: string; secrets: string[] };
export type Due = { id: string; body: string; attempts: number };

const LEASE = '30 seconds';

export const hasActiveWebhooks = async (sql: Sql): Promise<boolean> => {
  const [row] = await sql<{ found: boolean }>`select exists (select from webhooks where is_active) as found`;
  return row?.found === true;
};

/**
 * Makes deliveries of what each webhook was not told of yet, up to `head`, in the order of the feed; a webhook that
 * another dispatcher sees to is left to it. Whether some are not through yet.
 */
export const enqueue = async (
  sql: Sql,
  { head, most, now }: { head: number; most: number; now: string },
): Promise<boolean> => {
  const [row] = await sql<{ behind: boolean }>`
    with hook as materialized (
      select w.id, w.events, p.position from webhooks w join webhook_progress p on p.webhook_id = w.id
      where w.is_active and p.position < ${head} for update of p skip locked
    ), event as (
      select h.id as webhook_id, array['*', c.entity || '.*', c.type] && h.events as is_wanted, c.*
      from hook h cross join lateral (
        select * from changes c where c.position > h.position and c.position <= ${head} order by c.position limit ${most}
      ) c
    ), reached as (
      select h.id, case when count(e.position) < ${most} then ${head}::bigint else max(e.position) end as position
      from hook h left join event e on e.webhook_id = h.id group by h.id
    ), moved as (
      update webhook_progress p set position = r.position from reached r where r.id = p.webhook_id returning p.position
    ), made as (
      insert into webhook_deliveries (id, webhook_id, position, type, body, next_attempt_at)
      select new_id(), e.webhook_id, e.position, e.type, (select to_json(x)::text from (
        select e.type, iso(e.at) as timestamp, (select to_json(y) from (
          select e.entity, e.entity_id, e.version, e.deleted, e.status) y) as data) x), ${now}
      from event e where e.is_wanted
    )
    select coalesce(bool_or(position < ${head}), false) as behind from moved`;
  return row?.behind === true;
};

/** Takes some webhooks that have something due for this dispatcher alone, for half a minute at a time. */
export const leaseWebhooks = (sql: Sql, { most, now }: { most: number; now: string }): Promise<Lease[]> =>
  sql<Lease>`
    update webhook_progress set leased_until = clock_timestamp() + ${LEASE}::interval
    where webhook_id in (
      select p.webhook_id from webhook_progress p join webhooks w on w.id = p.webhook_id
      where w.is_active and coalesce(p.leased_until < clock_timestamp(), true) and exists (
        select from webhook_deliveries d
        where d.webhook_id = w.id and d.status = 'pending' and d.next_attempt_at <= ${now})
      limit ${most} for update of p skip locked)
    returning webhook_id as id, leased_until as "leasedUntil"`;

export const endLease = async (sql: Sql, { id, leasedUntil }: Lease): Promise<void> => {
  await sql`
    update webhook_progress set leased_until = null
    where webhook_id = ${id} and leased_until = ${leasedUntil}`;
};

/**
 * What is to be sent next, null when nothing is, to the webhook as it is now; its lease begins anew. Undefined once it is
 * off, or somebody else has it: who was held up for longer than its lease sends nothing more.
 */
export const takeDue = async (
  sql: Sql,
  { id, leasedUntil }: Lease,
  now: string,
): Promise<(Hook & { due: Due | null }) | undefined> => {
  const [mine] = await sql<{ leasedUntil: string }>`
    update webhook_progress set leased_until = clock_timestamp() + ${LEASE}::interval
    where webhook_id = ${id} and leased_until = ${leasedUntil} returning leased_until as "leasedUntil"`;
  if (mine === undefined) return undefined;
  // A statement of its own: it sees what was changed while the one before waited.
  const [hook] = await sql<Omit<Hook, 'leasedUntil'> & { due: Due | null }>`
    select w.id, w.url, to_jsonb(array_remove(
        array[w.secret, case when w.old_secret_ends_at > ${now} then w.old_secret end], null)) as secrets,
      (select to_jsonb(x) from (
        select id, body, attempts from webhook_deliveries
        where webhook_id = ${id} and status = 'pending' and next_attempt_at <= ${now}
        order by position nulls first, created_at, id limit 1) x) as due
    from webhooks w where w.id = ${id} and w.is_active`;
  return hook && { ...hook, ...mine };
};

export type Outcome = {
  id: string;
  /** How many there were before. */
  attempts: number;
  status: 'pending' | 'delivered' | 'failed';
  now: string;
  nextAttemptAt: string | null;
  responseStatus: number | null;
  excerpt: string | null;
  error: string | null;
  durationMs: number;
};

/**
 * Notes what came of an attempt. Since when the webhook only fails, null after a success; undefined when nobody waits
 * for it any more: somebody else has the webhook, it was switched off, or the delivery was put down anew.
 */
export const recordAttempt = async (
  sql: Sql,
  { id, leasedUntil }: Lease,
  one: Outcome,
): Promise<{ failingSince: string | null } | undefined> => {
  const [row] = await sql<{ failingSince: string | null }>`
    with mine as materialized (
      select webhook_id from webhook_progress where webhook_id = ${id} and leased_until = ${leasedUntil} for update
    ), done as (
      update webhook_deliveries set status = ${one.status}, attempts = attempts + 1,
        next_attempt_at = ${one.nextAttemptAt}, response_status = ${one.responseStatus},
        response_excerpt = ${one.excerpt}, error = ${one.error}, duration_ms = ${one.durationMs},
        delivered_at = case when ${one.status} = 'delivered' then ${one.now}::timestamptz end
      where id = ${one.id} and status = 'pending' and attempts = ${one.attempts}
        and webhook_id = (select webhook_id from mine)
      returning webhook_id
    )
    update webhook_progress p set failing_since = case
      when ${one.status} <> 'delivered' then coalesce(failing_since, ${one.now}) end
    from done where p.webhook_id = done.webhook_id
    returning p.failing_since as "failingSince"`;
  return row;
};

/** Nothing more is sent to it until somebody switches it on again. False: somebody else has it, or has changed it. */
export const disable = (
  sql: Database,
  { id, leasedUntil, url }: Hook,
  reason: 'gone' | 'failing',
): Promise<boolean> =>
  sql.transaction(async (tx) => {
    const mine = await tx`
      select 1 as one from webhook_progress where webhook_id = ${id} and leased_until = ${leasedUntil} for update`;
    if (mine.length === 0) return false;
    const changed = await tx`
      update webhooks set is_active = false, disabled_reason = ${reason}, updated_at = now(), version = version + 1
      where id = ${id} and is_active and url = ${url} returning id`;
    if (changed.length === 0) return false;
    await cancelPending(tx, id);
    return true;
  });
