import type { Database } from '../../database/sql.ts';
import { placeAll } from '../changes/places.ts';
import {
  type Due,
  disable,
  endLease,
  enqueue,
  type Hook,
  hasActiveWebhooks,
  type Lease,
  leaseWebhooks,
  recordAttempt,
  takeDue,
} from './deliveries.ts';
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
/** While a receiver takes its time. */
const LOOK_AGAIN_MS = 500;
const GONE = 410;

/**
 * Makes deliveries of what is new and sends what is due, until nothing is: of each webhook one after the other, outside
 * of any transaction, and none waits for another one's receiver. What is cut off between sending and noting is sent
 * again under the same id: at least once.
 */
export const dispatch = async (deps: DispatcherDeps, signal?: AbortSignal): Promise<void> => {
  const { sql, clock } = deps;
  const now = (): string => new Date(clock()).toISOString();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const start = (lease: Lease): void => {
    const sending = sendDue(deps, lease, { now: now(), signal })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(sending));
    running.add(sending);
  };
  while (signal?.aborted !== true && failures.length === 0) {
    if (!(await hasActiveWebhooks(sql))) break;
    const head = await placeAll(sql, { isPatient: false });
    while (await enqueue(sql, { head, most: BATCH, now: now() }));
    const leases = await leaseWebhooks(sql, { most: WEBHOOKS_AT_ONCE - running.size, now: now() });
    for (const lease of leases) start(lease);
    if (running.size === 0) break;
    await Promise.race([...running, Bun.sleep(LOOK_AGAIN_MS)]);
  }
  await Promise.all(running);
  if (failures.length > 1) throw new AggregateError(failures, `${failures[0]}, and others`);
  if (failures.length > 0) throw failures[0];
};

const sendDue = async (
  deps: DispatcherDeps,
  first: Lease,
  { now, signal }: { now: string; signal: AbortSignal | undefined },
): Promise<void> => {
  let lease = first;
  for (let sent = 0; sent < DELIVERIES_AT_ONCE && signal?.aborted !== true; sent += 1) {
    const hook = await takeDue(deps.sql, lease, now);
    if (hook === undefined) return;
    lease = hook;
    if (hook.due === null || !(await attempt(deps, hook, hook.due))) break;
  }
  await endLease(deps.sql, lease);
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
  const found = await recordAttempt(sql, hook, {
    id: delivery.id,
    attempts: delivery.attempts,
    status: isTaken ? 'delivered' : pauseMs === undefined ? 'failed' : 'pending',
    now: new Date(at).toISOString(),
    nextAttemptAt: pauseMs === undefined ? null : new Date(at + pauseMs).toISOString(),
    responseStatus: sent.status ?? null,
    excerpt: sent.status === undefined ? null : sent.excerpt,
    error: sent.error ?? null,
    durationMs,
  });
  if (found === undefined) return false;
  const reason = whyDisabled(sent, at, found.failingSince);
  if (reason === undefined) return true;
  if (await disable(sql, hook, reason)) deps.disabled(hook.id, reason);
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
