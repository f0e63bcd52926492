import { describe, expect, test } from 'bun:test';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aPerson, logIn, me, type Person, refresh } from './people.ts';

const shop = await testApp();
const otherWorker = await testApp({ url: shop.url });

const aLogin = async (person?: Person): Promise<Data> =>
  (await logIn(shop, person ?? (await aPerson(shop)))).data;

const hashed = (token: string): Uint8Array => new Bun.CryptoHasher('sha256').update(token).digest();

const usedLongAgo = (token: string) =>
  shop.sql`update refresh_tokens set used_at = used_at - interval '11 seconds' where token_hash = ${hashed(token)}`;

const refusal = ({ status, error }: Answer) => [status, error?.reason];

describe('POST /v1/auth/refresh', () => {
  test('200: a new pair in the shape of a login; the new ones work, the session stays the same', async () => {
    const person = await aPerson(shop);
    const first = await aLogin(person);
    const { status, data, headers } = await refresh(shop, first.refresh_token);
    expect(status).toBe(200);
    expect(data).toEqual({ ...first, access_token: expect.any(String), refresh_token: expect.any(String) });
    expect(data.refresh_token).not.toBe(first.refresh_token);
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await me(shop, data.access_token)).status).toBe(200);
    expect((await refresh(shop, data.refresh_token)).status).toBe(200);
    expect(await shop.sql`select 1 from sessions where staff_id = ${person.id}`).toHaveLength(1);
  });

  test('200: tells name, address and role as they are now', async () => {
    const person = await aPerson(shop);
    const { refresh_token } = await aLogin(person);
    await shop.sql`update staff set name = 'New Name', role = 'accountant' where id = ${person.id}`;
    const { data } = await refresh(shop, refresh_token);
    expect(data.staff).toEqual({ id: person.id, email: person.email, name: 'New Name', role: 'accountant' });
  });

  test('200: a session in use lives 30 days from its last refresh', async () => {
    const person = await aPerson(shop);
    const { refresh_token } = await aLogin(person);
    await shop.sql`update sessions set expires_at = now() + interval '1 hour' where staff_id = ${person.id}`;
    await refresh(shop, refresh_token);
    const rows = await shop.sql`
      select 1 from sessions where staff_id = ${person.id}
        and expires_at between now() + interval '29 days 23 hours' and now() + interval '30 days'`;
    expect(rows).toHaveLength(1);
  });

  test('401: used again within ten seconds it is refused, but the chain lives', async () => {
    const { refresh_token } = await aLogin();
    const { data } = await refresh(shop, refresh_token);
    expect(refusal(await refresh(shop, refresh_token))).toEqual([401, 'auth.refresh_token_used']);
    expect((await me(shop, data.access_token)).status).toBe(200);
    expect((await refresh(shop, data.refresh_token)).status).toBe(200);
  });

  test('401: used again after ten seconds it ends its family, the newest tokens too', async () => {
    const person = await aPerson(shop);
    const other = await aLogin(person);
    const { refresh_token } = await aLogin(person);
    const { data } = await refresh(shop, refresh_token);
    await usedLongAgo(refresh_token);
    expect(refusal(await refresh(otherWorker, refresh_token))).toEqual([401, 'auth.refresh_token_used']);
    expect(refusal(await me(shop, data.access_token))).toEqual([401, 'auth.token_wrong']);
    expect(refusal(await refresh(shop, data.refresh_token))).toEqual([401, 'auth.refresh_token_wrong']);
    // Another login of the same person is another family.
    expect((await refresh(shop, other.refresh_token)).status).toBe(200);
  });

  test('twenty at once with one token on two workers: one 200, one chain survives; a late replay ends it', async () => {
    const { refresh_token } = await aLogin();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => refresh(at % 2 === 0 ? shop : otherWorker, refresh_token)),
    );
    expect(answers.map(refusal).sort()).toEqual([
      [200, undefined],
      ...Array(19).fill([401, 'auth.refresh_token_used']),
    ]);
    const survivor = answers.find(({ status }) => status === 200)?.data;
    const next = await refresh(shop, survivor.refresh_token);
    expect(next.status).toBe(200);
    await usedLongAgo(refresh_token);
    await refresh(shop, refresh_token);
    expect(refusal(await refresh(shop, next.data.refresh_token))).toEqual([401, 'auth.refresh_token_wrong']);
    expect((await me(shop, next.data.access_token)).status).toBe(401);
  });

  test('401: unknown, of an ended or expired session, of an inactive account', async () => {
    const endings = [
      (id: string) => shop.sql`update sessions set ended_at = now() where staff_id = ${id}`,
      (id: string) => shop.sql`update sessions set expires_at = now() where staff_id = ${id}`,
      (id: string) => shop.sql`update staff set is_active = false where id = ${id}`,
      (id: string) => shop.sql`delete from sessions where staff_id = ${id}`,
    ];
    for (const end of endings) {
      const person = await aPerson(shop);
      const { refresh_token, access_token } = await aLogin(person);
      await end(person.id);
      expect(refusal(await refresh(shop, refresh_token))).toEqual([401, 'auth.refresh_token_wrong']);
      expect(refusal(await me(shop, access_token))).toEqual([401, 'auth.token_wrong']);
    }
    expect(refusal(await refresh(shop, 'never given to anybody'))).toEqual([401, 'auth.refresh_token_wrong']);
    const { access_token } = await aLogin();
    expect((await refresh(shop, access_token)).status).toBeGreaterThanOrEqual(400);
  });

  test('401: a refresh token is no access token', async () => {
    const { refresh_token } = await aLogin();
    expect(refusal(await me(shop, refresh_token))).toEqual([401, 'auth.token_wrong']);
  });

  test('422 for a body without a token of that form', async () => {
    for (const body of [
      {},
      { refresh_token: '' },
      { refresh_token: 7 },
      { refresh_token: 'x'.repeat(201) },
      [],
    ]) {
      const { status, error } = await shop.stranger.post('/v1/auth/refresh', body);
      expect([status, error.reason]).toEqual([422, 'request.body_invalid']);
    }
  });
});

describe('POST /v1/auth/logout', () => {
  const logOut = (refresh_token: string) => shop.stranger.post('/v1/auth/logout', { refresh_token });

  test('200 {logged_out: true}; both tokens are dead with the next request, another login of the person lives', async () => {
    const person = await aPerson(shop);
    const other = await aLogin(person);
    const { refresh_token, access_token } = await aLogin(person);
    const { status, data } = await logOut(refresh_token);
    expect([status, data]).toEqual([200, { logged_out: true }]);
    expect((await me(otherWorker, access_token)).status).toBe(401);
    expect(refusal(await refresh(otherWorker, refresh_token))).toEqual([401, 'auth.refresh_token_wrong']);
    expect((await me(shop, other.access_token)).status).toBe(200);
  });

  test('200 for a token that is unknown, was used already, or has logged out before', async () => {
    const { refresh_token } = await aLogin();
    const { data } = await refresh(shop, refresh_token);
    for (const token of ['unknown', refresh_token, refresh_token]) {
      expect((await logOut(token)).data).toEqual({ logged_out: true });
    }
    expect((await me(shop, data.access_token)).status).toBe(401);
  });

  test('422 without a token', async () => {
    expect((await shop.stranger.post('/v1/auth/logout', {})).error.issues[0].path).toBe('refresh_token');
  });
});
