import type { Context, MiddlewareHandler } from 'hono';
import { fail, type RateLimit } from '../errors.ts';
import type { Env } from './context.ts';

const MAX_ACTORS = 10_000;
/** So many seconds' worth of requests may come at once. */
const BURST_S = 10;

type Bucket = { tokens: number; at: number };

/**
 * A token bucket for each actor, in the memory of this worker: it keeps one client from starving the others, and
 * need not be exact. What must be exact (logins) is counted in PostgreSQL.
 */
export const limitActors = (ratePerS: number, clock: () => number): MiddlewareHandler<Env> => {
  const quota = ratePerS * BURST_S;
  const buckets = new Map<string, Bucket>();

  const take = (actorId: string): RateLimit => {
    const now = clock();
    const bucket = buckets.get(actorId) ?? { tokens: quota, at: now };
    // A clock that was set back must not ask for what it has given.
    const elapsedS = Math.max(0, now - bucket.at) / 1000;
    const tokens = Math.min(quota, bucket.tokens + elapsedS * ratePerS) - 1;
    // Put behind the others again: the first is the one that has been quiet for the longest time.
    buckets.delete(actorId);
    // Who is refused pays nothing, so that the time which the refusal names is enough.
    buckets.set(actorId, { tokens: tokens < 0 ? tokens + 1 : tokens, at: now });
    const oldest = buckets.size > MAX_ACTORS ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
    const remaining = Math.floor(tokens);
    return {
      policy: 'actor',
      quota,
      windowS: BURST_S,
      remaining,
      resetS: Math.ceil((quota - tokens) / ratePerS),
    };
  };

  return async (c, next) => {
    const actor = c.get('actor');
    if (actor === undefined) return next();
    const limit = take(actor.id);
    tellLimit(c, { ...limit, remaining: Math.max(0, limit.remaining) });
    if (limit.remaining >= 0) return next();
    throw fail('request.too_many', `Too many requests: at most ${ratePerS} a second, ${quota} at once.`, {
      retryAfterS: Math.ceil(1 / ratePerS),
    });
  };
};

/** draft-ietf-httpapi-ratelimit-headers-10 */
export const tellLimit = (c: Context, { policy, quota, windowS, remaining, resetS }: RateLimit): void => {
  c.header('RateLimit-Policy', `"${policy}";q=${quota};w=${windowS}`);
  c.header('RateLimit', `"${policy}";r=${remaining};t=${resetS}`);
};
