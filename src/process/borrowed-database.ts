import type { Config } from '../config.ts';
import { findPostgres, type Postgres, startPostgres } from './postgres.ts';

const CONNECTIONS = 50;

type Say = (line: string) => void;
type How = {
  /** The work hears signals itself, and comes to an end when it is asked to. */
  hearsSignals?: boolean;
};

/**
 * For commands beside the server or without one: the database of DATABASE_URL, or the embedded one, which is started
 * for the length of the work when no server runs, and ends with it.
 */
export const withDatabase = async <Result>(
  config: Config,
  say: Say,
  work: (url: string) => Promise<Result>,
  { hearsSignals = false }: How = {},
): Promise<Result> => {
  const url = config.databaseDirectUrl ?? config.databaseUrl ?? (await findPostgres(config.dataDir));
  if (url !== undefined) return work(url);
  const starting = startPostgres({ dataDir: config.dataDir, maxConnections: CONNECTIONS, say });
  const interruption = hearsSignals ? undefined : endOnSignal(starting, say);
  try {
    const postgres = await starting;
    return await work(postgres.url).finally(() => postgres.stop());
  } catch (error) {
    // That the database went away under the work is no news: the process ends.
    if (interruption?.isEnding()) await new Promise<never>(() => undefined);
    throw error;
  } finally {
    interruption?.stopListening();
  }
};

/** The first signal ends the work where it is, and its database in good order; a second one ends at once. */
const endOnSignal = (starting: Promise<Postgres>, say: Say) => {
  let isEnding = false;
  const endWith = (code: number) => async (): Promise<void> => {
    isEnding = true;
    stopListening();
    say('Stopped before the end: what was not finished is not kept.');
    await starting.then(
      (postgres) => postgres.stop(),
      () => undefined,
    );
    process.exit(code);
  };
  const [interrupted, terminated] = [endWith(130), endWith(143)];
  process.on('SIGINT', interrupted).on('SIGTERM', terminated);
  const stopListening = (): void => {
    process.off('SIGINT', interrupted).off('SIGTERM', terminated);
  };
  return { isEnding: () => isEnding, stopListening };
};
