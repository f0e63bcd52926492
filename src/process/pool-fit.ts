import type { Sql } from '../database/sql.ts';

export interface ServerLimits {
  version: string;
  /** What ordinary roles may use: the server keeps some for its superuser. */
  connections: number;
}

export const findServerLimits = async (sql: Sql): Promise<ServerLimits> => {
  const [limits] = await sql<ServerLimits>`
    select current_setting('server_version') as version,
      current_setting('max_connections')::int4
        - current_setting('superuser_reserved_connections')::int4
        - coalesce(current_setting('reserved_connections', true)::int4, 0) as connections`;
  return limits ?? { version: 'unknown', connections: Number.POSITIVE_INFINITY };
};

/** The largest pool per worker that fits: one worker more (a replacement), one connection more each (health). */
export const fittingPool = (
  wanted: { workers: number; poolMax: number },
  { connections }: Pick<ServerLimits, 'connections'>,
): number => Math.max(1, Math.min(wanted.poolMax, Math.floor(connections / (wanted.workers + 1)) - 1));
