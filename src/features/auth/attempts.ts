import type { Sql } from '../../database/sql.ts';
import { fail } from '../../errors.ts';
import { countFailures, forgiveFailures } from './queries.ts';

const WINDOW_MINUTES = 15;
const MAX_FAILURES_PER_ACCOUNT = 10;
const MAX_FAILURES_PER_ADDRESS = 100;

/**
 * Counts the attempt as failed before the password is checked, so that a thousand at once cannot slip through;
 * `forgive` takes it back when the password was right. Throws auth.too_many_attempts (429).
 */
export const beginAttempt = async (
  sql: Sql,
  email: string,
  address: string,
): Promise<{ forgive(): Promise<void> }> => {
  const account = `account:${hashed(email.toLowerCase())}`;
  const origin = `address:${hashed(address)}`;
  const counts = await countFailures(sql, [account, origin], WINDOW_MINUTES);
  const over = counts.find(({ subject, failures }) => failures > limitOf(subject, account));
  if (over !== undefined) {
    throw fail('auth.too_many_attempts', `Too many failed attempts. Try again in ${over.window_s} seconds.`, {
      retryAfterS: over.window_s,
    });
  }
  return { forgive: () => forgiveFailures(sql, account, origin) };
};

const limitOf = (subject: string, account: string): number =>
  subject === account ? MAX_FAILURES_PER_ACCOUNT : MAX_FAILURES_PER_ADDRESS;

/** Nothing personal stands in the table, and every subject has one length. */
const hashed = (text: string): string => new Bun.CryptoHasher('sha256').update(text).digest('base64url');
