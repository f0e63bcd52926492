import { describe, expect, test } from 'bun:test';
import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { newId } from '../../../src/values/id.ts';
import { type Data, SECRETS, testApp } from '../../helpers/app.ts';
import { aPerson, logIn } from './people.ts';

const shop = await testApp();
const person = await aPerson(shop);
const { access_token: good } = (await logIn(shop, person)).data;

const [KEY] = SECRETS.jwt;
const [goodHeader, goodClaims]: Data[] = good
  .split('.')
  .slice(0, 2)
  .map((part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()));
const [headPart, claimsPart, signature] = good.split('.');

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

type Forging = { header?: object; claims?: unknown; secret?: string; hash?: string };

/** Whatever is not named is as in a good token: each forgery differs from it in one thing. */
const forge = ({ header = {}, claims = {}, secret = KEY?.secret, hash = 'sha256' }: Forging): string => {
  const isPlain = typeof claims === 'object' && claims !== null && !Array.isArray(claims);
  const payload = isPlain ? { ...goodClaims, ...claims } : claims;
  const signed = `${part({ ...goodHeader, ...header })}.${part(payload)}`;
  return `${signed}.${createHmac(hash, secret ?? '')
    .update(signed)
    .digest('base64url')}`;
};

const ask = async (authorization: string) => {
  const id = newId();
  const answer = await shop.stranger.get('/v1/me', { headers: { authorization, 'x-correlation-id': id } });
  const line = shop.lines.find((one) => one.correlation_id === id && one.message === 'request');
  return { ...answer, queries: line?.queries };
};

