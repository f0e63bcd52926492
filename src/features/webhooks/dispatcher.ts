import type { Database } from '../../database/sql.ts';
import { placeAll } from '../changes/places.ts';
import {
  type Due,
  disable,
  endLease,
  enqueue,
  type Hook,
  hasActiveWebhooks,
  leaseWebhooks,
  listDue,
  recordAttempt,
} from './outbox.ts';
import { PATIENCE_MS, pauseAfter, signatures } from './rules.ts';
import type { Send, Sent } from './sender.ts';

export type DispatcherDeps = {
  sql: Database;
  send: Send;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** From 0 to 1. */
  luck?: () => number;
  disabled(webhookId: string, reason: 'gone' | 'failing'): void;
};

const BATCH = 500;
const WEBHOOKS_AT_ONCE = 10;
const DELIVERIES_AT_ONCE = 20;
const GONE = 410;

/**
 * One round: makes deliveries of what is new, then sends what is due, of each webhook one after the other, outside of
 * any transaction. What is cut off between sending and noting is sent again under the same id: at least once.
 */
export const dispatch = async (deps: DispatcherDeps, signal?: AbortSignal): Promise<void> => {
  const { sql, clock } = deps;
  const now = (): string => new Date(clock()).toISOString();
  if (!(await hasActiveWebhooks(sql))) return;
  const head = await placeAll(sql, { isPatient: false });
  while (signal?.aborted !== true && (await enqueue(sql, { head, most: BATCH, now: now() })));
  while (signal?.aborted !== true) {
    const hooks = await leaseWebhooks(sql, { most: WEBHOOKS_AT_ONCE, now: now() });
    if (hooks.length === 0) return;
    await Promise.all(hooks.map((hook) => sendDue(deps, hook, { now: now(), signal })));
  }
};

const sendDue = async (
  deps: DispatcherDeps,
  hook: Hook,
  { now, signal }: { now: string; signal: AbortSignal | undefined },
): Promise<void> => {
  const due = await listDue(deps.sql, { webhookId: hook.id, most: DELIVERIES_AT_ONCE, now });
  for (const delivery of due) {
    if (signal?.aborted === true || !(await attempt(deps, hook, delivery))) break;
  }
  await endLease(deps.sql, hook.id);
};

/** Whether more may be sent to this webhook now. */
const attempt = async (deps: DispatcherDeps, hook: Hook, delivery: Due): Promise<boolean> => {
  const { sql, clock, luck = Math.random } = deps;
  const began = performance.now();
  const sent = await deps.send(messageOf(hook, delivery, clock()));
  const durationMs = Math.round(performance.now() - began);
  const isTaken = sent.status !== undefined && sent.status >= 200 && sent.status < 300;
  const pauseMs = isTaken ? undefined : pauseAfter(delivery.attempts + 1, luck());
  const at = clock();
  const found = await recordAttempt(sql, {
    id: delivery.id,
    status: isTaken ? 'delivered' : pauseMs === undefined ? 'failed' : 'pending',
    now: new Date(at).toISOString(),
    nextAttemptAt: pauseMs === undefined ? null : new Date(at + pauseMs).toISOString(),
    responseStatus: sent.status ?? null,
    excerpt: sent.status === undefined ? null : sent.excerpt,
    error: sent.error ?? null,
    durationMs,
  });
  const reason = whyDisabled(sent, at, found?.failingSince ?? null);
  if (reason === undefined) return true;
  await disable(sql, hook.id, reason);
  deps.disabled(hook.id, reason);
  return false;
};

const whyDisabled = (
  sent: Sent,
  now: number,
  failingSince: string | null,
): 'gone' | 'failing' | undefined => {
  if (sent.status === GONE) return 'gone';
  return failingSince !== null && now - Date.parse(failingSince) >= PATIENCE_MS ? 'failing' : undefined;
};

/** Standard Webhooks 1.0.0 */
const messageOf = ({ url, secrets }: Hook, { id, body }: Due, now: number) => {
  const signed = { id: `msg_${id}`, timestampS: Math.floor(now / 1_000), body };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'edgars-webhooks/1',
    'webhook-id': signed.id,
    'webhook-timestamp': String(signed.timestampS),
    'webhook-signature': signatures(signed, secrets),
  };
  return { url, headers, body };
};
