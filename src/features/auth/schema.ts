import * as v from 'valibot';
import { email } from '../../values/email.ts';

const MAX_TOKEN_LENGTH = 200;
const NOT_A_RESET_TOKEN = 'must be the token of a mail for a new password';
// 256 characters are at most 512 UTF-16 units, and up to four times as many when typed decomposed (NFD).
const MAX_GIVEN_LENGTH = 2_048;

/** What a person types to log in: any length that could have been accepted, so that the answer is 401, not 422. */
const givenPassword = v.pipe(
  v.string('must be a text'),
  v.nonEmpty('must not be empty'),
  v.maxLength(MAX_GIVEN_LENGTH, 'must be at most 256 characters long'),
);

const refreshToken = v.pipe(
  v.string('must be the refresh_token of a login'),
  v.nonEmpty('must not be empty'),
  v.maxLength(MAX_TOKEN_LENGTH, 'must be the refresh_token of a login'),
);

/** Its rules are auth/passwords.ts's to judge: they look at the account too. */
const newPassword = v.pipe(
  v.string('must be a text'),
  v.maxLength(10_000, 'must be at most 256 characters long'),
);

export const Login = v.strictObject({ email: email(), password: givenPassword });
export const RefreshToken = v.strictObject({ refresh_token: refreshToken });
export const PasswordChange = v.strictObject({
  current_password: givenPassword,
  new_password: newPassword,
});

export const ResetRequest = v.strictObject({ email: email() });
export const NewPassword = v.strictObject({
  token: v.pipe(
    v.string(NOT_A_RESET_TOKEN),
    v.nonEmpty('must not be empty'),
    v.maxLength(MAX_TOKEN_LENGTH, NOT_A_RESET_TOKEN),
  ),
  new_password: newPassword,
});

export type Login = v.InferOutput<typeof Login>;
export type RefreshToken = v.InferOutput<typeof RefreshToken>;
export type ResetRequest = v.InferOutput<typeof ResetRequest>;
export type NewPassword = v.InferOutput<typeof NewPassword>;
export type PasswordChange = v.InferOutput<typeof PasswordChange>;
