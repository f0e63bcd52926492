import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../process/refusal.ts';
import type { Plan } from './words.ts';

export type Login = { email: string; password: string };
/** EMAIL and PASSWORD of the environment. */
export type LoginVariables = { email: string | undefined; password: string | undefined };

/** From the options, else the variables, else the first owner's note; a Refusal says what is missing. */
export const readLogin = (plan: Plan, variables: LoginVariables, dataDir: string): Login => {
  const email = plan.email ?? variables.email;
  const password = plan.passwordFile === undefined ? variables.password : passwordIn(plan.passwordFile);
  if (email !== undefined && password !== undefined) return { email, password };
  if (plan.email !== undefined) throw refuse('--email needs a password: --password-file, or PASSWORD.');
  if (plan.passwordFile !== undefined) throw refuse('--password-file needs an address: --email, or EMAIL.');
  const note = join(dataDir, 'first-owner');
  // The password of this machine's owner is nothing to send to another machine.
  if (!isHere(plan.address) || !existsSync(note)) {
    throw refuse('There is no login: give --email and --password-file, or the variables EMAIL and PASSWORD.');
  }
  const [noted = '', secret = ''] = textOf(note).split('\n');
  return { email: noted, password: secret };
};

const isHere = (address: string): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);

const passwordIn = (path: string): string => textOf(path).replace(/\r?\n$/, '');

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refuse(`${path} cannot be read.`, error);
  }
};
