import { describe, expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';
import { aPerson, bearer, logIn, me } from './people.ts';

const shop = await testApp();
const otherWorker = await testApp({ url: shop.url });
const owner = await shop.as('owner');

describe('GET /v1/me', () => {
  test('200: exactly id, email, name and role', async () => {
    const { password: _password, ...person } = await aPerson(shop, { role: 'technician' });
    const { data: login } = await logIn(shop, { ...person, password: _password });
    expect((await me(shop, login.access_token)).data).toEqual(person);
  });

  test('401 without a token: which header to send', async () => {
    const { status, error, headers } = await shop.stranger.get('/v1/me');
    expect([status, error.reason]).toEqual([401, 'auth.token_missing']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="shop"');
  });
});

describe('a session', () => {
  test('what changes about an account holds from the next request on, on every worker', async () => {
    const person = await aPerson(shop, { role: 'owner' });
    const { data } = await logIn(shop, person);
    const list = () => otherWorker.stranger.get('/v1/staff', { headers: bearer(data.access_token) });
    expect((await list()).status).toBe(200);
    await shop.sql`update staff set role = 'advisor' where id = ${person.id}`;
    expect((await list()).error.reason).toBe('access.role_not_allowed');
    await shop.sql`update staff set role = 'owner', is_active = false where id = ${person.id}`;
    expect((await list()).error.reason).toBe('auth.token_wrong');
    await shop.sql`update staff set is_active = true where id = ${person.id}`;
    expect((await list()).status).toBe(200);
    await shop.sql`update sessions set expires_at = now() where staff_id = ${person.id}`;
    expect((await list()).error.reason).toBe('auth.token_wrong');
  });

  test('a deactivated account is out with its next request, and stays out when it comes back', async () => {
    const person = await aPerson(shop);
    const { data } = await logIn(shop, person);
    expect((await owner.patch(`/v1/staff/${person.id}`, { is_active: false })).status).toBe(200);
    expect((await me(otherWorker, data.access_token)).status).toBe(401);
    await owner.patch(`/v1/staff/${person.id}`, { is_active: true });
    expect((await me(otherWorker, data.access_token)).status).toBe(401);
    expect((await logIn(shop, person)).status).toBe(200);
  });

  test('a token that names the session of somebody else is 401', async () => {
    const [one, other] = [await aPerson(shop), await aPerson(shop)];
    const { data } = await logIn(shop, one);
    await shop.sql`update sessions set staff_id = ${other.id} where staff_id = ${one.id}`;
    expect((await me(shop, data.access_token)).status).toBe(401);
  });
});
