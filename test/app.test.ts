import { describe, expect, test } from 'bun:test';
import { Hono } from 'hono';
import { ACCESS, ROLES } from '../src/access.ts';
import { createApp } from '../src/app.ts';
import { assertAccessIsComplete } from '../src/http/authenticate.ts';
import type { Env } from '../src/http/context.ts';
import { createLog } from '../src/observe/log.ts';
import { createMetrics } from '../src/observe/metrics.ts';
import { accessOf, EXAMPLES, isWrite, methodOf, pathWithUnknownIds, routesOf } from './app/examples.ts';
import { SECRETS, testApp } from './helpers/app.ts';
import { signed } from './helpers/factories.ts';

const app = await testApp();
const routes = routesOf(app);

/** Written out here, not read from src/access.ts: one more is a decision that this list makes visible. */
const OPEN_TO_STRANGERS = [
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/:asset',
  'GET /book',
  'GET /board',
  'GET /pages/:folder/:asset',
  // By its secret address alone.
  'GET /v1/technicians/:id/calendar.ics',
  'POST /v1/auth/login',
  'POST /v1/auth/refresh',
  'POST /v1/auth/logout',
  'POST /v1/auth/password-resets',
  'POST /v1/auth/password-resets/confirm',
  'GET /v1/public/shop',
  'GET /v1/public/services',
  'GET /v1/public/availability',
  'POST /v1/public/holds',
  'POST /v1/public/bookings',
  // By its signature alone.
  'POST /v1/providers/sms/callbacks',
  'GET /v1/public/appointments/:token',
  'GET /v1/public/appointments/:token/starts',
  'POST /v1/public/appointments/:token/confirm',
  'POST /v1/public/appointments/:token/reschedule',
  'POST /v1/public/appointments/:token/cancel',
  'GET /v1/public/estimates/:token',
  'POST /v1/public/estimates/:token/decisions',
];
/** A technician sees none of it. */
const MONEY = /estimate|invoice|payment|refund|deposit|ledger/;
const closed = routes.filter((route) => !OPEN_TO_STRANGERS.includes(route));
/** Signed too, for the one route where that says who asks. */
const bodyOf = (route: string) => (isWrite(route) ? { body: {}, headers: signed({}) } : {});

describe('a stranger', () => {
  for (const route of OPEN_TO_STRANGERS) {
    test(`may use ${route}`, async () => {
      const answer = await app.stranger.send(methodOf(route), pathWithUnknownIds(route), bodyOf(route));
      // 422 comes before 404, where a body has fields at all.
      const isEmpty = /token$|starts$|confirm$|cancel$/.test(route) && route.includes(':');
      const isUnknown = isEmpty || route.includes(':asset');
      // A calendar has to be named by its token.
      const isUnnamed = route.endsWith('.ics');
      expect(answer.status).toBe(isUnnamed ? 400 : isUnknown ? 404 : isWrite(route) ? 422 : 200);
    });
  }

  for (const route of closed) {
    test(`may not use ${route}: 401, whatever they send`, async () => {
      const path = pathWithUnknownIds(route);
      const plain = await app.stranger.send(methodOf(route), path);
      expect(plain.error).toMatchObject({ code: 401, reason: 'auth.token_missing' });
      expect(plain.headers.get('www-authenticate')).toStartWith('Bearer');
      const odd = await app.stranger.send(methodOf(route), `${path}?unknown=1`, {
        headers: { 'content-type': 'text/plain', 'if-match': 'x' },
        ...(isWrite(route) ? { raw: '{' } : {}),
      });
      expect(odd.status).toBe(401);
    });
  }
});

describe('a token that is worth nothing', async () => {
  const [disabled, ended] = [await app.as('owner'), await app.as('owner')];
  await app.sql`update staff set is_active = false where id = ${disabled.staffId}`;
  await app.sql`update sessions set ended_at = now() where staff_id = ${ended.staffId}`;
  const refreshToken = { authorization: `Bearer ${'A'.repeat(43)}` };

  for (const route of closed) {
    test(`is refused with 401 by ${route}`, async () => {
      const path = pathWithUnknownIds(route);
      const answers = [
        await disabled.send(methodOf(route), path),
        await ended.send(methodOf(route), path),
        await app.stranger.send(methodOf(route), path, { headers: refreshToken }),
      ];
      expect(answers.map(({ error }) => error.reason)).toEqual(Array(3).fill('auth.token_wrong'));
    });
  }
});

