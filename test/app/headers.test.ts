import { describe, expect, test } from 'bun:test';
import type { Answer } from '../helpers/app.ts';
import { testApp } from '../helpers/app.ts';
import { aCustomer } from '../helpers/factories.ts';
import { accessOf, EXAMPLES, exampleOf, isWrite, sendExample } from './examples.ts';

const app = await testApp();
const owner = await app.as('owner');
const world = { app, owner };
const reads = Object.keys(EXAMPLES).filter((route) => !isWrite(route));
const customer = await aCustomer(owner);
const customerPath = `/v1/customers/${customer.id}`;
const mine = { 'x-correlation-id': 'Mine.1_2-3' };
const HUGE = 'x'.repeat(2 ** 20 + 1);

const broken = await testApp();
const ownerOfBroken = await broken.as('owner');
await broken.sql`drop view technician_shapes`;
// Nobody listens on port 1.
const withoutDatabase = await testApp({ url: 'postgres://shop:x@127.0.0.1:1/shop' });
const inProduction = await testApp({ env: { APP_ENV: 'production' } });

const KINDS: [number, string, () => Promise<Answer>][] = [
  [200, 'a list', () => owner.get('/v1/customers', { headers: mine })],
  [200, 'one thing', () => owner.get(customerPath, { headers: mine })],
  [200, 'a HEAD', () => owner.send('HEAD', customerPath, { headers: mine })],
  [200, 'health', () => app.stranger.get('/health/live', { headers: mine })],
  [201, 'made', () => owner.post('/v1/customers', { name: 'A', email: 'a@b.test' }, { headers: mine })],
  [304, 'known already', () => owner.get(customerPath, { headers: { ...mine, 'if-none-match': '"1"' } })],
  [400, 'malformed', () => owner.post('/v1/customers', undefined, { raw: '{', headers: mine })],
  [400, 'a parameter', () => owner.get('/v1/customers?nme=x', { headers: mine })],
  [401, 'a stranger', () => app.stranger.get('/v1/customers', { headers: mine })],
  [404, 'no such path', () => app.stranger.get('/nowhere', { headers: mine })],
  [404, 'no such thing', () => owner.get('/v1/customers/1', { headers: mine })],
  [405, 'no such method', () => owner.put('/v1/customers', {}, { headers: mine })],
  [412, 'stale', () => owner.delete(customerPath, { headers: { ...mine, 'if-match': '"9"' } })],
  [413, 'too large', () => owner.post('/v1/customers', undefined, { raw: HUGE, headers: mine })],
  [
    415,
    'no JSON',
    () => owner.post('/v1/customers', {}, { headers: { ...mine, 'content-type': 'text/csv' } }),
  ],
  [422, 'invalid', () => owner.post('/v1/customers', {}, { headers: mine })],
  [500, 'a fault of ours', () => ownerOfBroken.get('/v1/technicians', { headers: mine })],
  [503, 'no database', () => withoutDatabase.stranger.get('/health', { headers: mine })],
];

describe('every kind of answer carries correlation id, timing and security headers', () => {
  for (const [status, what, send] of KINDS) {
    test(`${status} ${what}`, async () => {
      const answer = await send();
      const { headers } = answer;
      expect(answer.status).toBe(status);
      expect(headers.get('x-correlation-id')).toBe('Mine.1_2-3');
      expect(headers.get('server-timing')).toMatch(
        /^db;dur=[\d.]+;desc="\d+ queries", wait;dur=[\d.]+, total;dur=[\d.]+$/,
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toMatch(/no-cache|no-store/);
      expect(headers.has('x-powered-by')).toBe(false);
      if (answer.text !== '') expect(headers.get('content-type')).toMatch(/^application\/json\b/);
      if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      if (status === 500) {
        expect(answer.error).toMatchObject({ code: 500, reason: 'server.fault' });
        expect(answer.text).not.toMatch(/technician|does not exist|\.ts/);
      }
    });
  }

  test('what comes from auth is stored nowhere', async () => {
    const { headers } = await app.stranger.post('/v1/auth/login', { email: 'a@b.test', password: 'wrong' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('in production browsers are told to stay with TLS', async () => {
    const { headers } = await inProduction.stranger.get('/health/live');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});

describe('the correlation id', () => {
  for (const odd of ['a b', 'x'.repeat(129), 'ü', '"', 'a/b', '']) {
    test(`${JSON.stringify(odd.slice(0, 10))} is replaced`, async () => {
      const { correlationId } = await app.stranger.get('/health/live', {
        headers: { 'x-correlation-id': odd },
      });
      expect(correlationId).toMatch(/^[\da-f]{8}-[\da-f]{4}-7/);
    });
  }
  test('128 characters are kept', async () => {
    const asked = 'x'.repeat(128);
    const { correlationId } = await app.stranger.get('/nowhere', { headers: { 'x-correlation-id': asked } });
    expect(correlationId).toBe(asked);
  });
});

describe('HEAD answers as GET does, without a body', () => {
  for (const route of reads) {
    test(route.replace('GET ', ''), async () => {
      const example = await exampleOf(world, route);
      const got = await sendExample(world, route, example);
      const client = accessOf(route) === 'open' ? app.stranger : owner;
      const head = await client.send('HEAD', example.path);
      expect(head.text).toBe('');
      expect(head.status).toBe(got.status);
      for (const name of ['etag', 'content-type', 'cache-control']) {
        expect(head.headers.get(name)).toBe(got.headers.get(name));
      }
      expect((await app.stranger.send('HEAD', example.path)).status).toBe(client === owner ? 401 : 200);
    });
  }

  test('304 for what is known already', async () => {
    const known = { headers: { 'if-none-match': '"1"' } };
    expect((await owner.send('HEAD', customerPath, known)).status).toBe(304);
  });
});
