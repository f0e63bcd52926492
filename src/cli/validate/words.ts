import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { commaList, wholeText } from '../../values/number.ts';

export type Plan = {
  /** http://host:port, without a path. */
  address: string;
  users: readonly number[];
  seconds: number;
  thinkMs: number;
  timeoutMs: number;
  writes: boolean;
  json: boolean;
  html?: string;
  email?: string;
  passwordFile?: string;
};
export type ValidateWords = { kind: 'help' } | { kind: 'fault'; fault: string } | { kind: 'run'; plan: Plan };

const BASELINE = 1;
const DEFAULTS = { users: '10,25,50,100,200', seconds: '10', think: '0', timeout: '10000' };
/** Bun's fetch has at most 256 requests in flight; what is above would wait here and be blamed on the server. */
const MAX_USERS = 250;
const MAX_STEPS = 20;
const MAX_SECONDS = 600;
const MINUTE_MS = 60_000;

export const HELP = `Usage: bun run validate [address] [options]

Measures a running server with 1 user, then with more and more at once, over health, today's appointments, a customer's
profile and bookings, and judges it by the shop's objectives. Without an address: this machine, PORT.

  --users 10,25,50,100,200   users at once, step by step, after the baseline of one; at most ${MAX_USERS}
  --seconds 10               length of each step
  --think 0                  milliseconds that a user waits after each answer
  --timeout 10000            milliseconds after which a request has failed
  --no-writes                no bookings: nothing is written
  --email, --password-file   the login of an owner or advisor; else the variables EMAIL and PASSWORD; else, on this
                             machine, the first owner in DATA_DIR/first-owner
  --json                     everything as JSON on stdout
  --html report.html         a report with charts in that file

Bookings go to the years from 2100 on, to technicians and a customer made for it, and are deleted at the end.
Exit code: 0 objectives met, 1 not met, 2 wrong usage or no login, 130 stopped by Ctrl-C.`;

const Options = v.object({
  users: commaList(v.pipe(wholeText(1, MAX_USERS)), MAX_STEPS),
  seconds: wholeText(1, MAX_SECONDS),
  think: wholeText(0, MINUTE_MS),
  timeout: wholeText(1, MINUTE_MS),
});

/** What was typed after `validate`; `port` is this machine's server. */
export const readValidateWords = (rest: readonly string[], port: number): ValidateWords => {
  const parsed = parsedFrom(rest);
  if (typeof parsed === 'string') return fault(parsed);
  const { values, positionals } = parsed;
  const [place, ...others] = positionals;
  if (values.help || place === 'help') return { kind: 'help' };
  if (others.length > 0) return fault(`${others[0]} is one word too many: validate takes one address.`);
  if (place === undefined && port === 0) return fault('PORT is 0: name the address of the server.');
  const address = addressFrom(place ?? `http://127.0.0.1:${port}`);
  if (address === undefined) return fault(`${place} is no address such as http://127.0.0.1:5000.`);
  const outcome = v.safeParse(Options, { ...DEFAULTS, ...values });
  if (!outcome.success) {
    const [issue] = outcome.issues;
    return fault(`--${String(issue.path?.[0]?.key)} ${issue.message}.`);
  }
  const { users, seconds, think, timeout } = outcome.output;
  return {
    kind: 'run',
    plan: {
      ...{ address, seconds, thinkMs: think, timeoutMs: timeout },
      users: [BASELINE, ...users.filter((count) => count !== BASELINE)],
      writes: values['no-writes'] !== true,
      json: values.json === true,
      ...(values.html === undefined ? {} : { html: values.html }),
      ...(values.email === undefined ? {} : { email: values.email }),
      ...(values['password-file'] === undefined ? {} : { passwordFile: values['password-file'] }),
    },
  };
};

const fault = (text: string): ValidateWords => ({ kind: 'fault', fault: text });

const parsedFrom = (rest: readonly string[]) => {
  try {
    return parseArgs({
      args: [...rest],
      options: {
        ...{ users: { type: 'string' }, seconds: { type: 'string' }, think: { type: 'string' } },
        ...{ timeout: { type: 'string' }, 'no-writes': { type: 'boolean' } },
        ...{ email: { type: 'string' }, 'password-file': { type: 'string' } },
        ...{ json: { type: 'boolean' }, html: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return error instanceof Error ? `${error.message.replace(/\. .*/s, '')}.` : String(error);
  }
};

const addressFrom = (text: string): string | undefined => {
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  const isPlain = url !== null && url.username === '' && url.pathname === '/' && url.search === '';
  return isPlain && url.hostname !== '' ? url.origin : undefined;
};
