import type { Config } from '../config.ts';
import type { Log } from '../observe/log.ts';
import { type Postgres, startPostgres } from './postgres.ts';

export interface ServedDatabase {
  url: string;
  /** For migrations: past a PgBouncer, when there is one. */
  directUrl: string;
  embedded: Postgres | undefined;
  close(): Promise<void>;
  /** Asks it to end, without waiting. */
  abandon(): void;
}

type Say = (line: string) => void;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
// For psql, a dump or a demo beside the running server.
const SPARE_CONNECTIONS = 20;

/** The database of DATABASE_URL, or the embedded one, which is started again whenever it ends unasked. */
export const openDatabase = async (config: Config, say: Say, log: Log): Promise<ServedDatabase> => {
  if (config.databaseUrl !== undefined) {
    const { databaseUrl: url, databaseDirectUrl: directUrl = url } = config;
    return { url, directUrl, embedded: undefined, close: async () => undefined, abandon: () => undefined };
  }
  const options = {
    dataDir: config.dataDir,
    maxConnections: (config.workers + 1) * (config.dbPoolMax + 1) + SPARE_CONNECTIONS,
    say,
  };
  const first = await startPostgres(options);
  let current = first;
  const closing = Promise.withResolvers<void>();
  let isClosing = false;

  const keep = async (): Promise<void> => {
    for (;;) {
      await current.exited;
      if (isClosing) return;
      log.error({ pid: current.pid }, 'the embedded PostgreSQL ended and is started again');
      const again = await startAgain();
      if (again === undefined) return;
      current = again;
      // It is stopped by close, which waits for us.
      if (isClosing) return;
      log.info({ pid: current.pid }, 'the embedded PostgreSQL is back');
    }
  };

  const startAgain = async (): Promise<Postgres | undefined> => {
    for (let delayMs = FIRST_DELAY_MS; !isClosing; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      const again = await startPostgres(options).catch((error: unknown) => {
        log.error({ error, again_in_ms: delayMs }, 'the embedded PostgreSQL did not start');
        return undefined;
      });
      if (again !== undefined) return again;
      await Promise.race([Bun.sleep(delayMs), closing.promise]);
    }
    return undefined;
  };

  const kept = keep();
  const close = async (): Promise<void> => {
    isClosing = true;
    closing.resolve();
    await current.stop();
    await kept;
    // It may have been on its way back just then.
    await current.stop();
  };
  const abandon = (): void => {
    isClosing = true;
    current.abandon();
  };
  return { url: first.url, directUrl: first.url, embedded: first, close, abandon };
};
