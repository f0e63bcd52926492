import { describe, expect, test } from 'bun:test';
import { type Answer, type TestApp, testApp } from '../../helpers/app.ts';
import { aPerson, bearer, logIn, type Person } from './people.ts';

// The line for a connection may be long on a busy machine: the limit is what is tested.
const env = { TRUST_PROXY: '1', DB_ACQUIRE_TIMEOUT_MS: '60000', DB_LOCK_TIMEOUT_MS: '60000' };
const shop = await testApp({ env });
const otherWorker = await testApp({ env, url: shop.url });
const workers = [shop, otherWorker];

const logInFrom = (
  address: string,
  { email, password }: Pick<Person, 'email' | 'password'>,
  worker: TestApp = shop,
): Promise<Answer> =>
  worker.stranger.post('/v1/auth/login', { email, password }, { headers: { 'x-forwarded-for': address } });

const times = async (count: number, ask: (at: number) => Promise<Answer>): Promise<number[]> => {
  const statuses: number[] = [];
  for (let at = 0; at < count; at += 1) statuses.push((await ask(at)).status);
  return statuses;
};

let addresses = 0;
const anAddress = (): string => {
  addresses += 1;
  return `192.0.2.${addresses}`;
};

const wrong = (person: Pick<Person, 'email'>) => ({
  email: person.email,
  password: 'not the password of anybody',
});

describe('the limit of failed logins', () => {
  test('after ten failures of an account even the right password is 429 with Retry-After, on every worker', async () => {
    const person = await aPerson(shop);
    const statuses = await times(10, (at) => logInFrom(anAddress(), wrong(person), workers[at % 2]));
    expect(statuses).toEqual(Array(10).fill(401));
    for (const worker of workers) {
      const { status, error, headers } = await logInFrom(anAddress(), person, worker);
      expect([status, error.reason]).toEqual([429, 'auth.too_many_attempts']);
      const retryAfterS = Number(headers.get('retry-after'));
      expect(retryAfterS).toBeGreaterThan(14 * 60);
      expect(retryAfterS).toBeLessThanOrEqual(15 * 60);
    }
    expect((await logInFrom(anAddress(), await aPerson(shop))).status).toBe(200);
  });

  test('other spellings of the address do not give more attempts', async () => {
    const person = await aPerson(shop);
    const spellings = [person.email, person.email.toUpperCase(), ` ${person.email} `];
    await times(10, (at) => logInFrom(anAddress(), wrong({ email: spellings[at % 3] ?? '' })));
    expect((await logInFrom(anAddress(), person)).status).toBe(429);
  });

  test('an account that does not exist is limited alike, so that 429 tells nobody who exists', async () => {
    const nobody = wrong({ email: 'nobody@shop.test' });
    expect(await times(11, () => logInFrom(anAddress(), nobody))).toEqual([...Array(10).fill(401), 429]);
  });

  test('a login that succeeds begins the count anew', async () => {
    const person = await aPerson(shop);
    for (let round = 0; round < 2; round += 1) {
      expect(await times(9, () => logInFrom(anAddress(), wrong(person)))).toEqual(Array(9).fill(401));
      expect((await logInFrom(anAddress(), person)).status).toBe(200);
    }
  });

  test('a window lasts from its first failure, not from its last; then the count begins anew', async () => {
    const person = await aPerson(shop);
    await times(10, () => logInFrom(anAddress(), wrong(person)));
    const ends = () =>
      shop.sql<{
        at: string;
      }>`select window_ends_at as at from attempts order by window_ends_at desc limit 1`;
    const [before] = await ends();
    await logInFrom('192.0.2.1', person);
    expect((await ends())[0]).toEqual(before);
    await shop.sql`update attempts set window_ends_at = now() - interval '1 second'`;
    expect((await logInFrom(anAddress(), wrong(person))).status).toBe(401);
    expect((await logInFrom(anAddress(), person)).status).toBe(200);
  });

  test('300 wrong logins at once on two workers: ten are checked, 290 are 429', async () => {
    const person = await aPerson(shop);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        logInFrom(`198.51.100.${at % 250}`, wrong(person), workers[at % 2]),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(290).fill(429)]);
  });

  test('an address may fail a hundred times, whatever accounts it tries; others are not concerned', async () => {
    const address = anAddress();
    await shop.sql`delete from attempts`;
    await logInFrom(address, wrong(await aPerson(shop)));
    await shop.sql`update attempts set failures = 99 where subject like 'login address %'`;
    expect((await logInFrom(address, wrong(await aPerson(shop)))).status).toBe(401);
    const person = await aPerson(shop);
    for (const forged of [address, `203.0.113.9, ${address}`, `203.0.113.9,${address} `]) {
      expect((await logInFrom(forged, person)).status).toBe(429);
    }
    expect((await logInFrom(anAddress(), person)).status).toBe(200);
  });

  test('a right login does not use up what its address may fail', async () => {
    const address = anAddress();
    const person = await aPerson(shop);
    await shop.sql`delete from attempts`;
    expect(await times(3, () => logInFrom(address, person))).toEqual([200, 200, 200]);
    expect(await shop.sql`select 1 from attempts where failures > 0`).toHaveLength(0);
  });

  test('without a trusted proxy the header X-Forwarded-For is nobody', async () => {
    const bare = await testApp({ url: shop.url });
    await shop.sql`delete from attempts`;
    for (const address of ['203.0.113.1', '203.0.113.2']) {
      await logInFrom(address, wrong(await aPerson(shop)), bare);
    }
    expect(await shop.sql`select 1 from attempts where subject like 'login address %'`).toHaveLength(1);
  });

  test('the route that changes the password counts as well', async () => {
    const person = await aPerson(shop);
    const { data } = await logInFrom(anAddress(), person);
    const change = (current_password: string) =>
      shop.stranger.post(
        '/v1/auth/password',
        { current_password, new_password: 'eleven green bottles on a wall' },
        { headers: { ...bearer(data.access_token), 'x-forwarded-for': anAddress() } },
      );
    expect(await times(10, () => change('not my password at all'))).toEqual(Array(10).fill(422));
    const refused = await change(person.password);
    expect([refused.status, refused.error.reason]).toEqual([429, 'auth.too_many_attempts']);
    expect((await logIn(shop, person)).status).toBe(429);
  });

  test('the table of the counters names nobody', async () => {
    const person = await aPerson(shop);
    await logInFrom('192.0.2.200', wrong(person));
    const stored = await shop.sql<{ all: string }>`select json_agg(a)::text as all from attempts a`;
    expect(stored[0]?.all).not.toContain(person.email);
    expect(stored[0]?.all).not.toContain('192.0.2.200');
  });
});
