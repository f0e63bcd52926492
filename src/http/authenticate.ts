import type { Hono, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { TrieRouter } from 'hono/router/trie-router';
import { ACCESS, TICKETED } from '../access.ts';
import type { Database } from '../database/sql.ts';
import type { Trace } from '../database/timing.ts';
import { fail } from '../errors.ts';
import type { Actor, Ctx, Env, Shop } from './context.ts';
import { shownPath } from './paths.ts';

const UNWANTED_METHODS = ['CONNECT', 'TRACE'];

/**
 * The look at the session also brings how the shop reads dates and numbers: so a changed setting counts at once in
 * every process, without a statement or a cache of its own.
 * Throws auth.token_wrong for whatever is no valid access token of a living session.
 */
export type VerifyToken = (
  sql: Database,
  token: string,
  trace: Trace,
) => Promise<{ actor: Actor; shop: Shop }>;
type Verify = {
  token: VerifyToken;
  /** The same for a ticket, which it takes out of use. */
  ticket: VerifyToken;
};

/**
 * Checks in the order that api clients are promised: does the route exist (404, 405), who asks (401),
 * may their role use it (403). A route that the access table does not name stops the program at start.
 */
export const authenticate = (app: Hono<Env>, verify: Verify): MiddlewareHandler<Env> => {
  const allowedMethodsOf = methodsByPath(app);
  return async (c, next) => {
    const hasTwoHosts = c.req.header('host')?.includes(',') ?? false;
    // What follows on such a connection may have been smuggled past a proxy: nothing more is read from it.
    if (hasTwoHosts || UNWANTED_METHODS.includes(c.req.method)) c.header('Connection', 'close');
    if (hasTwoHosts) throw fail('request.header_invalid', 'Send exactly one Host header.');
    const route = matchedRoutes(c).findLast((one) => one.method !== 'ALL');
    if (route === undefined) throw absent(c, allowedMethodsOf(c.req.path));
    c.set('route', shownPath(route.path));
    const key = `${route.method} ${c.get('route')}`;
    const access = ACCESS[key];
    if (access === 'open') return next();
    const ticket = TICKETED.includes(key) ? ticketOf(c) : undefined;
    const trace = c.get('trace');
    const { actor, shop } = await (ticket === undefined
      ? verify.token(c.get('sql'), bearerToken(c), trace)
      : verify.ticket(c.get('sql'), ticket, trace));
    c.set('actor', actor);
    c.set('shop', shop);
    trace.actor = actor;
    if (!access?.includes(actor.role)) {
      throw fail(
        'access.role_not_allowed',
        `The role ${actor.role} may not use ${route.method} ${route.path}.`,
      );
    }
    return next();
  };
};

/** Ends the start when a route has no entry in the access table, or an entry has no route. */
export const assertAccessIsComplete = (app: Hono<Env>): void => {
  const routes = new Set(
    app.routes.filter((one) => one.method !== 'ALL').map((one) => `${one.method} ${shownPath(one.path)}`),
  );
  const unlisted = [...routes].filter((key) => ACCESS[key] === undefined);
  const unused = Object.keys(ACCESS).filter((key) => !routes.has(key));
  if (unlisted.length > 0) throw new Error(`src/access.ts names no role for: ${unlisted.join(', ')}`);
  if (unused.length > 0)
    throw new Error(`src/access.ts names routes that do not exist: ${unused.join(', ')}`);
};

const methodsByPath = (app: Hono<Env>): ((path: string) => string[]) => {
  let router: TrieRouter<string> | undefined;
  // Built at the first miss: the features are mounted after this middleware.
  const built = (): TrieRouter<string> => {
    const fresh = new TrieRouter<string>();
    for (const { method, path } of app.routes) if (method !== 'ALL') fresh.add('ALL', path, method);
    return fresh;
  };
  return (path) => {
    router ??= built();
    return [...new Set(router.match('ALL', path)[0].map(([method]) => method))];
  };
};

const absent = (c: Ctx, methods: string[]): Error => {
  if (methods.length === 0) {
    return fail('request.path_unknown', 'There is nothing at this path. GET /docs shows the routes.');
  }
  const allow = (methods.includes('GET') ? [...methods, 'HEAD'] : methods).join(', ');
  return fail('request.method_not_allowed', `${c.req.method} is not possible here. Use one of: ${allow}.`, {
    details: { allow },
  });
};

/** Where there is an Authorization header too, that one counts. */
const ticketOf = (c: Ctx): string | undefined =>
  c.req.header('authorization') === undefined ? c.req.query('ticket') : undefined;

const bearerToken = (c: Ctx): string => {
  const header = c.req.header('authorization');
  if (header === undefined) {
    throw fail(
      'auth.token_missing',
      'Log in with POST /v1/auth/login and send the header Authorization: Bearer <access_token>.',
    );
  }
  const [scheme, token, ...more] = header.split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || token === '' || more.length > 0) {
    throw fail('auth.token_wrong', 'The Authorization header must be: Bearer <access_token>.');
  }
  return token;
};
