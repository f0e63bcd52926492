import { describe, expect, test } from 'bun:test';
import { type Answer, testApp } from '../../helpers/app.ts';
import { aPerson, logIn, me, PASSWORD, type Person, refresh } from './people.ts';

const shop = await testApp({ env: { TRUST_PROXY: '1', SHOP_NAME: 'Wheels and More' } });
const NEW_PASSWORD = 'eleven green bottles on a wall';
const MAIL_PATH = '/v1/auth/password-resets';

let addresses = 0;
const anAddress = (): string => {
  addresses += 1;
  return `198.51.100.${addresses}`;
};

const ask = (email: string, address = anAddress()): Promise<Answer> =>
  shop.stranger.post(MAIL_PATH, { email }, { headers: { 'x-forwarded-for': address } });

const confirm = (token: string, new_password = NEW_PASSWORD): Promise<Answer> =>
  shop.stranger.post(
    `${MAIL_PATH}/confirm`,
    { token, new_password },
    { headers: { 'x-forwarded-for': anAddress() } },
  );

const mailsTo = (email: string) =>
  shop.sql<{ kind: string; subject: string; body: string; status: string; sent_at: string | null }>`
    select kind, subject, body, status, sent_at from outbox where recipient = ${email} order by created_at, id`;

const tokenOf = ({ body }: { body: string }): string => /token is: ([\w-]{43})$/m.exec(body)?.[1] ?? '';

const aToken = async ({ email }: Person): Promise<string> => {
  await ask(email);
  const mail = (await mailsTo(email)).at(-1);
  return mail === undefined ? '' : tokenOf(mail);
};

const queriesOf = ({ correlationId }: Answer): unknown =>
  shop.lines.find((one) => one.correlation_id === correlationId && one.message === 'request')?.queries;

const isRefused = ({ status, error }: Answer): void =>
  expect([status, error.reason, error.issues]).toEqual([
    422,
    'auth.reset_token_wrong',
    [{ path: 'token', message: 'is not valid any more' }],
  ]);

