import type { MiddlewareHandler } from 'hono';
import type { Pool } from '../database/pool.ts';
import { newTrace, type Trace } from '../database/timing.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Env } from './context.ts';

const CORRELATION_ID = /^[A-Za-z0-9._-]{1,128}$/;

const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

type Options = {
  pool: Pool;
  log: Log;
  metrics: Pick<Metrics, 'request'>;
  isDraining: () => boolean;
  isProduction: boolean;
};

/** Outermost of all: gives the request its correlation id and its trace, and writes its one log line. */
export const observeRequests = (options: Options): MiddlewareHandler<Env> => {
  const { pool, log, metrics, isDraining, isProduction } = options;
  return async (c, next) => {
    const begun = performance.now();
    const asked = c.req.header('x-correlation-id');
    const correlationId = asked !== undefined && CORRELATION_ID.test(asked) ? asked : Bun.randomUUIDv7();
    const trace = newTrace(correlationId, { isAwaited: true });
    c.set('correlationId', correlationId);
    c.set('trace', trace);
    c.set('sql', pool.database(trace));
    c.set('route', '');
    await next();
    const ms = performance.now() - begun;
    const { headers } = c.res;
    headers.set('X-Correlation-Id', correlationId);
    // Not where strangers book: from the number of statements they could tell whom the shop knows.
    if (!c.req.path.startsWith('/v1/public/')) headers.set('Server-Timing', serverTiming(trace, ms));
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'private, no-cache');
    for (const [name, value] of SECURITY_HEADERS) if (!headers.has(name)) headers.set(name, value);
    if (isProduction) headers.set('Strict-Transport-Security', 'max-age=31536000');
    // A lame duck: each client is asked to come back on a new connection, which another process takes.
    if (isDraining()) headers.set('Connection', 'close');
    metrics.request(c.req.method, c.get('route'), c.res.status, ms);
    log.info(
      {
        method: c.req.method,
        route: c.get('route'),
        status: c.res.status,
        ms: rounded(ms),
        db_ms: rounded(trace.runningMs),
        db_wait_ms: rounded(trace.waitingMs),
        queries: trace.statements,
        slow: trace.slow > 0,
        actor: c.get('actor')?.id,
        correlation_id: correlationId,
      },
      'request',
    );
  };
};

const serverTiming = (trace: Trace, ms: number): string =>
  `db;dur=${rounded(trace.runningMs)};desc="${trace.statements} queries", wait;dur=${rounded(trace.waitingMs)}, total;dur=${rounded(ms)}`;

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
