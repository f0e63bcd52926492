import type { Config } from '../config.ts';
import type { Sql } from '../database/sql.ts';

export interface ServerLimits {
  version: string;
  /** What ordinary roles may use: the server keeps some for its superuser. */
  connections: number;
  /** How long a statement of ours may run, as the server knows it. */
  statementTimeoutMs: number;
  /** That workers of other boxes have at the moment; ours are not started yet. */
  taken: number;
}

/** By this name the boxes know each other's connections. */
export const WORKER_NAME = 'edgars-worker';

export const findServerLimits = async (sql: Sql): Promise<ServerLimits> => {
  const [limits] = await sql<ServerLimits>`
    select current_setting('server_version') as version,
      current_setting('max_connections')::int4
        - current_setting('superuser_reserved_connections')::int4
        - coalesce(current_setting('reserved_connections', true)::int4, 0) as connections,
      (select setting::int4 from pg_settings where name = 'statement_timeout') as "statementTimeoutMs",
      (select count(*)::int4 from pg_stat_activity where application_name = ${WORKER_NAME}) as taken`;
  if (limits === undefined) throw new Error('The server told nothing of its limits');
  return limits;
};

type Wanted = Pick<Config, 'workers' | 'boxes' | 'dbPoolMax'>;

/** The largest pool per worker that fits: one worker more (a replacement), one connection more each (health). */
export const fittingPool = (
  { workers, boxes, dbPoolMax }: Wanted,
  { connections }: Pick<ServerLimits, 'connections'>,
): number => Math.max(1, Math.min(dbPoolMax, Math.floor(connections / boxes / (workers + 1)) - 1));

/** What the start says when the connections do not suffice, or would not. */
export const fitWarnings = (
  wanted: Wanted,
  fitted: number,
  { connections, taken }: ServerLimits,
): string[] => {
  const { workers, boxes, dbPoolMax } = wanted;
  const share = boxes === 1 ? 'in all' : `to ${boxes} boxes in all`;
  const smaller = `warning: ${workers} workers get ${fitted} connections each instead of ${dbPoolMax}: the server allows ${connections} ${share}`;
  const alone = `warning: another box has ${taken} connections to this server: set BOXES on each to how many share it`;
  return [...(fitted < dbPoolMax ? [smaller] : []), ...(boxes === 1 && taken > 0 ? [alone] : [])];
};
