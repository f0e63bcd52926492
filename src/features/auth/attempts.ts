import type { Sql } from '../../database/sql.ts';
import { fail, type RateLimit } from '../../errors.ts';
import { countAttempts, forgiveAttempts } from './queries.ts';

const WINDOW_MINUTES = 15;
const MAX_PER_ACCOUNT = 10;
const MAX_PER_ADDRESS = 100;

/** What is tried: each kind is counted by itself. */
type Trial = { kind: 'login' | 'refresh' | 'reset'; account?: string; address: string };

export type Attempt = {
  /** It was right after all: the account starts anew, the address gets its one back. */
  forgive(): Promise<void>;
  /** What is left, for the answer of an attempt that failed. */
  rateLimit: RateLimit;
};

/**
 * Counts the attempt as failed before it is judged, so that a thousand at once cannot slip through.
 * The counters stand in rows that all workers share. Throws auth.too_many_attempts (429).
 */
export const beginAttempt = async (sql: Sql, { kind, account, address }: Trial): Promise<Attempt> => {
  const quotas = new Map([[subjectOf(kind, 'address', address), MAX_PER_ADDRESS]]);
  const accountSubject = account === undefined ? '' : subjectOf(kind, 'account', account.toLowerCase());
  if (account !== undefined) quotas.set(accountSubject, MAX_PER_ACCOUNT);
  const counts = await countAttempts(sql, [...quotas.keys()], WINDOW_MINUTES);
  const limits = counts.map(({ subject, failures, window_s }): RateLimit => {
    const quota = quotas.get(subject) ?? MAX_PER_ADDRESS;
    return {
      policy: kind,
      quota,
      windowS: WINDOW_MINUTES * 60,
      remaining: quota - failures,
      resetS: window_s,
    };
  });
  const [rateLimit] = limits.sort((one, other) => one.remaining - other.remaining);
  if (rateLimit === undefined) throw new Error('no attempt was counted');
  if (rateLimit.remaining < 0) {
    throw fail(
      'auth.too_many_attempts',
      `Too many failed attempts. Try again in ${rateLimit.resetS} seconds.`,
      {
        retryAfterS: rateLimit.resetS,
        rateLimit: { ...rateLimit, remaining: 0 },
      },
    );
  }
  return { rateLimit, forgive: () => forgiveAttempts(sql, [...quotas.keys()], accountSubject) };
};

/** Nothing personal stands in the table, and every subject has one length. */
const subjectOf = (kind: string, whose: string, text: string): string =>
  `${kind} ${whose} ${new Bun.CryptoHasher('sha256').update(text).digest('base64url')}`;
