import { describe, expect, test } from 'bun:test';
import { type Answer, testApp } from '../../helpers/app.ts';
import { aPerson, bearer, logIn, me, PASSWORD, refresh } from './people.ts';

const shop = await testApp({ env: { SHOP_NAME: 'Wheels and More' } });
const otherWorker = await testApp({ url: shop.url });

const NEW = 'eleven green bottles on a wall';

const change = (accessToken: string, body: object): Promise<Answer> =>
  shop.stranger.post('/v1/auth/password', body, { headers: bearer(accessToken) });

describe('POST /v1/auth/password', () => {
  test('200 {changed: true}: every session of the account ends, this one too; others stay', async () => {
    const person = await aPerson(shop);
    const colleague = (await logIn(shop, await aPerson(shop))).data;
    const [here, there] = [(await logIn(shop, person)).data, (await logIn(otherWorker, person)).data];
    const body = { current_password: PASSWORD, new_password: NEW };
    const { status, data, headers } = await change(here.access_token, body);
    expect([status, data]).toEqual([200, { changed: true }]);
    expect(headers.get('cache-control')).toBe('no-store');
    for (const { access_token, refresh_token } of [here, there]) {
      expect((await me(otherWorker, access_token)).status).toBe(401);
      expect((await refresh(shop, refresh_token)).error.reason).toBe('auth.refresh_token_wrong');
    }
    expect((await me(shop, colleague.access_token)).status).toBe(200);
    expect((await logIn(shop, person)).error.reason).toBe('auth.credentials_wrong');
    expect((await logIn(shop, { ...person, password: NEW })).status).toBe(200);
  });

  test('the account has a new version afterwards', async () => {
    const person = await aPerson(shop);
    await change((await logIn(shop, person)).data.access_token, {
      current_password: PASSWORD,
      new_password: NEW,
    });
    expect(await shop.sql`select version from staff where id = ${person.id}`).toEqual([{ version: 2 }]);
  });

  test('422: a wrong current password is named, whatever the new one is; nothing changes', async () => {
    const person = await aPerson(shop);
    const { data } = await logIn(shop, person);
    for (const new_password of [NEW, 'short']) {
      const { status, error } = await change(data.access_token, {
        current_password: `${PASSWORD}.`,
        new_password,
      });
      expect([status, error.reason]).toEqual([422, 'request.body_invalid']);
      expect(error.issues).toEqual([{ path: 'current_password', message: 'is not your password' }]);
    }
    expect((await me(shop, data.access_token)).status).toBe(200);
    expect((await logIn(shop, person)).status).toBe(200);
  });

  test('422 password.too_weak: short, long, common, or with the name of account or shop; nothing changes', async () => {
    const person = await aPerson(shop, { email: 'rosalind@shop.test', name: 'Rosalind Okonkwo' });
    const { data } = await logIn(shop, person);
    const weak = [
      'short',
      'fourteen chars',
      'x'.repeat(257),
      '123456789012345',
      'passwordpassword',
      'seven hills of rosalind',
      'the okonkwo of rosalindokonkwo',
      'wheels-AND-more is where I work',
    ];
    for (const new_password of weak) {
      const { status, error, text } = await change(data.access_token, {
        current_password: PASSWORD,
        new_password,
      });
      expect([status, error.reason, error.issues[0].path]).toEqual([
        422,
        'password.too_weak',
        'new_password',
      ]);
      expect(text).not.toContain(PASSWORD);
    }
    expect((await me(shop, data.access_token)).status).toBe(200);
    expect((await logIn(shop, person)).status).toBe(200);
  });

  test('422 for a body of another form', async () => {
    const { access_token } = (await logIn(shop, await aPerson(shop))).data;
    const cases: [object, string][] = [
      [{ current_password: PASSWORD }, 'new_password'],
      [{ new_password: NEW }, 'current_password'],
      [{ current_password: PASSWORD, new_password: null }, 'new_password'],
      [{ current_password: PASSWORD, new_password: NEW, email: 'x@y.zz' }, 'email'],
    ];
    for (const [body, path] of cases) {
      const { status, error } = await change(access_token, body);
      expect([status, error.issues[0].path]).toEqual([422, path]);
    }
  });

  test('two changes at once: one 200, one 401; the password of the 200 is the one', async () => {
    const person = await aPerson(shop);
    const { access_token } = (await logIn(shop, person)).data;
    const wishes = ['a first wish for the shop', 'the second of two wishes'];
    const answers = await Promise.all(
      wishes.map((new_password) => change(access_token, { current_password: PASSWORD, new_password })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const logins = await Promise.all(wishes.map((password) => logIn(shop, { ...person, password })));
    expect(logins.map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
  });

  test('a login that checked the old password while it was changed leaves no session behind', async () => {
    const person = await aPerson(shop);
    let password = PASSWORD;
    for (let round = 0; round < 6; round += 1) {
      const { access_token } = (await logIn(shop, { ...person, password })).data;
      const new_password = `${NEW} ${round}`;
      const [changed, ...logins] = await Promise.all([
        change(access_token, { current_password: password, new_password }),
        ...[1, 2, 3].map(() => logIn(otherWorker, { ...person, password })),
      ]);
      expect(changed?.status).toBe(200);
      for (const { data } of logins) {
        if (data !== null) expect((await me(shop, data.access_token)).status).toBe(401);
      }
      password = new_password;
      await shop.sql`delete from attempts`;
    }
  });
});
