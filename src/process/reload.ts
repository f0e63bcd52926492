import type { Config } from '../config.ts';
import type { Fleet, FleetOptions } from './fleet.ts';

/** What only a new start can change: the running processes hold it. */
const FIXED = [
  ...(['host', 'port', 'workers', 'dataDir', 'adminHost', 'adminPort'] as const),
  ...(['databaseUrl', 'databaseDirectUrl', 'databaseReplicaUrl', 'boxes', 'dbPoolMin', 'dbPoolMax'] as const),
];

type Reload = {
  /** As the environment said it at the start, and as it runs: with a port, and a pool that fits. */
  asked: Config;
  running: Config;
  /** Reads the environment and .env again; throws what is wrong with it. */
  configure: () => Config;
  /** Secrets, migrations: everything that must be right before a worker is touched. */
  prepare: (config: Config) => Promise<FleetOptions['assignment']>;
  fleet: Pick<Fleet, 'roll'>;
  say: (line: string) => void;
};

/**
 * Reads configuration and secrets again, migrates, and rolls the workers onto the code that lies there now.
 * Whatever is wrong is said in one line, and the workers that run stay.
 */
export const reload = async ({ asked, running, configure, prepare, fleet, say }: Reload): Promise<void> => {
  try {
    const next = configure();
    const kept = FIXED.filter((name) => next[name] !== asked[name]).map(variableOf);
    if (kept.length > 0) say(`reload: ${kept.join(', ')} change at the next start only`);
    const held = Object.fromEntries(FIXED.map((name) => [name, running[name]]));
    const fault = await fleet.roll(await prepare({ ...next, ...held }));
    say(fault === undefined ? 'reloaded' : `reload stopped: ${fault}; the others stay as they are`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(`reload refused, the workers stay as they are: ${message.replaceAll('\n', ' ')}`);
  }
};

/** dbPoolMax → DB_POOL_MAX */
const variableOf = (name: string): string => name.replace(/[A-Z]/g, '_$&').toUpperCase();
