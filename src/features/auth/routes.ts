import { Hono } from 'hono';
import * as v from 'valibot';
import { shareLook } from '../../database/shared-look.ts';
import { accept } from '../../http/accept.ts';
import { addressOf } from '../../http/address.ts';
import { answer } from '../../http/answers.ts';
import type { VerifyToken } from '../../http/authenticate.ts';
import type { Env } from '../../http/context.ts';
import { EXAMPLE_LOGIN } from '../../http/example-shop.ts';
import { unstored } from '../../http/unstored.ts';
import { Person, Tokens } from '../../shapes/staff.ts';
import { changePassword, logIn, logOut, refresh } from './commands.ts';
import { findActors } from './queries.ts';
import { confirmReset, requestReset } from './resets.ts';
import { Login, NewPassword, PasswordChange, RefreshToken, ResetRequest } from './schema.ts';
import { type AccessTokens, wrongToken } from './tokens.ts';

type Shop = { tokens: AccessTokens; proxies: number };

const GUESSES = ['auth.too_many_attempts', 'auth.busy'] as const;

export const auth = ({ tokens, proxies }: Shop) =>
  new Hono<Env>()
    .use(unstored)
    .post(
      '/login',
      accept({
        summary: 'Logs in with e-mail and password',
        body: Login,
        answers: Tokens,
        refuses: [...GUESSES, 'auth.credentials_wrong'],
        example: { email: EXAMPLE_LOGIN.email, password: EXAMPLE_LOGIN.password },
        isUnkept: true,
      }),
      async (c) =>
        answer(
          c,
          await logIn(c.get('sql'), tokens, { ...c.req.valid('json'), address: addressOf(c, proxies) }),
        ),
    )
    .post(
      '/refresh',
      accept({
        summary: 'Trades a refresh token for a new pair',
        body: RefreshToken,
        answers: Tokens,
        refuses: ['auth.too_many_attempts', 'auth.refresh_token_wrong', 'auth.refresh_token_used'],
        example: { refresh_token: EXAMPLE_LOGIN.refresh_token },
        isUnkept: true,
      }),
      async (c) => {
        const input = { ...c.req.valid('json'), address: addressOf(c, proxies) };
        return answer(c, await refresh(c.get('sql'), tokens, input));
      },
    )
    .post(
      '/logout',
      accept({
        summary: 'Ends the session of a refresh token',
        body: RefreshToken,
        answers: v.strictObject({ logged_out: v.literal(true) }),
        example: { refresh_token: EXAMPLE_LOGIN.refresh_token },
        isUnkept: true,
      }),
      async (c) => {
        await logOut(c.get('sql'), c.req.valid('json').refresh_token);
        return answer(c, { logged_out: true });
      },
    )
    .post(
      '/password',
      accept({
        summary: 'Changes the own password and ends every session of the account',
        body: PasswordChange,
        answers: v.strictObject({ changed: v.literal(true) }),
        refuses: [...GUESSES, 'auth.credentials_wrong', 'password.too_weak'],
        example: { current_password: EXAMPLE_LOGIN.password, new_password: 'seven wet dogs on a bench' },
        isUnkept: true,
      }),
      async (c) => {
        const change = {
          ...c.req.valid('json'),
          shopName: c.get('shop').name,
          address: addressOf(c, proxies),
        };
        await changePassword(c.get('sql'), c.get('actor'), change);
        return answer(c, { changed: true });
      },
    )
    .post(
      '/password-resets',
      accept({
        summary: 'Sends a token for a new password to the address, if it is that of an account',
        body: ResetRequest,
        answers: v.strictObject({ accepted: v.literal(true) }),
        status: 202,
        refuses: ['auth.too_many_attempts'],
        example: { email: 'owner@example.com' },
        isUnkept: true,
      }),
      async (c) => {
        await requestReset(c.get('sql'), { ...c.req.valid('json'), address: addressOf(c, proxies) });
        return answer(c, { accepted: true }, 202);
      },
    )
    .post(
      '/password-resets/confirm',
      accept({
        summary: 'Sets a new password with the token of a mail, and ends every session of the account',
        body: NewPassword,
        answers: v.strictObject({ changed: v.literal(true) }),
        refuses: [...GUESSES, 'auth.reset_token_wrong', 'password.too_weak'],
        example: { token: EXAMPLE_LOGIN.reset_token, new_password: 'nine wet dogs on a bench' },
        isUnkept: true,
      }),
      async (c) => {
        await confirmReset(c.get('sql'), { ...c.req.valid('json'), address: addressOf(c, proxies) });
        return answer(c, { changed: true });
      },
    );

export const me = new Hono<Env>().get(
  '/',
  accept({ summary: 'Tells who is logged in', answers: Person }),
  (c) => {
    const { id, email, name, role } = c.get('actor');
    return answer(c, { id, email, name, role });
  },
);

/** For http/authenticate: the signature first, then one look at session and account, so that a change counts at once. */
export const verifyTokenWith = (tokens: AccessTokens): VerifyToken => {
  const look = shareLook(findActors);
  return async (sql, token, trace) => {
    const { staffId, sessionId } = await tokens.read(token);
    const found = await look(sql, trace, sessionId);
    if (found === undefined || found.actor.id !== staffId) throw wrongToken();
    return found;
  };
};
