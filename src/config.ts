import { availableParallelism } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as v from 'valibot';
import { host, origin, postgresUrl, smtpUrl, wayAddress, webAddress } from './values/address.ts';
import { email } from './values/email.ts';
import { editDistance, nearest } from './values/nearest.ts';
import { commaList, flag, wholeText } from './values/number.ts';
import { line } from './values/text.ts';
import { zone } from './values/time.ts';

export const PROJECT = resolve(import.meta.dir, '..');

/** Every fault of the environment, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

type TextSchema<Value> = v.GenericSchema<string, Value>;
interface Variable<Value> {
  schema: TextSchema<Value>;
  description: string;
  /** What the README shows for the default. */
  shown: string;
  isSecret: boolean;
}
interface Defaulted<Value> extends Variable<Value> {
  default: string;
}
interface Optional<Value> extends Variable<Value> {
  default: undefined;
}

const defaulted = <Value>(
  value: string,
  schema: TextSchema<Value>,
  description: string,
): Defaulted<Value> => ({ schema, description, default: value, shown: value, isSecret: false });

const optional = <Value>(shown: string, schema: TextSchema<Value>, description: string): Optional<Value> => ({
  schema,
  description,
  default: undefined,
  shown,
  isSecret: false,
});

const secret = <Value>(shown: string, schema: TextSchema<Value>, description: string): Optional<Value> => ({
  ...optional(shown, schema, description),
  isSecret: true,
});

const MAX_WORKERS = 64;
const MAX_BOXES = 64;
const MAX_POOL = 200;
const MINUTE_MS = 60_000;

