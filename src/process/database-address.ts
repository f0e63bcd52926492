import type { Config } from '../config.ts';
import { type Address, parseAddress } from '../database/address.ts';
import { DatabaseRefusal } from '../database/failures.ts';
import { Failure } from '../errors.ts';
import { refuse } from './refusal.ts';

/** Host, port and database of an address, without user and password. */
export const describeAddress = (url: string | undefined): string =>
  url === undefined ? 'the embedded PostgreSQL' : describe(parseAddress(url));

const describe = ({ hosts, database }: Address): string =>
  `${hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join()}/${database}`;

/** A start whose database is away, or not as it should be, ends with one sentence; other faults keep their own. */
export const refuseUnreachable = (error: unknown, config: Config): never => {
  if (error instanceof DatabaseRefusal) throw refuse(error.message, error);
  const isAway = error instanceof Failure && error.reason === 'database.unavailable';
  if (!isAway || config.databaseUrl === undefined) throw error;
  const reason = error.cause instanceof Error ? error.cause.message : '';
  const remedy = reason.startsWith('unsupported startup parameter')
    ? 'A PgBouncer stands there: set DB_PREPARE=false.'
    : 'Check DATABASE_URL, or leave it out to use the embedded PostgreSQL.';
  throw refuse(
    `The database at ${describeAddress(config.databaseUrl)} cannot be reached${reason && `: ${reason}`}. ${remedy}`,
    error,
  );
};

/** A PgBouncer with ignore_startup_parameters swallows our limits of time: no statement would ever be ended. */
export const refuseIgnoredTimeout = (
  { statementTimeoutMs }: { statementTimeoutMs: number },
  config: Config,
): void => {
  if (statementTimeoutMs === config.dbStatementTimeoutMs) return;
  throw refuse(
    `The database at ${describeAddress(config.databaseUrl)} ignores DB_STATEMENT_TIMEOUT_MS: behind a PgBouncer set DB_PREPARE=false.`,
  );
};