describe('every route × every role', async () => {
  for (const role of ROLES) {
    const client = await app.as(role);
    for (const route of closed) {
      const isAllowed = accessOf(route).includes(role);
      test(`${role} ${isAllowed ? 'may' : 'may not'} use ${route}`, async () => {
        const answer = await client.send(methodOf(route), pathWithUnknownIds(route), bodyOf(route));
        if (!isAllowed) {
          expect(answer.error).toMatchObject({ code: 403, reason: 'access.role_not_allowed' });
          return;
        }
        // 400: a parameter that it needs is missing. 201: it needs no body.
        expect([200, 201, 400, 404, 422]).toContain(answer.status);
        expect(answer.error?.reason).not.toBe('request.path_unknown');
      });
    }
  }

  const usableBy = (role: (typeof ROLES)[number]) => closed.filter((route) => accessOf(route).includes(role));

  test('the owner may use everything', () => expect(usableBy('owner')).toEqual(closed));
  test('an advisor writes no staff, catalog, technicians, hours, closures, areas, templates or settings, and reads neither staff, webhooks nor reports', () =>
    expect(
      closed.filter((route) => !usableBy('advisor').includes(route)).map((route) => route.split(' /v1/')),
    ).toEqual([
      ...[
        ['GET', 'staff'],
        ['POST', 'staff'],
        ['GET', 'staff/:id'],
        ['PATCH', 'staff/:id'],
      ],
      ...[
        ['POST', 'services'],
        ['PATCH', 'services/:id'],
        ['DELETE', 'services/:id'],
      ],
      ['POST', 'services/:id/restore'],
      ...[
        ['POST', 'technicians'],
        ['PATCH', 'technicians/:id'],
        ['PUT', 'technicians/:id/hours'],
      ],
      ...[
        ['POST', 'closures'],
        ['DELETE', 'closures/:id'],
      ],
      ...[
        ['POST', 'service-areas'],
        ['PATCH', 'service-areas/:id'],
        ['DELETE', 'service-areas/:id'],
      ],
      ...[
        ['POST', 'message-templates'],
        ['PATCH', 'message-templates/:id'],
        ['DELETE', 'message-templates/:id'],
      ],
      ['POST', 'message-templates/:id/restore'],
      ...[
        ['GET', 'outbox'],
        ['POST', 'outbox/:id/retry'],
      ],
      ['PATCH', 'settings'],
      ['GET', 'audit'],
      ...[
        ['GET', 'webhooks'],
        ['POST', 'webhooks'],
        ['GET', 'webhooks/:id'],
        ['PATCH', 'webhooks/:id'],
        ['DELETE', 'webhooks/:id'],
        ['POST', 'webhooks/:id/secret'],
        ['POST', 'webhooks/:id/test'],
        ['GET', 'webhooks/:id/deliveries'],
        ['POST', 'webhooks/:id/deliveries/:deliveryId/redeliver'],
      ],
      ...[
        ['GET', 'reports/appointments.csv'],
        ['GET', 'reports/payments.csv'],
        ['GET', 'reports/revenue'],
        ['GET', 'reports/receivables'],
        ['GET', 'reports/technicians'],
        ['GET', 'reports/no-shows'],
      ],
      ['GET', 'reports/messages'],
    ]));
  test('a technician writes on jobs and their own calendar alone, and sees no profile', () => {
    expect(usableBy('technician').filter(isWrite)).toEqual([
      'POST /v1/auth/password',
      'POST /v1/technicians/:id/calendar',
      'DELETE /v1/technicians/:id/calendar',
      'PATCH /v1/appointments/:id',
      'PUT /v1/appointments/:id/status',
      'POST /v1/appointments/:id/services',
      'PATCH /v1/appointments/:id/services/:lineId',
      'DELETE /v1/appointments/:id/services/:lineId',
      'PUT /v1/board/cards/:id',
      'POST /v1/board/tickets',
    ]);
    expect(usableBy('technician')).not.toContain('GET /v1/customers/:id/profile');
    expect(usableBy('technician')).not.toContain('GET /v1/board/stats');
    expect(usableBy('technician').filter((route) => MONEY.test(route))).toEqual([]);
  });
  test('an accountant reads all but staff and webhooks, and writes what is paid, given back and void', () => {
    expect(usableBy('accountant').filter(isWrite)).toEqual([
      'POST /v1/auth/password',
      'POST /v1/appointments/:id/deposits',
      'POST /v1/invoices/:id/void',
      'POST /v1/invoices/:id/payments',
      'POST /v1/payments/:id/refunds',
      // It opens a stream to read.
      'POST /v1/board/tickets',
    ]);
    const readable = closed.filter((route) => !isWrite(route) && !/\/staff|\/webhooks/.test(route));
    expect(usableBy('accountant').filter((route) => !isWrite(route))).toEqual(readable);
  });
});

