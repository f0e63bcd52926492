import type { Role } from '../../../src/access.ts';
import { hashPassword } from '../../../src/features/auth/passwords.ts';
import { newId } from '../../../src/values/id.ts';
import type { Answer, TestApp } from '../../helpers/app.ts';

export const PASSWORD = 'violet tram over seven hills';

export type Person = { id: string; email: string; name: string; role: Role; password: string };

/** Somebody with an account and a password, and without a session. */
export const aPerson = async (shop: TestApp, overrides: Partial<Person> = {}): Promise<Person> => {
  const id = newId();
  const person: Person = {
    id,
    email: `p-${id}@shop.test`,
    name: 'Pat Doe',
    role: 'advisor',
    password: PASSWORD,
    ...overrides,
  };
  const hash = await (person.password === PASSWORD ? usualHash() : hashPassword(person.password));
  await shop.sql`
    insert into staff (id, email, name, role, password_hash)
    values (${person.id}, ${person.email}, ${person.name}, ${person.role}, ${hash})`;
  return person;
};

export const logIn = (
  shop: TestApp,
  { email, password }: Pick<Person, 'email' | 'password'>,
): Promise<Answer> => shop.stranger.post('/v1/auth/login', { email, password });

export const refresh = (shop: TestApp, refreshToken: string): Promise<Answer> =>
  shop.stranger.post('/v1/auth/refresh', { refresh_token: refreshToken });

export const me = (shop: TestApp, accessToken: string): Promise<Answer> =>
  shop.stranger.get('/v1/me', { headers: bearer(accessToken) });

export const bearer = (accessToken: string): Record<string, string> => ({
  authorization: `Bearer ${accessToken}`,
});

let hash: Promise<string> | undefined;
const usualHash = (): Promise<string> => {
  hash ??= hashPassword(PASSWORD);
  return hash;
};