const text = () => v.pipe(v.string(), v.minLength(1, 'must not be empty'));
const milliseconds = (min: number) => wholeText(min, 10 * MINUTE_MS);
const VARIABLES = {
  HOST: defaulted('0.0.0.0', host(), 'Address to listen on'),
  PORT: defaulted('5000', wholeText(0, 65_535), 'Port to listen on; 0 takes any free one'),
  WORKERS: optional('the cores, at most 8', wholeText(1, MAX_WORKERS), 'Processes that answer requests'),
  ADMIN_HOST: defaulted('127.0.0.1', host(), 'Address for /metrics and /status: for this machine alone'),
  ADMIN_PORT: defaulted('9100', wholeText(0, 65_535), 'Their port; 0 takes any free one'),
  DATABASE_URL: secret(
    'the embedded PostgreSQL',
    postgresUrl(),
    'PostgreSQL 15 or later; may be a PgBouncer',
  ),
  DATABASE_DIRECT_URL: secret(
    'DATABASE_URL',
    postgresUrl(),
    'The same database without a PgBouncer between, for migrations',
  ),
  DATABASE_REPLICA_URL: secret(
    'none',
    postgresUrl(),
    'A streaming standby of the same database, which /v1/reports reads while it is up to date',
  ),
  BOXES: defaulted(
    '1',
    wholeText(1, MAX_BOXES),
    'Boxes that share the database, this one included: each takes its part of the connections',
  ),
  DB_POOL_MIN: optional('5', wholeText(0, MAX_POOL), 'Connections that each worker opens at its start'),
  DB_POOL_MAX: defaulted('20', wholeText(1, MAX_POOL), 'Most connections of each worker'),
  DB_ACQUIRE_TIMEOUT_MS: defaulted('2000', milliseconds(1), 'Longest wait for a free connection, then 503'),
  DB_QUEUE_MAX: defaulted(
    '1000',
    wholeText(0, 100_000),
    'Most statements of a worker that may wait for a connection',
  ),
  DB_LOCK_TIMEOUT_MS: defaulted(
    '1500',
    milliseconds(1),
    'Longest wait for a lock inside PostgreSQL, then 503',
  ),
  DB_STATEMENT_TIMEOUT_MS: defaulted('5000', milliseconds(1), 'Longest run of one statement, then 504'),
  DB_PREPARE: defaulted('true', flag(), 'Prepared statements; false behind a PgBouncer'),
  SLOW_QUERY_MS: defaulted('100', milliseconds(0), 'A statement over this is logged as slow'),
  WORKER_TIMEOUT_S: defaulted(
    '30',
    wholeText(2, 3600),
    'A worker that gives no sign of life for so long is killed and started again',
  ),
  MAX_REQUESTS: defaulted(
    '0',
    wholeText(0, 1_000_000_000),
    'A worker that has answered so many is replaced; 0 = never',
  ),
  MAX_RSS_MB: defaulted('0', wholeText(0, 1_000_000), 'A worker with more memory is replaced; 0 = never'),
  GRACE_S: defaulted('30', wholeText(1, 3600), 'Time for requests in flight at the end'),
  JWT_SECRET: secret(
    'from SECRETS_FILE',
    text(),
    'Signs access tokens: one secret of 32 bytes or more, or kid:secret,kid:secret',
  ),
  SECRETS_FILE: optional(
    'secrets.json in DATA_DIR',
    text(),
    'Where the secrets made at the first start are kept',
  ),
  DATA_DIR: defaulted('.data', text(), 'Embedded database and secrets; relative to the project'),
  SHOP_NAME: defaulted(
    "Edgar's Mobile Auto Shop",
    line(100),
    'Name of the shop at the first start; then its settings count',
  ),
  SHOP_TIMEZONE: defaulted('America/Los_Angeles', zone(), 'Its IANA zone, at the first start too'),
  CORS_ORIGINS: optional(
    'none',
    commaList(origin(), 50),
    'Web pages of other origins that may call the API, by commas',
  ),
  PUBLIC_URL: optional(
    'none',
    webAddress(),
    'Where customers reach this server, such as https://book.shop.example; without it their links are paths',
  ),
  TRAVEL_URL: secret(
    'none',
    wayAddress(),
    'Where drives are measured, in the form of OSRM; without it they are estimated: see Runbook, Drives',
  ),
  TRAVEL_TIMEOUT_MS: defaulted(
    '1000',
    wholeText(10, 10_000),
    'Longest that a request waits for measured drives, then the estimate counts',
  ),
  SMTP_URL: secret(
    'none',
    smtpUrl(),
    'Where mails are sent, such as smtps://user:password@host; without it they are written to outbox.jsonl in DATA_DIR',
  ),
  MAIL_FROM: optional('none', email(), 'Address that mails come from; needed with SMTP_URL'),
  SMS_URL: secret(
    'none',
    webAddress(),
    'Where text messages are sent: see Runbook, Messages; without it they are written to the same file',
  ),
  SMS_TOKEN: secret('none', text(), 'Bearer token for SMS_URL'),
  SMS_CALLBACK_SECRET: secret(
    'none',
    text(),
    'What the provider of text messages signs its callbacks with; without it none is believed',
  ),
  TRUST_PROXY: defaulted('0', wholeText(0, 10), 'Proxies in front of the server that add to X-Forwarded-For'),
  RATE_LIMIT_PER_S: defaulted(
    '0',
    wholeText(0, 1_000_000),
    'Requests a second of one person to one worker, ten times as many at once; 0 = no limit',
  ),
  WEBHOOKS_ALLOW_PRIVATE: defaulted('false', flag(), 'Webhooks may go to private addresses and without TLS'),
  OWNER_EMAIL: optional(
    'owner@shop.local',
    email(),
    'Login of the first owner, used while there is no staff',
  ),
  OWNER_PASSWORD: secret('a random one', text(), 'Password of the first owner, 15 to 256 characters'),
  STAFF_PASSWORD: secret('a random one', text(), 'Password that bun run staff gives, 15 to 256 characters'),
  LOG_LEVEL: defaulted(
    'info',
    v.picklist(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
    'Least level of the lines on stdout',
  ),
  APP_ENV: defaulted(
    'production',
    v.picklist(['production', 'development', 'test'], 'must be production, development or test'),
    'In production weak secrets are refused',
  ),
} as const;

type Variables = typeof VARIABLES;
type Name = keyof Variables;
type Camel<Snake extends string> = Snake extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Snake>;
type ValueOf<Entry> =
  Entry extends Defaulted<infer Value>
    ? Value
    : Entry extends Optional<infer Value>
      ? Value | undefined
      : never;
type Read = { readonly [Key in Name as Camel<Key>]: ValueOf<Variables[Key]> };

/** What the environment says, once: every path absolute, every default filled in. */
export type Config = Omit<Read, 'workers' | 'dbPoolMin' | 'secretsFile' | 'corsOrigins'> & {
  readonly workers: number;
  readonly dbPoolMin: number;
  readonly secretsFile: string;
  readonly corsOrigins: readonly string[];
};

/** For the README's table. */
export const CONFIG_TABLE: readonly { name: string; default: string; description: string }[] = Object.entries(
  VARIABLES,
).map(([name, { shown, description }]) => ({ name, default: shown, description }));

export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries<Defaulted<unknown> | Optional<unknown>>(VARIABLES)) {
    const given = env[name] ?? variable.default;
    if (given === undefined) continue;
    const result = v.safeParse(variable.schema, given);
    if (result.success) values[camel(name)] = result.output;
    else faults.push(faultOf(name, variable, given, result.issues[0].message));
  }
  // Each value comes out of its variable's schema, or is left out where the type says undefined.
  const read = values as Read;
  if (read.dbPoolMin !== undefined && read.dbPoolMin > read.dbPoolMax) {
    faults.push(`DB_POOL_MIN (${read.dbPoolMin}) must not be above DB_POOL_MAX (${read.dbPoolMax}).`);
  }
  if (read.smtpUrl !== undefined && read.mailFrom === undefined) faults.push('SMTP_URL needs MAIL_FROM too.');
  if (faults.length > 0) throw new ConfigError(faults);
  return complete(read);
};

