import type { Sql } from '../database/sql.ts';
import { type Failure, fail, type RateLimit, type Reason } from '../errors.ts';

export type Quota = { subject: string; most: number };
type Counted = { policy: string; windowMinutes: number; quotas: readonly Quota[] };

/**
 * Counts one more for each subject, in rows that all workers and boxes share, and tells the narrowest limit: `remaining`
 * is below 0 once it is passed. To be called outside the write's transaction: a refusal must not take the count back.
 */
export const count = async (sql: Sql, { policy, windowMinutes, quotas }: Counted): Promise<RateLimit> => {
  const rows = await countOnce(
    sql,
    quotas.map(({ subject }) => subject),
    windowMinutes,
  );
  const limits = quotas.map(({ subject, most }): RateLimit => {
    const row = rows.find((one) => one.subject === subject);
    if (row === undefined) throw new Error('a subject was not counted');
    const remaining = most - row.failures;
    return { policy, quota: most, windowS: windowMinutes * 60, remaining, resetS: row.window_s };
  });
  const [narrowest] = limits.sort((one, other) => one.remaining - other.remaining);
  if (narrowest === undefined) throw new Error('nothing was counted');
  return narrowest;
};

/** `what` begins the sentence: "Too many failed attempts". */
export const exceeded = (reason: Reason, what: string, limit: RateLimit): Failure =>
  fail(reason, `${what}. Try again in ${limit.resetS} seconds.`, {
    retryAfterS: limit.resetS,
    rateLimit: { ...limit, remaining: 0 },
  });

/** Nothing personal stands in the table, and every subject has one length. */
export const subjectOf = (kind: string, whose: string, text: string): string =>
  `${kind} ${whose} ${new Bun.CryptoHasher('sha256').update(text).digest('base64url')}`;

type Count = { subject: string; failures: number; window_s: number };

/** A window that is over begins anew. */
const countOnce = (sql: Sql, subjects: readonly string[], windowMinutes: number): Promise<Count[]> =>
  sql<Count>`
    insert into attempts (subject, failures, window_ends_at)
    select subject, 1, now() + make_interval(mins => ${windowMinutes}::integer)
    from unnest(${subjects}::text[]) as subject order by subject
    on conflict (subject) do update set
      failures = case when attempts.window_ends_at > now() then attempts.failures + 1 else 1 end,
      window_ends_at = case when attempts.window_ends_at > now()
        then attempts.window_ends_at else excluded.window_ends_at end
    returning subject, failures, ceil(extract(epoch from window_ends_at - now()))::integer as window_s`;