const now = Math.floor(Date.now() / 1000);
const LAST = signature.at(-1);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const alias = ALPHABET[ALPHABET.indexOf(LAST) + 1];
const unsigned = (header: object): string => `${part({ ...goodHeader, ...header })}.${claimsPart}.`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaSigned = (): string => {
  const text = `${part({ ...goodHeader, alg: 'RS256' })}.${claimsPart}`;
  return `${text}.${signWith('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
};

/** What stands behind `Bearer `. */
const BAD_TOKENS: [string, string][] = [
  ['algorithm none', unsigned({ alg: 'none' })],
  ['algorithm none, with a signature', `${part({ ...goodHeader, alg: 'none' })}.${claimsPart}.${signature}`],
  ['algorithm NONE', unsigned({ alg: 'NONE' })],
  ['no algorithm', forge({ header: { alg: undefined } })],
  ['HS512, rightly signed', forge({ header: { alg: 'HS512' }, hash: 'sha512' })],
  ['HS384 said, HS256 done', forge({ header: { alg: 'HS384' } })],
  ['RS256 with a key of their own', rsaSigned()],
  ['another key', forge({ secret: 'another secret that is 32 bytes long.' })],
  ['an empty key', forge({ secret: '' })],
  ['unknown key id', forge({ header: { kid: 'other' } })],
  ['no key id', forge({ header: { kid: undefined } })],
  ['key id as an object', forge({ header: { kid: { test: true } } })],
  ['key id as a list', forge({ header: { kid: ['test'] } })],
  ['key id __proto__', forge({ header: { kid: '__proto__' }, secret: '' })],
  ['key id as a path', forge({ header: { kid: '../../dev/null' }, secret: '' })],
  ['key id null', forge({ header: { kid: null } })],
  ['another typ', forge({ header: { typ: 'at+jwt' } })],
  ['a critical extension', forge({ header: { crit: ['exp'] } })],
  ['expired', forge({ claims: { exp: now - 1, iat: now - 901 } })],
  ['ends this second', forge({ claims: { exp: now } })],
  ['no end', forge({ claims: { exp: undefined } })],
  ['end as a text', forge({ claims: { exp: String(now + 900) } })],
  ['end null', forge({ claims: { exp: null } })],
  ['not valid before an hour', forge({ claims: { nbf: now + 3_600 } })],
  ['made in an hour', forge({ claims: { iat: now + 3_600 } })],
  ['when made is a text', forge({ claims: { iat: 'now' } })],
  ['when made is missing', forge({ claims: { iat: undefined } })],
  ['another issuer', forge({ claims: { iss: 'somebody-else' } })],
  ['no issuer', forge({ claims: { iss: undefined } })],
  ['another audience', forge({ claims: { aud: 'another-api' } })],
  ['no audience', forge({ claims: { aud: undefined } })],
  ['a list of audiences', forge({ claims: { aud: ['shop-api'] } })],
  ['another kind', forge({ claims: { kind: 'refresh' } })],
  ['no kind', forge({ claims: { kind: undefined } })],
  ['no session', forge({ claims: { sid: undefined } })],
  ['session as an object', forge({ claims: { sid: { id: goodClaims.sid } } })],
  ['a session that is no id', forge({ claims: { sid: "' or 1=1 --" } })],
  ['no person', forge({ claims: { sub: undefined } })],
  ['a person that is no id', forge({ claims: { sub: '1' } })],
  ['no token id', forge({ claims: { jti: undefined } })],
  ['claims null', forge({ claims: null })],
  ['claims as a list', forge({ claims: [goodClaims] })],
  ['claims as a text', forge({ claims: 'owner' })],
  [
    'role and person swapped under the old signature',
    `${headPart}.${part({ ...goodClaims, role: 'owner', sub: newId() })}.${signature}`,
  ],
  ['one letter of the claims changed', `${headPart}.${claimsPart.slice(0, -1)}A.${signature}`],
  ['header changed under the old signature', `${part({ ...goodHeader, x: 1 })}.${claimsPart}.${signature}`],
  ['an alias of the signature’s last letter', `${headPart}.${claimsPart}.${signature.slice(0, -1)}${alias}`],
  ['a padded signature', `${good}=`],
  ['a signature in the other alphabet', `${headPart}.${claimsPart}.${'+'.repeat(42)}A`],
  ['truncated', good.slice(0, -10)],
  ['no signature', `${headPart}.${claimsPart}.`],
  ['one dot only', `${headPart}.${claimsPart}`],
  ['no dot', good.replaceAll('.', '')],
  ['dots alone', '..'],
  ['a fourth part', `${good}.${signature}`],
  ['an empty first part', `.${claimsPart}.${signature}`],
  ['no JSON in it', `bm90.anNvbg.${signature}`],
  ['letters beyond ASCII', `${good}é`],
  ['huge', `${headPart}.${'A'.repeat(15_000)}.${signature}`],
  ['the words null, undefined and true', 'null'],
];

const BAD_HEADERS: [string, string][] = [
  ['empty', ''],
  ['the scheme alone', 'Bearer'],
  ['the scheme and a space', 'Bearer '],
  ['the scheme twice', `Bearer Bearer ${good}`],
  ['two spaces', `Bearer  ${good}`],
  ['two tokens', `Bearer ${good} ${good}`],
  ['two headers in one', `Bearer ${good}, Bearer ${good}`],
  ['Basic', `Basic ${Buffer.from('a:b').toString('base64')}`],
  ['the token under another scheme', `Token ${good}`],
  ['the token alone', good],
  ['a quoted token', `Bearer "${good}"`],
];

describe('an access token', () => {
  test('is good as it was given, forged anew from its parts, and under the scheme in any case', async () => {
    for (const authorization of [`Bearer ${good}`, `bearer ${good}`, `BEARER ${forge({})}`]) {
      const { status, data, queries } = await ask(authorization);
      expect([status, data?.id, queries]).toEqual([200, person.id, 1]);
    }
  });

  test.each(BAD_TOKENS)('401 and no statement: %s', async (_name, token) => {
    const { status, error, headers, queries, text } = await ask(`Bearer ${token}`);
    expect([status, error.reason, queries]).toEqual([401, 'auth.token_wrong', 0]);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="shop", error="invalid_token"');
    if (token.length > 20) expect(text).not.toContain(token.slice(0, 20));
  });

  test.each(BAD_HEADERS)('401 and no statement: the header is %s', async (_name, authorization) => {
    const { status, error, queries } = await ask(authorization);
    expect([status, queries]).toEqual([401, 0]);
    expect(['auth.token_wrong', 'auth.token_missing']).toContain(error.reason);
  });

  test('no line of the log holds a token or a part of one', () => {
    const log = JSON.stringify(shop.lines);
    for (const [, token] of BAD_TOKENS) if (token.length > 40) expect(log).not.toContain(token.slice(0, 40));
    expect(log).not.toContain(signature);
  });

  test('a box whose clock is some seconds behind takes it', async () => {
    expect((await ask(`Bearer ${forge({ claims: { iat: now + 20 } })}`)).status).toBe(200);
  });

  test('ends by the clock, also where it was seen before', async () => {
    let ahead = 0;
    const other = await testApp({ url: shop.url, clock: () => Date.now() + ahead });
    const headers = { authorization: `Bearer ${good}` };
    expect((await other.stranger.get('/v1/me', { headers })).status).toBe(200);
    ahead = 901_000;
    expect((await other.stranger.get('/v1/me', { headers })).status).toBe(401);
    const unseen = await testApp({ url: shop.url, clock: () => Date.now() + ahead });
    expect((await unseen.stranger.get('/v1/me', { headers })).status).toBe(401);
  });

  test('of a person or session that is not there is 401, by one look into the database', async () => {
    for (const claims of [{ sub: newId() }, { sid: newId() }]) {
      const { status, error, queries } = await ask(`Bearer ${forge({ claims })}`);
      expect([status, error.reason, queries]).toEqual([401, 'auth.token_wrong', 1]);
    }
  });
});
