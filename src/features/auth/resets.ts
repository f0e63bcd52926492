import type { Database, Sql } from '../../database/sql.ts';
import { fail, type RateLimit } from '../../errors.ts';
import { hashed, newToken } from '../../values/token.ts';
import { queueMail } from '../outbox/commands.ts';
import { beginAttempt } from './attempts.ts';
import { replacePassword } from './commands.ts';
import { assertStrongPassword, hashPassword } from './passwords.ts';
import { findAccount } from './queries.ts';
import { resetMail } from './rules.ts';
import type { NewPassword, ResetRequest } from './schema.ts';

// As in commands.ts: the counters are committed before a refusal is thrown, so these take the pool.

/**
 * Whoever asks is told the same, in the same time: an unknown address takes the same statements, and its token opens
 * nothing. Throws auth.too_many_attempts (429).
 */
export const requestReset = async (
  sql: Database,
  { email, address }: ResetRequest & { address: string },
): Promise<void> => {
  await beginAttempt(sql, { kind: 'reset', account: email, address });
  const account = await findAccount(sql, email);
  const token = newToken();
  await sql.transaction(async (tx) => {
    await insertReset(tx, hashed(token), account?.id ?? null);
    await queueMail(tx, account?.email ?? null, resetMail(token));
  });
};

/**
 * Sets the password once for a token and ends every session of the account.
 * Throws auth.reset_token_wrong for one that is wrong, used or too old, password.too_weak (422), after which it can be
 * used again; auth.too_many_attempts (429), auth.busy (503).
 */
export const confirmReset = async (
  sql: Database,
  { token, new_password: password, address }: NewPassword & { address: string },
): Promise<void> => {
  const attempt = await beginAttempt(sql, { kind: 'reset', address });
  const tokenHash = hashed(token);
  const account = await findResetAccount(sql, tokenHash);
  if (account === undefined) throw wrongToken(attempt.rateLimit);
  await assertStrongPassword(password, { ...account, shopName: account.shop_name }, 'new_password');
  const passwordHash = await hashPassword(password);
  await sql.transaction(async (tx) => {
    // Of two at once the second waits for the row, and then finds it used.
    if (!(await useReset(tx, tokenHash))) throw wrongToken(attempt.rateLimit);
    await replacePassword(tx, account.id, passwordHash);
  });
  await attempt.forgive();
};

const wrongToken = (rateLimit: RateLimit): Error =>
  fail('auth.reset_token_wrong', 'This token is wrong, was used already, or is too old. Ask for a new one.', {
    issues: [{ path: 'token', message: 'is not valid any more' }],
    rateLimit,
  });

const insertReset = async (tx: Sql, tokenHash: Uint8Array, staffId: string | null): Promise<void> => {
  await tx`
    insert into password_resets (token_hash, staff_id, expires_at)
    values (${tokenHash}, ${staffId}, now() + interval '60 minutes')`;
};

type ResetAccount = { id: string; email: string; name: string; shop_name: string };

const findResetAccount = async (sql: Sql, tokenHash: Uint8Array): Promise<ResetAccount | undefined> => {
  const [row] = await sql<ResetAccount>`
    select p.id, p.email, p.name, o.shop_name
    from password_resets r join staff p on p.id = r.staff_id cross join settings o
    where r.token_hash = ${tokenHash} and r.used_at is null and r.expires_at > now() and p.is_active`;
  return row;
};

const useReset = async (tx: Sql, tokenHash: Uint8Array): Promise<boolean> => {
  const rows = await tx`
    update password_resets set used_at = now()
    where token_hash = ${tokenHash} and used_at is null and expires_at > now() returning 1 as one`;
  return rows.length === 1;
};