/** One line for each variable that looks like a misspelt one of ours. */
export const misspelt = (env: Readonly<Record<string, string | undefined>>): string[] => {
  const names = Object.keys(VARIABLES);
  return Object.keys(env)
    .filter((name) => !names.includes(name))
    .flatMap((name) => {
      const meant = meantBy(name.toUpperCase(), names);
      return meant === undefined ? [] : [`${name} is not a variable of this program: was ${meant} meant?`];
    });
};

const BEGINS_LIKE_OURS =
  /^(?:DB|DATABASE|JWT|SHOP|OWNER|SECRETS|CORS|SLOW|GRACE|TRAVEL|TRUST|WEBHOOKS|SMTP|SMS|MAIL)_/;

// The environment is full of other programs' names, HOSTNAME for one: those must be a single slip away.
const meantBy = (name: string, names: readonly string[]): string | undefined =>
  BEGINS_LIKE_OURS.test(name) ? nearest(name, names) : names.find((known) => editDistance(name, known) <= 1);

const camel = (name: string): string =>
  name.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const faultOf = (name: string, variable: Variable<unknown>, given: string, message: string): string => {
  if (given === '')
    return `${name} is empty: give it a value, or leave it out for its default (${variable.shown}).`;
  return variable.isSecret ? `${name} ${message}.` : `${name} ${message}; it is ${JSON.stringify(given)}.`;
};

const complete = (read: Read): Config => {
  const dataDir = fromProject(read.dataDir);
  return Object.freeze({
    ...read,
    dataDir,
    workers: read.workers ?? Math.min(8, availableParallelism()),
    dbPoolMin: read.dbPoolMin ?? Math.min(5, read.dbPoolMax),
    secretsFile:
      read.secretsFile === undefined ? join(dataDir, 'secrets.json') : fromProject(read.secretsFile),
    corsOrigins: Object.freeze(read.corsOrigins ?? []),
  });
};

const fromProject = (path: string): string => (isAbsolute(path) ? path : join(PROJECT, path));
