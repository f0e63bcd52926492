import { constraintOf } from '../../database/failures.ts';
import type { Database } from '../../database/sql.ts';
import { pauseAfter } from '../outbox/rules.ts';
import { NeverSent, type Providers } from '../outbox/types.ts';
import { claim, LEASE_S } from './claim.ts';
import { type Claimed, hasDue, setSent, setUnsent } from './queries.ts';

type Line = (fields: Record<string, unknown>, message: string) => void;

export type Sender = {
  sql: Database;
  providers: Providers;
  log: { info: Line; warn: Line };
  counted: (outcome: 'sent' | 'retried' | 'failed') => void;
  /** Only in tests: PostgreSQL's clock is the one that all boxes share. */
  clock?: () => number;
};

const PROVIDER_TIMEOUT_MS = 20_000;
if (PROVIDER_TIMEOUT_MS * 2 > LEASE_S * 1_000) throw new Error('a lease must outlast the provider');

/**
 * Sends what is due; true when there may be more. A text is claimed, and true, in one transaction; handed over outside
 * of any; what became of it is noted in another. Killed between the two, it is sent again under the same id once its
 * lease has ended: at least once, never twice for a provider that knows its ids.
 */
export const sendDue = async (sender: Sender): Promise<boolean> => {
  const now = timeOf(sender);
  if (!(await hasDue(sender.sql, now))) return false;
  const { letters, isFound } = await sender.sql.transaction((tx) => claim(tx, now));
  const outcomes = await Promise.allSettled(letters.map((letter) => sendOne(sender, letter)));
  const fault = outcomes.find((one) => one.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
  return isFound;
};

const timeOf = ({ clock }: Sender): string | null =>
  clock === undefined ? null : new Date(clock()).toISOString();

const sendOne = async (sender: Sender, letter: Claimed): Promise<void> => {
  const { sql, log, counted } = sender;
  const { delivery_id, channel, attempt } = letter;
  const outcome = await handOver(sender, letter);
  if (!('error' in outcome)) {
    // Handed over, by us too, whoever notes it.
    await noteSent(sender, letter, outcome.providerId);
    counted('sent');
    return;
  }
  const { error, isForGood } = outcome;
  const pauseMs = isForGood ? null : (pauseAfter(attempt, Math.random()) ?? null);
  const unsent = { error, pauseMs, now: timeOf(sender) };
  // Not when somebody else has it by now.
  if (!(await sql.transaction((tx) => setUnsent(tx, letter, unsent)))) return;
  counted(pauseMs === null ? 'failed' : 'retried');
  const told = { delivery_id, channel, attempt, reason: error };
  if (pauseMs === null) log.warn(told, 'a message could not be sent and is given up: see GET /v1/outbox');
  else log.info({ ...told, pause_ms: pauseMs }, 'a message could not be sent and is tried again');
};

/** A provider that calls two texts the same must not keep the second from being noted, and sent again and again. */
const noteSent = ({ sql, log }: Sender, letter: Claimed, providerId: string | null): Promise<boolean> =>
  sql
    .transaction((tx) => setSent(tx, letter, providerId))
    .catch((error: unknown) => {
      if (constraintOf(error) !== 'messages_provider_id_taken') throw error;
      const { delivery_id, channel } = letter;
      log.warn({ delivery_id, channel }, 'the provider calls two texts the same: what it says later is lost');
      return sql.transaction((tx) => setSent(tx, letter, null));
    });

type Outcome = { providerId: string | null } | { error: string; isForGood: boolean };

/** A provider that ignores its signal must not hold up the others. */
const handOver = async ({ providers }: Sender, letter: Claimed): Promise<Outcome> => {
  const { delivery_id: _delivery, attempt: _attempt, ...whole } = letter;
  const signal = AbortSignal.timeout(PROVIDER_TIMEOUT_MS);
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('no answer in time'))),
  );
  try {
    return { providerId: await Promise.race([providers[whole.channel](whole, signal), late]) };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failed';
    return { error: message.slice(0, 300), isForGood: error instanceof NeverSent };
  }
};
