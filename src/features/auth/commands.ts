import type { Database, Transaction } from '../../database/sql.ts';
import { fail, invalid, type RateLimit } from '../../errors.ts';
import type { Actor } from '../../http/context.ts';
import { newId } from '../../values/id.ts';
import { hashed, newToken } from '../../values/token.ts';
import { beginAttempt } from './attempts.ts';
import { assertStrongPassword, hashPassword, isPasswordOf } from './passwords.ts';
import {
  type Account,
  endResetsOf,
  endSession,
  endSessionOfToken,
  endSessionsOf,
  extendSession,
  findAccount,
  insertRefreshToken,
  insertSession,
  lockRefreshToken,
  lockUnchangedAccount,
  setPasswordHash,
  setRefreshTokenUsed,
} from './queries.ts';
import type { Login, PasswordChange, RefreshToken } from './schema.ts';
import { ACCESS_TOKEN_S, type AccessTokens } from './tokens.ts';

// Two tabs, or a retry after a lost answer, may send one token twice within a moment: that is no theft.
const REUSE_GRACE_MS = 10_000;

type Refresh = RefreshToken & { address: string };
type Person = { id: string; email: string; name: string; role: string };

// These commands take the pool, not a transaction: counters, and the end of a family whose token was used twice,
// must be committed before the refusal is thrown.

/** Throws auth.credentials_wrong (401), auth.too_many_attempts (429), auth.busy (503). */
export const logIn = async (sql: Database, tokens: AccessTokens, input: Login & { address: string }) => {
  const { email, address } = input;
  const attempt = await beginAttempt(sql, { kind: 'login', account: email, address });
  const account = await findAccount(sql, email);
  const isRight = await isPasswordOf(input.password, account?.password_hash);
  if (account === undefined || !isRight) throw wrongCredentials(attempt.rateLimit);
  await attempt.forgive();
  const begun = await sql.transaction((tx) => beginSession(tx, account));
  return grant(tokens, account, begun);
};

const beginSession = async (tx: Transaction, account: Account) => {
  if ((await lockUnchangedAccount(tx, account)) === undefined) throw wrongCredentials();
  const sessionId = newId();
  await insertSession(tx, sessionId, account.id);
  return { sessionId, refreshToken: await addRefreshToken(tx, sessionId) };
};

/**
 * Trades a refresh token for a new pair. Used again within 10 s it is refused; used again later it ends the
 * session, for then two hold it. Throws auth.refresh_token_wrong, auth.refresh_token_used (401).
 */
export const refresh = async (sql: Database, tokens: AccessTokens, { refresh_token, address }: Refresh) => {
  const attempt = await beginAttempt(sql, { kind: 'refresh', address });
  const { rateLimit } = attempt;
  const outcome = await sql.transaction((tx) => rotate(tx, hashed(refresh_token)));
  if (outcome === 'wrong') {
    throw fail(
      'auth.refresh_token_wrong',
      'The refresh token is not valid or its session has ended. Log in again.',
      { rateLimit },
    );
  }
  if (outcome === 'used') {
    throw fail(
      'auth.refresh_token_used',
      'This refresh token was used already. Use the newest one, or log in again.',
      { rateLimit },
    );
  }
  await attempt.forgive();
  return grant(tokens, outcome.person, outcome);
};

const rotate = async (tx: Transaction, tokenHash: Uint8Array) => {
  const found = await lockRefreshToken(tx, tokenHash);
  if (found === undefined || !found.is_alive) return 'wrong';
  const { session_id: sessionId, used_ms_ago: usedMsAgo, id, email, name, role } = found;
  if (usedMsAgo !== null) {
    if (usedMsAgo > REUSE_GRACE_MS) await endSession(tx, sessionId);
    return 'used';
  }
  await setRefreshTokenUsed(tx, tokenHash);
  await extendSession(tx, sessionId);
  return { person: { id, email, name, role }, sessionId, refreshToken: await addRefreshToken(tx, sessionId) };
};

/** An unknown token is as logged out as can be: no refusal. */
export const logOut = (sql: Database, refreshToken: string): Promise<void> =>
  endSessionOfToken(sql, hashed(refreshToken));

type Change = PasswordChange & { shopName: string; address: string };

/** Ends every session of the account, this one too. Throws 422 for a wrong old or a weak new password. */
export const changePassword = async (sql: Database, actor: Actor, input: Change): Promise<void> => {
  const { address } = input;
  const attempt = await beginAttempt(sql, { kind: 'login', account: actor.email, address });
  const account = await findAccount(sql, actor.email);
  const isRight = await isPasswordOf(input.current_password, account?.password_hash);
  if (account === undefined || !isRight) throw invalid('current_password', 'is not your password');
  await attempt.forgive();
  await assertStrongPassword(input.new_password, { ...account, shopName: input.shopName }, 'new_password');
  const passwordHash = await hashPassword(input.new_password);
  await sql.transaction(async (tx) => {
    if ((await lockUnchangedAccount(tx, account)) === undefined) throw wrongCredentials();
    await replacePassword(tx, account.id, passwordHash);
  });
};

/** Whoever knew the old password or holds a session has to log in again; tokens for a new one end too. */
export const replacePassword = async (
  tx: Transaction,
  staffId: string,
  passwordHash: string,
): Promise<void> => {
  await setPasswordHash(tx, staffId, passwordHash);
  await endSessionsOf(tx, staffId);
  await endResetsOf(tx, staffId);
};

/** Whoever holds a session of this account has to log in again. */
export const endSessions = (tx: Transaction, staffId: string): Promise<void> => endSessionsOf(tx, staffId);

const addRefreshToken = async (tx: Transaction, sessionId: string): Promise<string> => {
  const refreshToken = newToken();
  await insertRefreshToken(tx, hashed(refreshToken), sessionId);
  return refreshToken;
};

const grant = async (
  tokens: AccessTokens,
  person: Person,
  session: { sessionId: string; refreshToken: string },
) => ({
  access_token: await tokens.issue({ staffId: person.id, sessionId: session.sessionId }),
  token_type: 'Bearer',
  expires_in: ACCESS_TOKEN_S,
  refresh_token: session.refreshToken,
  staff: { id: person.id, email: person.email, name: person.name, role: person.role },
});

const wrongCredentials = (rateLimit?: RateLimit): Error =>
  fail('auth.credentials_wrong', 'E-mail or password is wrong. Check both and try again.', {
    ...(rateLimit === undefined ? {} : { rateLimit }),
  });
