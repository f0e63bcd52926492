import type { Config } from '../config.ts';
import { Failure } from '../errors.ts';
import { refuse } from './refusal.ts';

/** Host, port and database of an address, without user and password. */
export const describeAddress = (url: string | undefined): string =>
  url === undefined
    ? 'the embedded PostgreSQL'
    : url.replace(/^\w+:\/\/(?:[^@/]*@)?/, '').replace(/\?.*$/, '');

/** A start whose database is away ends with one sentence; every other fault keeps its own. */
export const refuseUnreachable = (error: unknown, config: Config): never => {
  const isAway = error instanceof Failure && error.reason === 'database.unavailable';
  if (!isAway || config.databaseUrl === undefined) throw error;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  throw refuse(
    `The database at ${describeAddress(config.databaseUrl)} cannot be reached${cause}. Check DATABASE_URL, or leave it out to use the embedded PostgreSQL.`,
    error,
  );
};
