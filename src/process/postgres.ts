import { join } from 'node:path';
import { BARE_ENVIRONMENT, type Binaries, prepareBinaries } from './embedded/binaries.ts';
import { clusterOf, makeCluster, readPassword, type Settings, writeSettings } from './embedded/cluster.ts';
import { type Home, openHome } from './embedded/home.ts';
import { lockHome } from './embedded/lock.ts';
import {
  answersAt,
  askToStop,
  disownPidFile,
  ended,
  isAlive,
  isServerOf,
  readPostmaster,
  stopServer,
} from './embedded/postmaster.ts';
import { boundLog, type ServerLog, serverLog } from './embedded/server-log.ts';
import { openSocketFolder, removeDeadSockets } from './embedded/sockets.ts';
import { refuse } from './refusal.ts';

export interface PostgresOptions {
  /** An absolute path: the server's files are kept in its folder postgres. */
  dataDir: string;
  maxConnections: number;
  say: (line: string) => void;
  /** Another folder with bin, lib and share than the installed package's. */
  binaries?: string;
  /** Further lines for the server's configuration. */
  settings?: Settings;
}

export interface Postgres {
  /** Of the role shop, which owns the database shop. */
  url: string;
  /** Of the role postgres, the superuser. */
  adminUrl: string;
  version: string;
  folder: string;
  pid: number;
  /** It was running already: its last starter ended without stopping it. */
  adopted: boolean;
  /** It was made just now. */
  created: boolean;
  exited: Promise<void>;
  stop(): Promise<void>;
  /** Asks it to end, without waiting. */
  abandon(): void;
}

const LEFTOVERS_MS = 15_000;
const RECOVERY_NOTICE_MS = 5_000;

/** Starts the PostgreSQL that comes with this program, or takes over the one that already runs on this data. */
export const startPostgres = async (options: PostgresOptions): Promise<Postgres> => {
  const home = await openHome(options.dataDir, options.say);
  const unlock = await lockHome(home);
  if (unlock === undefined) {
    throw refuse(`Another server is running on the data in ${options.dataDir}: stop it, or set DATA_DIR.`);
  }
  try {
    return await startLocked(options, home, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
};

export type Running = Pick<Postgres, 'url' | 'adminUrl' | 'folder'>;

/** The address of the embedded PostgreSQL when it runs on this data already. */
export const findPostgres = async (dataDir: string): Promise<string | undefined> =>
  (await findRunning(dataDir))?.url;

/** The embedded PostgreSQL when it runs on this data already. */
export const findRunning = async (dataDir: string): Promise<Running | undefined> => {
  const home = await openHome(dataDir, () => undefined);
  const cluster = clusterOf(home);
  const found = readPostmaster(cluster);
  if (!found?.isReady || !isServerOf(found.pid, cluster)) return undefined;
  const password = await readPassword(home);
  return {
    url: addressOf('shop', password, found.socketFolder),
    adminUrl: addressOf('postgres', password, found.socketFolder),
    folder: home.folder,
  };
};

const startLocked = async (options: PostgresOptions, home: Home, unlock: () => void): Promise<Postgres> => {
  const binaries = await prepareBinaries(home, options.say, options.binaries);
  const isDurable = options.settings?.fsync !== 'off';
  const created = await makeCluster(home, binaries, isDurable);
  const log = serverLog(home);
  const living = await adoptable(clusterOf(home));
  const running = living ?? (await launch(options, { home, binaries, log }));
  const unbound = boundLog(log);
  const exited = ended(running.pid).then(() => {
    unbound();
    unlock();
  });
  const password = await readPassword(home);
  return {
    url: addressOf('shop', password, running.socketFolder),
    adminUrl: addressOf('postgres', password, running.socketFolder),
    version: binaries.version,
    folder: home.folder,
    pid: running.pid,
    adopted: living !== undefined,
    created,
    exited,
    stop: async () => {
      await stopServer(running.pid);
      await exited;
    },
    abandon: () => askToStop(running.pid),
  };
};

// Each role has a database of its own name.
const addressOf = (role: 'shop' | 'postgres', password: string, socketFolder: string): string =>
  `postgres://${role}:${password}@localhost:5432/${role}?host=${encodeURIComponent(socketFolder)}`;

interface Living {
  pid: number;
  socketFolder: string;
}

/** The server that a killed starter left behind, once it takes connections; one that cannot is stopped. */
const adoptable = async (cluster: string): Promise<Living | undefined> => {
  const found = readPostmaster(cluster);
  if (found === undefined) return undefined;
  if (isServerOf(found.pid, cluster)) {
    while (isAlive(found.pid) && readPostmaster(cluster)?.isReady === false) await Bun.sleep(50);
    if (await answersAt(found.socketFolder)) return found;
    await stopServer(found.pid);
  }
  disownPidFile(cluster);
  return undefined;
};

interface Place {
  home: Home;
  binaries: Binaries;
  log: ServerLog;
}

const launch = async (options: PostgresOptions, place: Place): Promise<Living> => {
  const socketFolder = await openSocketFolder(place.home);
  await writeSettings(place.home, {
    unix_socket_directories: socketFolder,
    max_connections: options.maxConnections,
    ...options.settings,
  });
  const deadline = performance.now() + LEFTOVERS_MS;
  for (;;) {
    await removeDeadSockets(socketFolder);
    const offset = place.log.sizeBytes();
    const pid = await spawnServer(place);
    if (await becameReady(pid, clusterOf(place.home), options.say)) return { pid, socketFolder };
    const said = place.log.since(offset);
    // After a kill -9 of the server its children need a moment to notice.
    if (performance.now() < deadline && /shared memory block|is another postmaster/.test(said)) {
      await Bun.sleep(200);
      continue;
    }
    const reason = /(?:FATAL|PANIC): +(.*)/.exec(said)?.[1] ?? `its log is ${place.log.path}`;
    throw refuse(`The embedded PostgreSQL did not start: ${reason}`);
  }
};

// In a session of its own, so that Ctrl-C does not reach it before the workers have drained.
const spawnServer = async ({ home, binaries, log }: Place): Promise<number> => {
  const output = await log.open();
  try {
    const server = Bun.spawn([join(binaries.folder, 'bin', 'postgres'), '-D', clusterOf(home)], {
      ...home.identity,
      cwd: '/',
      env: BARE_ENVIRONMENT,
      detached: true,
      stdin: 'ignore',
      stdout: output,
      stderr: output,
    });
    server.unref();
    return server.pid;
  } finally {
    log.close(output);
  }
};

const becameReady = async (pid: number, cluster: string, say: (line: string) => void): Promise<boolean> => {
  const noticeAt = performance.now() + RECOVERY_NOTICE_MS;
  let noticed = false;
  while (isAlive(pid)) {
    const found = readPostmaster(cluster);
    if (found?.pid === pid && found.isReady) return true;
    if (!noticed && performance.now() > noticeAt) {
      noticed = true;
      say('the database is recovering from an unclean end; this can take a while');
    }
    await Bun.sleep(20);
  }
  return false;
};
