import type { Sql } from '../../database/sql.ts';
import type { RateLimit } from '../../errors.ts';
import { count, exceeded, type Quota, subjectOf } from '../../http/quotas.ts';
import { forgiveAttempts } from './queries.ts';

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
 * Throws auth.too_many_attempts (429).
 */
export const beginAttempt = async (sql: Sql, { kind, account, address }: Trial): Promise<Attempt> => {
  const ofAddress = { subject: subjectOf(kind, 'address', address), most: MAX_PER_ADDRESS };
  const ofAccount =
    account === undefined
      ? undefined
      : { subject: subjectOf(kind, 'account', account.toLowerCase()), most: MAX_PER_ACCOUNT };
  const quotas: Quota[] = ofAccount === undefined ? [ofAddress] : [ofAddress, ofAccount];
  const rateLimit = await count(sql, { policy: kind, windowMinutes: WINDOW_MINUTES, quotas });
  if (rateLimit.remaining < 0) {
    throw exceeded('auth.too_many_attempts', 'Too many failed attempts', rateLimit);
  }
  const subjects = quotas.map(({ subject }) => subject);
  return { rateLimit, forgive: () => forgiveAttempts(sql, subjects, ofAccount?.subject ?? '') };
};
