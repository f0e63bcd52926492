import type { Config } from '../config.ts';
import { findPostgres, startPostgres } from './postgres.ts';

const CONNECTIONS = 50;

/**
 * For commands beside the server or without one: the database of DATABASE_URL, or the embedded one, which is started
 * for the length of the work when no server runs.
 */
export const withDatabase = async <Result>(
  config: Config,
  say: (line: string) => void,
  work: (url: string) => Promise<Result>,
): Promise<Result> => {
  const url = config.databaseDirectUrl ?? config.databaseUrl ?? (await findPostgres(config.dataDir));
  if (url !== undefined) return work(url);
  const postgres = await startPostgres({ dataDir: config.dataDir, maxConnections: CONNECTIONS, say });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
};
