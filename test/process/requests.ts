import type { Status } from '../../src/process/admin.ts';
import { connect } from '../helpers/connection.ts';
import { type Started, until } from './started.ts';

export const OWNER = { email: 'edgar@shop.test', password: 'violet-anchor-turbine-meadow-81' };
export const OWNER_VARIABLES = { OWNER_EMAIL: OWNER.email, OWNER_PASSWORD: OWNER.password };
/** So that a request may wait as long as a test wants it to. */
export const PATIENT = {
  DB_LOCK_TIMEOUT_MS: '90000',
  DB_STATEMENT_TIMEOUT_MS: '90000',
  SLOW_QUERY_MS: '90000',
};

export const login = (address: string): Promise<Response> =>
  fetch(`${address}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(OWNER),
    keepalive: false,
  });

/** A login that is in flight until `release`. */
export const loginInFlight = (address: string, databaseUrl: string) =>
  inFlight(databaseUrl, 'staff', () => login(address));

/** A request that waits for that table, which is locked until `release`. */
export const inFlight = async (databaseUrl: string, table: string, ask: () => Promise<Response>) => {
  const sql = connect(databaseUrl, 2);
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = sql.begin(async (tx) => {
    await tx`lock table ${tx(table)} in access exclusive mode`;
    locked.resolve();
    await released.promise;
  });
  // Who holds the lock may be cut off by the end of a test.
  held.catch(() => undefined);
  await locked.promise;
  const answer = ask();
  answer.catch(() => undefined);
  await until('the request to wait', async () => {
    const [waiting] = await sql`select 1 from pg_locks where not granted and relation = ${table}::regclass`;
    return waiting !== undefined;
  });
  const release = async (): Promise<void> => {
    released.resolve();
    await held.catch(() => undefined);
    await sql.end({ timeout: 1 }).catch(() => undefined);
  };
  return { answer, release };
};

/** Each on a connection of its own, so that the kernel chooses the worker anew. */
export const isAnswering = (address: string): Promise<boolean> =>
  fetch(`${address}/health/ready`, { keepalive: false, signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Where the supervisor tells of itself. */
export const adminOf = async (server: Started): Promise<string> =>
  /http:\/\/\S+(?=\/status)/.exec(await server.hears(/for the operator/))?.[0] ?? '';

export const statusOf = async (server: Started): Promise<Status> =>
  (await fetch(`${await adminOf(server)}/status`, { keepalive: false })).json() as Promise<Status>;
