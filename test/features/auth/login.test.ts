import { describe, expect, test } from 'bun:test';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aPerson, logIn, me, PASSWORD } from './people.ts';

const shop = await testApp();

const wrong = { password: 'another tram over seven hills' };

const decoded = (part: string | undefined): Data =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

describe('POST /v1/auth/login', () => {
  test('200: exactly the fields of the shape, never to be cached, and the token opens GET /v1/me', async () => {
    const { id, email, name, role } = await aPerson(shop, { role: 'accountant' });
    const { status, data, headers } = await logIn(shop, { email, password: PASSWORD });
    expect(status).toBe(200);
    expect(data).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      staff: { id, email, name, role },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    const { data: self, status: known } = await me(shop, data.access_token);
    expect(known).toBe(200);
    expect(self).toEqual({ id, email, name, role });
  });

  test('200: the access token ends after 15 minutes and holds nothing personal and no role', async () => {
    const person = await aPerson(shop);
    const { data } = await logIn(shop, person);
    const [header, payload] = data.access_token.split('.').slice(0, 2).map(decoded);
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'test' });
    expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'kind', 'sid', 'sub']);
    expect(payload).toMatchObject({ sub: person.id, kind: 'access', exp: payload.iat + 900 });
    expect(Math.abs(payload.iat - Date.now() / 1000)).toBeLessThan(5);
  });

  test('200: refresh tokens are stored hashed only', async () => {
    const { data } = await logIn(shop, await aPerson(shop));
    const stored = await shop.sql<{ all: string }>`
      select (select json_agg(t) from refresh_tokens t)::text || (select json_agg(s) from sessions s)::text as all`;
    expect(stored[0]?.all).not.toContain(data.refresh_token);
    const hash = new Bun.CryptoHasher('sha256').update(data.refresh_token).digest();
    expect(await shop.sql`select 1 from refresh_tokens where token_hash = ${hash}`).toHaveLength(1);
  });

  test('200: the e-mail address counts without case and without spaces around it', async () => {
    const person = await aPerson(shop, { email: 'Mixed.Case@Shop.Test' });
    for (const email of ['mixed.case@shop.test', 'MIXED.CASE@SHOP.TEST', '  Mixed.Case@Shop.Test ']) {
      expect((await logIn(shop, { ...person, email })).status).toBe(200);
    }
  });

  test('401: wrong password, unknown account and inactive account get one and the same answer', async () => {
    const person = await aPerson(shop);
    const inactive = await aPerson(shop);
    await shop.sql`update staff set is_active = false where id = ${inactive.id}`;
    const answers = [
      await logIn(shop, { ...person, ...wrong }),
      await logIn(shop, { ...person, email: 'nobody@shop.test' }),
      await logIn(shop, inactive),
      await logIn(shop, { ...inactive, ...wrong }),
    ];
    for (const { status, error, headers } of answers) {
      expect(status).toBe(401);
      expect(error).toEqual(answers[0]?.error);
      expect(error.reason).toBe('auth.credentials_wrong');
      expect(headers.get('www-authenticate')).toBe('Bearer realm="shop"');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('401: the time tells neither whether there is such an account nor whether it is active', async () => {
    const inactive = await aPerson(shop);
    await shop.sql`update staff set is_active = false where id = ${inactive.id}`;
    const asks: (() => Promise<Answer>)[] = [
      async () => logIn(shop, { ...(await aPerson(shop)), ...wrong }),
      async () => logIn(shop, { email: `nobody-${Math.random()}@shop.test`, ...wrong }),
      async () => logIn(shop, inactive),
    ];
    const times: number[][] = asks.map(() => []);
    for (let round = 0; round < 7; round += 1) {
      for (const [at, ask] of asks.entries()) {
        const begun = performance.now();
        expect((await ask()).status).toBe(401);
        times[at]?.push(performance.now() - begun);
      }
    }
    const medians = times.map(median);
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(3);
  });

  test('422 names the field and repeats nothing of the input', async () => {
    const { email } = await aPerson(shop);
    const cases: [unknown, string][] = [
      [{ email }, 'password'],
      [{ password: PASSWORD }, 'email'],
      [{ email, password: '' }, 'password'],
      [{ email, password: 15 }, 'password'],
      [{ email, password: [PASSWORD] }, 'password'],
      [{ email, password: 'secret-'.repeat(2_000) }, 'password'],
      [{ email: 'secret-without-at', password: PASSWORD }, 'email'],
      [{ email: ['secret-@shop.test'], password: PASSWORD }, 'email'],
      [{ email, password: PASSWORD, role: 'owner' }, 'role'],
      [undefined, ''],
      [[email, PASSWORD], ''],
    ];
    for (const [body, path] of cases) {
      const { status, error, text } = await shop.stranger.post('/v1/auth/login', body);
      expect([status, error.reason, error.issues[0].path]).toEqual([422, 'request.body_invalid', path]);
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain('secret-');
    }
  });

  test('an Idempotency-Key is ignored: tokens are never stored, so each login is a new one', async () => {
    const { email, password } = await aPerson(shop);
    const headers = { 'idempotency-key': 'the-same' };
    const first = await shop.stranger.post('/v1/auth/login', { email, password }, { headers });
    const second = await shop.stranger.post('/v1/auth/login', { email, password }, { headers });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.data.refresh_token).not.toBe(first.data.refresh_token);
  });

  test('400: dry_run is refused on every route of auth', async () => {
    const advisor = await shop.as('advisor');
    for (const route of ['login', 'refresh', 'logout', 'password']) {
      const { status, error } = await advisor.post(`/v1/auth/${route}?dry_run=true`, {});
      expect([status, error.reason]).toEqual([400, 'request.parameter_invalid']);
    }
  });
});
