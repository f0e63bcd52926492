import type { Sql, Transaction } from '../database/sql.ts';
import { fail } from '../errors.ts';
import type { Actor, Ctx } from './context.ts';

/** The answer of a write as it was sent, envelope and all. */
export type Kept = { status: 200 | 201 | 202; text: string; headers: Readonly<Record<string, string>> };

/** The same, and what is kept of it: all but a secret. */
export type Answered = Kept & { keptText: string };

/** One try of a write under a key: the same actor, method, path and key are the same write; of a stranger the body too. */
export type KeyedWrite = { scope: Uint8Array; fingerprint: Uint8Array };

export const keyedWrite = (c: Ctx, key: string, given: string): KeyedWrite => ({
  scope: new Bun.CryptoHasher('sha256')
    .update([...whoOf(c, given), c.req.method, c.req.path, key].join('\n'))
    .digest(),
  // The key itself is stored nowhere: without it nobody can try what the body was.
  fingerprint: new Bun.CryptoHasher('sha256', key).update(given).digest(),
});

/**
 * Many strangers share an address, and a key may be guessed: only who knows the whole body too, with the id of a hold
 * in it, gets the answer that was given to it.
 */
const whoOf = (c: Ctx, given: string): string[] => {
  const actor: Actor | undefined = c.get('actor');
  if (actor !== undefined) return [actor.id];
  const stranger: string | undefined = c.get('stranger');
  if (stranger === undefined) throw new Error('a write by nobody');
  return ['stranger', stranger, given];
};

/**
 * Runs the write once. A second one with its key gets the first one's answer, marked as replayed.
 * Throws idempotency.in_progress (409) while the first one runs, idempotency.key_reused (422) for another body.
 */
export const once = async (
  tx: Transaction,
  { scope, fingerprint }: KeyedWrite,
  work: () => Promise<Answered>,
): Promise<Kept & { isReplay: boolean }> => {
  // A statement of its own: the look below must not be older than the lock.
  if (!(await takeLock(tx, scope))) {
    throw fail(
      'idempotency.in_progress',
      'The first request with this Idempotency-Key is still running. Send it again in a second.',
      { retryAfterS: 1 },
    );
  }
  const past = await findKept(tx, scope);
  if (past !== undefined && !Buffer.from(past.fingerprint).equals(fingerprint)) {
    throw fail(
      'idempotency.key_reused',
      'This Idempotency-Key was used with another body. Take a new key for a new request.',
    );
  }
  if (past !== undefined) return { ...past, isReplay: true };
  const { keptText, ...answered } = await work();
  await insertKept(tx, { scope, fingerprint, ...answered, text: keptText });
  return { ...answered, isReplay: false };
};

const takeLock = async (tx: Sql, scope: Uint8Array): Promise<boolean> => {
  const id = Buffer.from(scope).readBigInt64BE(0).toString();
  const [row] = await tx<{ taken: boolean }>`select pg_try_advisory_xact_lock(${id}::bigint) as taken`;
  return row?.taken === true;
};

const findKept = async (
  tx: Sql,
  scope: Uint8Array,
): Promise<(Kept & { fingerprint: Uint8Array }) | undefined> => {
  const [row] = await tx<Kept & { fingerprint: Uint8Array }>`
    select fingerprint, status, headers, body as text from idempotency_keys where scope = ${scope}`;
  return row;
};

const insertKept = async (tx: Sql, one: KeyedWrite & Kept): Promise<void> => {
  await tx`
    insert into idempotency_keys (scope, fingerprint, status, headers, body)
    values (${one.scope}, ${one.fingerprint}, ${one.status}, ${tx.json(one.headers)}, ${one.text})`;
};
