import { decode, sign, verify } from 'hono/jwt';
import * as v from 'valibot';
import { fail } from '../../errors.ts';
import { id } from '../../values/id.ts';

export const ACCESS_TOKEN_S = 900;

const ISSUER = 'edgars-mobile-auto-shop';
const AUDIENCE = 'shop-api';
const MAX_TOKEN_LENGTH = 2_000;
const MAX_REMEMBERED = 10_000;
// 32 bytes make 43 characters whose last carries two unused bits: these are the sixteen without them.
const CANONICAL_SIGNATURE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

// Clocks of two boxes differ a little: what one has just made must not come from the future to the other.
const CLOCK_SKEW_S = 60;

const Claims = v.object({
  aud: v.literal(AUDIENCE),
  kind: v.literal('access'),
  sub: id(),
  sid: id(),
  jti: id(),
  iat: v.number(),
  exp: v.number(),
});

export type SigningKey = {
  kid: string;
  secret: string;
  /** Instants; without them from ever, and for ever. */
  signs_from?: string | undefined;
  verifies_until?: string | undefined;
};
export type Holder = { staffId: string; sessionId: string };

/** Access tokens: HS256 with key id. The first key whose time has come signs, all verify until their end. */
export const accessTokens = (keys: readonly SigningKey[], clock: () => number) => {
  const known = new Map(keys.map((key) => [key.kid, key]));
  const signer = (): SigningKey => {
    const found = keys.find(
      ({ signs_from }) => signs_from === undefined || Date.parse(signs_from) <= clock(),
    );
    if (found === undefined) throw new Error('no key to sign tokens with');
    return found;
  };
  // Only what was verified is remembered, under the text that was verified, and never beyond its expiry.
  const remembered = new Map<string, Holder & { exp: number }>();

  const issue = ({ staffId, sessionId }: Holder): Promise<string> => {
    const now = Math.floor(clock() / 1000);
    const claims = {
      iss: ISSUER,
      aud: AUDIENCE,
      kind: 'access',
      sub: staffId,
      sid: sessionId,
      jti: Bun.randomUUIDv7(),
    };
    return sign({ ...claims, iat: now, exp: now + ACCESS_TOKEN_S }, keyFor(signer()));
  };

  /** Throws auth.token_wrong for every token that is not ours, whole and still valid. */
  const read = async (token: string): Promise<Holder> => {
    const past = remembered.get(token);
    if (past !== undefined && past.exp > clock() / 1000) return past;
    const holder = await verified(token, known, clock() / 1000);
    remembered.delete(token);
    const oldest = remembered.size >= MAX_REMEMBERED ? remembered.keys().next().value : undefined;
    if (oldest !== undefined) remembered.delete(oldest);
    remembered.set(token, holder);
    return holder;
  };

  return { issue, read };
};

export type AccessTokens = ReturnType<typeof accessTokens>;

const verified = async (
  token: string,
  keys: ReadonlyMap<string, SigningKey>,
  nowS: number,
): Promise<Holder & { exp: number }> => {
  if (token.length > MAX_TOKEN_LENGTH || !CANONICAL_SIGNATURE.test(token.split('.')[2] ?? ''))
    throw wrongToken();
  try {
    const key = keys.get(keyIdOf(token));
    if (key === undefined || isOver(key, nowS)) throw wrongToken();
    // The library looks at a clock of its own, and takes a token without these times.
    const ours = { exp: false, iat: false };
    const payload = await verify(token, key.secret, { alg: 'HS256', iss: ISSUER, aud: AUDIENCE, ...ours });
    const { sub, sid, iat, exp } = v.parse(Claims, payload);
    if (exp <= nowS || iat > nowS + CLOCK_SKEW_S) throw wrongToken();
    return { staffId: sub, sessionId: sid, exp };
  } catch {
    // The library's messages hold the whole token: they go nowhere.
    throw wrongToken();
  }
};

const isOver = ({ verifies_until }: SigningKey, nowS: number): boolean =>
  verifies_until !== undefined && Date.parse(verifies_until) <= nowS * 1000;

const keyIdOf = (token: string): string => {
  const header: unknown = decode(token).header;
  return v.parse(v.object({ kid: v.string() }), header).kid;
};

/** As a JWK, for then the library writes the key's id into the header. */
const keyFor = ({ kid, secret }: SigningKey) => ({
  kty: 'oct',
  alg: 'HS256',
  kid,
  k: Buffer.from(secret).toString('base64url'),
});

export const wrongToken = (): Error =>
  fail('auth.token_wrong', 'The access token is not valid or has expired. Refresh it, or log in again.');
