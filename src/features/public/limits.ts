import type { MiddlewareHandler } from 'hono';
import { addressOf } from '../../http/address.ts';
import type { Env } from '../../http/context.ts';
import { tellLimit } from '../../http/limits.ts';
import { count, exceeded, subjectOf } from '../../http/quotas.ts';

const WINDOW_MINUTES = 60;
/** Of one network in an hour. */
const MOST = { read: 600, hold: 30, booking: 10, change: 60 } as const;

/**
 * Behind `accept`: a form that was filled in wrongly is no booking. Counted whatever becomes of the request, dry runs
 * too, for they do the same work. Throws request.too_many (429).
 */
export const limitStrangers =
  (proxies: number) =>
  (kind: keyof typeof MOST): MiddlewareHandler<Env> =>
  async (c, next) => {
    const address = addressOf(c, proxies);
    const limit = await count(c.get('sql'), {
      policy: kind,
      windowMinutes: WINDOW_MINUTES,
      quotas: [{ subject: subjectOf(`public-${kind}`, 'address', address), most: MOST[kind] }],
    });
    if (limit.remaining < 0) throw exceeded('request.too_many', 'Too many requests from your network', limit);
    tellLimit(c, limit);
    c.set('stranger', address);
    await next();
  };
