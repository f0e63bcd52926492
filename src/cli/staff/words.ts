import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { ROLES, type Role } from '../../access.ts';
import { email } from '../../values/email.ts';
import { nearest } from '../../values/nearest.ts';
import { line } from '../../values/text.ts';

export type StaffWords =
  | { kind: 'help' }
  | { kind: 'fault'; fault: string }
  | { kind: 'list' }
  | { kind: 'password'; email: string }
  | { kind: 'add'; email: string; name: string; role: Role };

const NAMES = ['add', 'list', 'password'];
const NewLogin = v.object({
  email: email(),
  name: line(200),
  role: v.picklist(ROLES, `must be one of ${ROLES.join(', ')}`),
});

/** What was typed after `staff`. */
export const readStaffWords = (rest: readonly string[]): StaffWords => {
  const parsed = parsedFrom(rest);
  if (typeof parsed === 'string') return fault(parsed);
  const { values, positionals } = parsed;
  const [name, ...others] = positionals;
  if (values.help || name === 'help') return { kind: 'help' };
  if (values.password !== undefined) {
    return fault(
      'A password is not taken from the command line, where others can read it: set STAFF_PASSWORD instead.',
    );
  }
  const given = Object.keys(values).filter((option) => option !== 'help');
  if (name === 'add') return others.length > 0 ? tooMany(others) : adding(values);
  if (name === 'list' || name === 'password') {
    if (given.length > 0) return fault(`staff ${name} does not know --${given[0]}.`);
    return name === 'list' ? listing(others) : changing(others);
  }
  if (name === undefined) return fault('Say what is to be done: add, list or password.');
  const meant = nearest(name, NAMES);
  return fault(`staff does not know ${name}${meant === undefined ? '.' : `: was ${meant} meant?`}`);
};

const fault = (text: string): StaffWords => ({ kind: 'fault', fault: text });
const tooMany = ([first]: readonly string[]): StaffWords =>
  fault(`${first} is one word too many. A name of several words stands in quotes: --name "Ida Berg".`);

const parsedFrom = (rest: readonly string[]) => {
  try {
    return parseArgs({
      args: [...rest],
      options: {
        ...{ email: { type: 'string' }, name: { type: 'string' }, role: { type: 'string' } },
        ...{ password: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return error instanceof Error ? `${error.message.replace(/\. .*/s, '')}.` : String(error);
  }
};

const adding = (values: { email?: string; name?: string; role?: string }): StaffWords => {
  for (const option of ['email', 'name', 'role'] as const) {
    if (values[option] === undefined) return fault(`staff add needs --${option}.`);
  }
  const outcome = v.safeParse(NewLogin, values);
  if (outcome.success) return { kind: 'add', ...outcome.output };
  const [issue] = outcome.issues;
  return fault(`--${v.getDotPath(issue)} ${issue.message}.`);
};

const listing = (others: readonly string[]): StaffWords =>
  others.length > 0
    ? fault(`staff list takes nothing more; ${others[0]} is one word too many.`)
    : { kind: 'list' };

const changing = ([address, ...others]: readonly string[]): StaffWords => {
  if (address === undefined) return fault('Whose password? staff password needs an e-mail address.');
  if (others.length > 0) {
    return fault('staff password takes the address alone; the password is read from STAFF_PASSWORD.');
  }
  const outcome = v.safeParse(email(), address);
  return outcome.success
    ? { kind: 'password', email: outcome.output }
    : fault(`${address} is no e-mail address.`);
};