describe('a method that a path does not know', () => {
  const paths = [...new Set(routes.map((route) => route.split(' ')[1] ?? ''))];
  for (const path of paths) {
    test(`${path}: 405 with Allow, for strangers too`, async () => {
      const known = routes.filter((route) => route.endsWith(` ${path}`)).map(methodOf);
      const allowed = known.includes('GET') ? [...known, 'HEAD'] : known;
      const tried = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
      for (const method of tried.filter((one) => !allowed.includes(one))) {
        const { status, headers, error } = await app.stranger.send(method, pathWithUnknownIds(`X ${path}`));
        expect(status).toBe(405);
        if (method !== 'HEAD') expect(error.reason).toBe('request.method_not_allowed');
        expect(headers.get('allow')?.split(', ').sort()).toEqual([...allowed].sort());
      }
    });
  }
});

describe('a path that does not exist', () => {
  const unknown =
    '/ /v1 /v1/ /v2/customers /v1/customer /v1/customers/ /v1/CUSTOMERS /V1/customers //v1/customers';
  const paths = [...unknown.split(' '), '/v1/customers/a/b', '/v1/auth', '/health/', '/metrics', '/v1/me/x'];
  for (const path of paths) {
    test(`${path}: 404, for strangers too`, async () => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const { error } = await app.stranger.send(method, path);
        expect(error).toMatchObject({ code: 404, reason: 'request.path_unknown' });
      }
    });
  }
});

describe('src/access.ts', () => {
  const open = () => {
    const log = createLog({ level: 'error', write: () => undefined });
    const process = { isReady: () => true, isDraining: () => false };
    const metrics = createMetrics(1);
    return createApp({
      pool: app.pool,
      config: app.config,
      log,
      metrics,
      secrets: SECRETS,
      clock: Date.now,
      process,
    });
  };

  test('createApp throws for a route without an entry', () => {
    const entry = ACCESS['GET /v1/me'];
    Reflect.deleteProperty(ACCESS, 'GET /v1/me');
    try {
      expect(open).toThrow('names no role for: GET /v1/me');
    } finally {
      Reflect.set(ACCESS, 'GET /v1/me', entry);
    }
    expect(open).not.toThrow();
  });

  test('createApp throws for an entry without a route', () => {
    Reflect.set(ACCESS, 'GET /v1/made-up', 'open');
    try {
      expect(open).toThrow('routes that do not exist: GET /v1/made-up');
    } finally {
      Reflect.deleteProperty(ACCESS, 'GET /v1/made-up');
    }
  });

  test('a made-up route is noticed', () =>
    expect(() => assertAccessIsComplete(new Hono<Env>().get('/v1/open-door', (c) => c.text('')))).toThrow(
      'GET /v1/open-door',
    ));
});

test('every route has an example, and every example a route', () =>
  expect(Object.keys(EXAMPLES).sort()).toEqual([...routes].sort()));
