import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { Failure, fail, type Kind } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import type { Env } from './context.ts';
import { tellLimit } from './limits.ts';

export const STATUS: Record<
  Kind,
  400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503 | 504
> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_type: 415,
  invalid: 422,
  precondition_required: 428,
  limited: 429,
  internal: 500,
  unavailable: 503,
  timeout: 504,
};

type FailureOf = (error: unknown) => Failure | undefined;

/** The one place that turns what was thrown into an answer. `databaseFailureOf` names the database's refusals. */
export const answerFailures =
  (databaseFailureOf: FailureOf, log: Log): ErrorHandler<Env> =>
  (error, c) => {
    const correlationId = c.get('correlationId');
    const failure = failureOf(error, databaseFailureOf);
    if (failure.kind === 'internal') {
      log.error(
        { correlation_id: correlationId, route: c.get('route'), error },
        'a request failed by a fault of the server',
      );
    }
    if (failure.rateLimit !== undefined) tellLimit(c, failure.rateLimit);
    if (failure.retryAfterS !== undefined) c.header('Retry-After', String(failure.retryAfterS));
    if (failure.kind === 'unauthenticated') c.header('WWW-Authenticate', challenge(failure));
    if (failure.kind === 'too_large') c.header('Connection', 'close');
    if (failure.kind === 'method_not_allowed') c.header('Allow', String(failure.details?.allow));
    return c.json(
      { ok: false, data: null, error: errorBody(failure), correlation_id: correlationId },
      STATUS[failure.kind],
    );
  };

const failureOf = (error: unknown, databaseFailureOf: FailureOf): Failure => {
  if (error instanceof Failure) return error;
  const named = databaseFailureOf(error);
  if (named !== undefined) return named;
  // Hono's own refusals are client errors; their texts may hold a whole token, so they are not repeated.
  if (error instanceof HTTPException && error.status < 500) {
    return fail('request.body_malformed', 'The request could not be read. Check its form and send it again.');
  }
  return fail(
    'server.fault',
    'The server failed to answer this request. Send it again; if it fails again, report its correlation_id.',
  );
};

const errorBody = (failure: Failure): Record<string, unknown> => ({
  code: STATUS[failure.kind],
  reason: failure.reason,
  message: failure.message,
  ...(failure.issues === undefined ? {} : { issues: failure.issues }),
  ...(failure.details === undefined ? {} : { details: failure.details }),
});

const challenge = (failure: Failure): string =>
  failure.reason === 'auth.token_wrong'
    ? 'Bearer realm="shop", error="invalid_token"'
    : 'Bearer realm="shop"';