describe('POST /v1/auth/password-resets', () => {
  test('202 whoever asks, in the same words and statements; a mail to who has an account alone', async () => {
    const person = await aPerson(shop);
    const inactive = await aPerson(shop);
    await shop.sql`update staff set is_active = false where id = ${inactive.id}`;
    const emails = [person.email.toUpperCase(), inactive.email, 'nobody@shop.test'];
    const answers = [];
    for (const email of emails) answers.push(await ask(email));
    for (const { status, data, headers } of answers) {
      expect([status, data, headers.get('cache-control')]).toEqual([202, { accepted: true }, 'no-store']);
    }
    expect(new Set(answers.map(queriesOf)).size).toBe(1);
    expect(queriesOf(answers[0] as Answer)).toBeNumber();
    expect(await mailsTo(person.email)).toEqual([
      {
        ...{ kind: 'password_reset', subject: 'A new password', status: 'queued', sent_at: null },
        body: expect.stringMatching(/token is: [\w-]{43}$/m),
      },
    ]);
    const others =
      await shop.sql`select 1 from outbox where recipient in (${inactive.email}, 'nobody@shop.test')`;
    expect(others).toEqual([]);
    const [stored] = await shop.sql<{ known: number; unknown: number }>`
      select count(staff_id)::integer as known, count(*) filter (where staff_id is null)::integer as unknown
      from password_resets`;
    expect(stored).toEqual({ known: 1, unknown: 2 });
  });

  test('429 after ten for one address, for known and unknown ones alike, from wherever they come', async () => {
    const { email } = await aPerson(shop);
    for (const asked of [email, 'nobody-at-all@shop.test']) {
      for (let at = 0; at < 10; at += 1) expect((await ask(asked)).status).toBe(202);
      const { status, error, headers } = await ask(asked);
      expect([status, error.reason]).toEqual([429, 'auth.too_many_attempts']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await mailsTo(email)).toHaveLength(10);
    // Who may not ask for another mail can still log in.
    expect((await logIn(shop, { email, password: PASSWORD })).status).toBe(200);
  });

  test('429 after a hundred from one place, whomever they ask for', async () => {
    const place = anAddress();
    const answers = [];
    for (let at = 0; at < 100; at += 1) answers.push((await ask(`somebody-${at}@shop.test`, place)).status);
    expect(new Set(answers)).toEqual(new Set([202]));
    expect((await ask('somebody-else@shop.test', place)).status).toBe(429);
    expect((await ask('somebody-else@shop.test')).status).toBe(202);
  });

  test('422 for what is no address, 400 for a dry run', async () => {
    expect((await ask('nobody')).error.issues[0].path).toBe('email');
    const dry = await shop.stranger.post(`${MAIL_PATH}?dry_run=true`, { email: 'a@b.test' });
    expect([dry.status, dry.error.issues[0].path]).toEqual([400, 'dry_run']);
  });
});

describe('POST /v1/auth/password-resets/confirm', () => {
  test('200: the new password is the password, and every session and every other token has ended', async () => {
    const person = await aPerson(shop);
    const session = (await logIn(shop, person)).data;
    const [older, newer] = [await aToken(person), await aToken(person)];
    const { status, data, headers } = await confirm(older);
    expect([status, data, headers.get('cache-control')]).toEqual([200, { changed: true }, 'no-store']);
    expect((await logIn(shop, person)).status).toBe(401);
    expect((await logIn(shop, { ...person, password: NEW_PASSWORD })).status).toBe(200);
    expect((await me(shop, session.access_token)).status).toBe(401);
    expect((await refresh(shop, session.refresh_token)).status).toBe(401);
    isRefused(await confirm(newer));
  });

  test('422 for a token that is wrong, used, too old, or of an account that has ended', async () => {
    const [used, old, ended] = [await aPerson(shop), await aPerson(shop), await aPerson(shop)];
    const tokens = { used: await aToken(used), old: await aToken(old), ended: await aToken(ended) };
    expect((await confirm(tokens.used)).status).toBe(200);
    await shop.sql`update password_resets set expires_at = now() where staff_id = ${old.id}`;
    await shop.sql`update staff set is_active = false where id = ${ended.id}`;
    for (const token of [...Object.values(tokens), 'A'.repeat(43), 'x', ` ${tokens.used}`]) {
      isRefused(await confirm(token, 'another sentence for the tests'));
    }
    expect((await logIn(shop, old)).status).toBe(200);
  });

  test('a token holds for an hour, and is stored as its hash', async () => {
    const person = await aPerson(shop);
    const token = await aToken(person);
    const [row] = await shop.sql<{ minutes: number; hash: string }>`
      select encode(token_hash, 'hex') as hash, (extract(epoch from expires_at - created_at) / 60)::float8 as minutes from password_resets
      where staff_id = ${person.id}`;
    expect(row?.minutes).toBeCloseTo(60, 2);
    expect(row?.hash).toBe(new Bun.CryptoHasher('sha256').update(token).digest('hex'));
  });

  test('422 for a weak password, or one with the shop’s or the own name: the token can be used again', async () => {
    const person = await aPerson(shop, { name: 'Gwendolyn Fairweather' });
    const token = await aToken(person);
    for (const weak of ['short', 'passwordpassword', 'my wheels and more', 'gwendolynfairweather']) {
      const { status, error } = await confirm(token, weak);
      expect([status, error.reason, error.issues[0].path]).toEqual([
        422,
        'password.too_weak',
        'new_password',
      ]);
    }
    expect((await logIn(shop, person)).status).toBe(200);
    expect((await confirm(token)).status).toBe(200);
  });

  test('ten at once with one token: one 200, the others 422', async () => {
    const token = await aToken(await aPerson(shop));
    const answers = await Promise.all(Array.from({ length: 10 }, () => confirm(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) isRefused(answer);
  });

  test('429 for who has guessed a hundred times', async () => {
    const headers = { 'x-forwarded-for': anAddress() };
    const body = { token: 'A'.repeat(43), new_password: NEW_PASSWORD };
    for (let at = 0; at < 100; at += 1)
      isRefused(await shop.stranger.post(`${MAIL_PATH}/confirm`, body, { headers }));
    expect((await shop.stranger.post(`${MAIL_PATH}/confirm`, body, { headers })).status).toBe(429);
  });

  test('a changed password ends the tokens that are on their way', async () => {
    const person = await aPerson(shop);
    const token = await aToken(person);
    const { data } = await logIn(shop, person);
    const change = { current_password: person.password, new_password: 'seven wet dogs on a bench' };
    const headers = { authorization: `Bearer ${data.access_token}` };
    expect((await shop.stranger.post('/v1/auth/password', change, { headers })).status).toBe(200);
    isRefused(await confirm(token));
  });

  test('the token stands in the mail alone: not in other tables, not in the log; nor does the password', async () => {
    const person = await aPerson(shop);
    const headers = { 'idempotency-key': 'one', 'x-forwarded-for': anAddress() };
    await shop.stranger.post(MAIL_PATH, { email: person.email }, { headers });
    const [mail] = await mailsTo(person.email);
    const token = tokenOf(mail as { body: string });
    const body = { token, new_password: NEW_PASSWORD };
    expect((await shop.stranger.post(`${MAIL_PATH}/confirm`, body, { headers })).status).toBe(200);
    // A key has no meaning here: the second one is judged anew.
    isRefused(await shop.stranger.post(`${MAIL_PATH}/confirm`, body, { headers }));

    const tables = await shop.sql<{ name: string; text: string }>`
      select t.tablename as name, query_to_xml(format('select * from %I', t.tablename), true, true, '')::text as text
      from pg_tables t where t.schemaname = 'public'`;
    const holding = (secret: string) =>
      tables.filter(({ text }) => text.includes(secret)).map(({ name }) => name);
    expect(holding(token)).toEqual(['outbox']);
    expect(holding(person.email)).toContain('staff');
    expect(holding(NEW_PASSWORD)).toEqual([]);
    const log = JSON.stringify(shop.lines);
    for (const secret of [token, NEW_PASSWORD, person.email]) expect(log).not.toContain(secret);
  });
});
