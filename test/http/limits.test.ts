import { describe, expect, test } from 'bun:test';
import { testApp } from '../helpers/app.ts';

let now = Date.now();
const app = await testApp({ env: { RATE_LIMIT_PER_S: '2' }, clock: () => now });
const statuses = async (count: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
  const found: number[] = [];
  for (let at = 0; at < count; at += 1) found.push((await ask()).status);
  return found;
};

describe('RATE_LIMIT_PER_S', () => {
  test('ten seconds’ worth at once, then 429 with the time to come again; others are not concerned', async () => {
    const owner = await app.as('owner');
    const me = () => owner.get('/v1/me');
    const first = await me();
    expect(first.headers.get('ratelimit-policy')).toBe('"actor";q=20;w=10');
    expect(first.headers.get('ratelimit')).toBe('"actor";r=19;t=1');
    expect(await statuses(19, me)).toEqual(Array(19).fill(200));
    const refused = await me();
    expect(refused.error).toMatchObject({ code: 429, reason: 'request.too_many' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toStartWith('"actor";r=0;');
    expect((await (await app.as('owner')).get('/v1/me')).status).toBe(200);
    expect((await app.stranger.get('/health/live')).headers.has('ratelimit')).toBe(false);
  });

  test('who comes again when told to is let in, however often they were refused before', async () => {
    const owner = await app.as('owner');
    const me = () => owner.get('/v1/me');
    await statuses(20, me);
    expect(await statuses(30, me)).toEqual(Array(30).fill(429));
    for (let second = 0; second < 5; second += 1) {
      now += 1_000;
      expect(await statuses(3, me)).toEqual([200, 200, 429]);
    }
    now += 300_000;
    const after = await me();
    expect(after.headers.get('ratelimit')).toBe('"actor";r=19;t=1');
  });

  test('a clock that is set back an hour locks nobody out', async () => {
    const owner = await app.as('owner');
    const me = () => owner.get('/v1/me');
    await me();
    now -= 3_600_000;
    expect(await statuses(19, me)).toEqual(Array(19).fill(200));
    expect((await me()).status).toBe(429);
    now += 1_000;
    expect(await statuses(2, me)).toEqual([200, 200]);
    now += 3_599_000;
  });
});

describe('refresh', () => {
  test('an address may guess a hundred tokens in a quarter of an hour, and its own good ones count for nothing', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.50' };
    const shop = await testApp({ env: { TRUST_PROXY: '1' } });
    const owner = await shop.as('owner');
    const password = 'seven wet dogs on a bench';
    await owner.post('/v1/staff', { email: 'ida@example.com', name: 'Ida', role: 'advisor', password });
    const login = await shop.stranger.post('/v1/auth/login', { email: 'ida@example.com', password });
    let token = login.data.refresh_token;
    for (let count = 0; count < 5; count += 1) {
      const { data } = await shop.stranger.post('/v1/auth/refresh', { refresh_token: token }, { headers });
      token = data.refresh_token;
    }
    const guess = () =>
      shop.stranger.post('/v1/auth/refresh', { refresh_token: 'x'.repeat(43) }, { headers });
    const first = await guess();
    expect(first.headers.get('ratelimit-policy')).toBe('"refresh";q=100;w=900');
    expect(first.headers.get('ratelimit')).toStartWith('"refresh";r=99;');
    expect(await statuses(99, guess)).toEqual(Array(99).fill(401));
    const refused = await guess();
    expect(refused.error).toMatchObject({ code: 429, reason: 'auth.too_many_attempts' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const elsewhere = { 'x-forwarded-for': '203.0.113.51' };
    const other = await shop.stranger.post(
      '/v1/auth/refresh',
      { refresh_token: token },
      { headers: elsewhere },
    );
    expect(other.status).toBe(200);
  });

  test('all addresses of one IPv6 network count as one', async () => {
    const shop = await testApp({ env: { TRUST_PROXY: '1' } });
    const guess = (address: string) =>
      shop.stranger.post(
        '/v1/auth/refresh',
        { refresh_token: 'x'.repeat(43) },
        { headers: { 'x-forwarded-for': address } },
      );
    const left = async (address: string) => (await guess(address)).headers.get('ratelimit')?.split(';')[1];
    expect(await left('2001:db8:1:2::1')).toBe('r=99');
    expect(await left('2001:0DB8:0001:0002:ffff:1:2:3')).toBe('r=98');
    expect(await left('2001:db8:1:3::1')).toBe('r=99');
    expect(await left('198.51.100.7')).toBe('r=99');
  });
});
