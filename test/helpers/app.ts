import { afterAll } from 'bun:test';
import type { Role } from '../../src/access.ts';
import { createApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { openPool, type Pool } from '../../src/database/pool.ts';
import type { Database } from '../../src/database/sql.ts';
import { newTrace } from '../../src/database/timing.ts';
import { accessTokens } from '../../src/features/auth/tokens.ts';
import type { Routing } from '../../src/features/availability/routing.ts';
import type { Pace } from '../../src/features/changes/streams.ts';
import { seedSettings } from '../../src/features/settings/commands.ts';
import { createLog, type Fields } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { poolOptions } from '../../src/process/pool-options.ts';
import { newId } from '../../src/values/id.ts';
import { connect } from './connection.ts';
import { cloneDatabase } from './database.ts';
import { type Checker, checkerOf } from './documented.ts';
import { documentOf } from './openapi.ts';
import { STALE_TEXTS } from './texts.ts';

export const SECRETS = { jwt: [{ kid: 'test', secret: 'a secret of the tests alone, 32 bytes and more' }] };

/** What the provider of text messages signs with. */
export const CALLBACK_SECRET = 'a secret that the tests share with a provider';

/** The environment of a test of races: on a busy machine the line for a row is long, and nobody is sent away. */
export const PATIENT = {
  ...{ DB_ACQUIRE_TIMEOUT_MS: '60000', DB_LOCK_TIMEOUT_MS: '60000', DB_STATEMENT_TIMEOUT_MS: '90000' },
};

/** What a JSON answer holds. Tests look into it freely: a wrong guess fails the test. */
// biome-ignore lint/suspicious/noExplicitAny: the answers' shapes are what the tests assert
export type Data = any;

export type Answer = {
  status: number;
  headers: Headers;
  ok: boolean;
  data: Data;
  error: Data;
  correlationId: string;
  text: string;
  /** The whole envelope; undefined for an answer without a body, or in no envelope. */
  body: Data;
};

type Options = {
  body?: unknown;
  headers?: Record<string, string>;
  raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
};

export type Client = {
  staffId: string;
  /** The headers of every request of theirs. */
  own: Record<string, string>;
  get(path: string, options?: Options): Promise<Answer>;
  post(path: string, body?: unknown, options?: Options): Promise<Answer>;
  put(path: string, body?: unknown, options?: Options): Promise<Answer>;
  patch(path: string, body?: unknown, options?: Options): Promise<Answer>;
  delete(path: string, options?: Options): Promise<Answer>;
  send(method: string, path: string, options?: Options): Promise<Answer>;
};

export type TestApp = {
  app: ReturnType<typeof createApp>;
  pool: Pool;
  config: Config;
  url: string;
  /** The tables themselves, for what no route tells. */
  sql: Database;
  stranger: Client;
  /** A person of that role, with an account and a session of their own. */
  as(role: Role): Promise<Client>;
  /** The same person, seen from this application. */
  sameAs(client: Client): Client;
  lines: Fields[];
};

type Changes = {
  env?: Record<string, string>;
  clock?: () => number;
  /** A routing service. */
  routing?: Routing;
  /** The database of another testApp: the two are then like two workers. */
  url?: string;
  pace?: Partial<Pace>;
  isDraining?: () => boolean;
};

/** The whole application on a database of its own; both end with the test file. */
export const testApp = async ({
  env = {},
  clock = Date.now,
  routing,
  url,
  pace,
  isDraining = () => false,
}: Changes = {}): Promise<TestApp> => {
  const database = url === undefined ? await cloneDatabase() : { url, drop: async () => undefined };
  const config = readConfig({
    ...{ DATABASE_URL: database.url, APP_ENV: 'test', SMS_CALLBACK_SECRET: CALLBACK_SECRET },
    ...env,
  });
  const lines: Fields[] = [];
  const log = createLog({ level: 'info', write: (line) => lines.push(JSON.parse(line)) });
  const pool = openPool(poolOptions(config, database.url, 'test'), log);
  afterAll(async () => {
    await pool.close();
    // Here, so that every way of changing a job that the suite knows is watched.
    if (url === undefined) await assertTextsAreFresh(database.url);
    await database.drop();
  });
  const process = { isReady: () => true, isDraining };
  const metrics = createMetrics(1);
  const app = createApp({ pool, routing, config, log, metrics, secrets: SECRETS, clock, process, pace });
  const sql = pool.database(newTrace('test'));
  if (url === undefined) await seedSettings(sql, { name: config.shopName, zone: config.shopTimezone });
  const tokens = accessTokens(SECRETS.jwt, clock);
  const as = async (role: Role): Promise<Client> => {
    const staffId = newId();
    const sessionId = newId();
    const email = `${role}-${staffId}@shop.test`;
    await sql`insert into staff (id, email, name, role, password_hash) values (${staffId}, ${email}, ${`A ${role}`}, ${role}, '-')`;
    await sql`insert into sessions (id, staff_id, expires_at) values (${sessionId}, ${staffId}, now() + interval '1 day')`;
    return client(app, staffId, { authorization: `Bearer ${await tokens.issue({ staffId, sessionId })}` });
  };
  return {
    app,
    pool,
    config,
    url: database.url,
    sql,
    stranger: client(app, '', {}),
    as,
    sameAs: ({ staffId, own }) => client(app, staffId, own),
    lines,
  };
};

const assertTextsAreFresh = async (address: string): Promise<void> => {
  const sql = connect(address);
  const stale = await sql.unsafe(STALE_TEXTS).finally(() => sql.end());
  if (stale.length > 0) throw new Error(`texts of jobs are stale: ${JSON.stringify(stale.slice(0, 3))}`);
};

/** The document is made of the routes: applications with the same ones share it, made and compiled once. */
const checkers = new Map<string, Promise<Checker>>();

const checkerFor = (app: TestApp['app']): Promise<Checker> => {
  const routes = app.routes.map(({ method, path }) => `${method} ${path}`).join();
  const known = checkers.get(routes) ?? documentOf(app).then(checkerOf);
  checkers.set(routes, known);
  return known;
};

const client = (app: TestApp['app'], staffId: string, own: Record<string, string>): Client => {
  let checker: Promise<Checker> | undefined;
  const send = async (
    method: string,
    path: string,
    { body, headers, raw }: Options = {},
  ): Promise<Answer> => {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await app.request(path, {
      method,
      headers: {
        ...own,
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const answer = await answerOf(response);
    checker ??= checkerFor(app);
    (await checker)(method, path, answer);
    return answer;
  };
  return {
    staffId,
    own,
    send,
    get: (path, options) => send('GET', path, options),
    post: (path, body, options) => send('POST', path, { ...options, body }),
    put: (path, body, options) => send('PUT', path, { ...options, body }),
    patch: (path, body, options) => send('PATCH', path, { ...options, body }),
    delete: (path, options) => send('DELETE', path, options),
  };
};

/** Of a stream of events, which has no end, the first word. */
const textOf = async (response: Response): Promise<string> => {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream || response.body === null) return response.text();
  let text = '';
  for await (const chunk of response.body) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('event:')) break;
  }
  return text;
};

/** Every JSON answer has the envelope's four fields and no other: checked here, so throughout the suite. */
const answerOf = async (response: Response): Promise<Answer> => {
  const text = await textOf(response);
  const { status, headers } = response;
  const isJson = headers.get('content-type')?.startsWith('application/json') === true;
  const isWrapped = isJson && text !== '' && !text.startsWith('{"openapi"');
  if (!isWrapped)
    return {
      status,
      headers,
      ok: response.ok,
      data: null,
      error: null,
      correlationId: headers.get('x-correlation-id') ?? '',
      text,
      body: undefined,
    };
  const parsed = JSON.parse(text);
  const fields = Object.keys(parsed).join();
  if (fields !== 'ok,data,error,correlation_id') throw new Error(`not the envelope: ${text.slice(0, 200)}`);
  if (parsed.ok !== response.ok || (parsed.error === null) !== response.ok)
    throw new Error(`not true: ${text}`);
  const isReplay = headers.get('idempotency-replayed') === 'true';
  if (parsed.correlation_id !== headers.get('x-correlation-id') && !isReplay)
    throw new Error(`two correlation ids: ${text}`);
  return {
    status,
    headers,
    ok: parsed.ok,
    data: parsed.data,
    error: parsed.error,
    correlationId: parsed.correlation_id,
    text,
    body: parsed,
  };
};
