import { join } from 'node:path';
import { type Config, PROJECT } from '../config.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import { newTrace } from '../database/timing.ts';
import { seedSettings } from '../features/settings/commands.ts';
import { createLog, type Log } from '../observe/log.ts';
import { describeAddress, refuseUnreachable } from './database-address.ts';
import { openDataDir } from './embedded/home.ts';
import { makeFirstOwner } from './first-owner.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { endedUncleanly, markRunning } from './pid-file.ts';
import { findServerLimits, fittingPool } from './pool-fit.ts';
import { poolOptions } from './pool-options.ts';
import { provePortFree } from './port.ts';
import { printReadable } from './readable-log.ts';
import { readSecrets, type Secrets } from './secrets.ts';
import { openDatabase, type ServedDatabase } from './served-database.ts';
import { listenForSignals, type Signals } from './signals.ts';

export interface SuperviseOptions {
  say: (line: string) => void;
  /** Somebody reads along: a password may be shown. */
  isTerminal: boolean;
  hasReadableLogs?: boolean;
  /** Called once all workers answer; what it gives back is called at the end. */
  whenReady?: (fleet: Fleet) => () => void;
}

// Workers that a killed supervisor left behind need a moment to end.
const LEFTOVER_WORKERS_MS = 6_000;

/** Starts everything in order, keeps it running, and ends it in order. Returns when a signal asked for the end. */
export const supervise = async (config: Config, options: SuperviseOptions): Promise<void> => {
  const signals = listenForSignals();
  const write = options.hasReadableLogs ? { write: printReadable } : {};
  const log = createLog({ level: config.logLevel, ...write });
  await using atEnd = new AsyncDisposableStack();
  atEnd.defer(() => log.flush());
  try {
    await start({ config, options, signals, log, atEnd });
    await signals.asked;
  } catch (error) {
    // A start that was asked to end fails somewhere: that is the end which was asked for.
    if (!signals.isAsked()) throw error;
  }
  options.say('stopping: requests in flight are finished first');
};

interface Start {
  config: Config;
  options: SuperviseOptions;
  signals: Signals;
  log: Log;
  /** Undone in the reverse order, however the start ends. */
  atEnd: AsyncDisposableStack;
}

const start = async (context: Start): Promise<void> => {
  const { options, signals, log, atEnd } = context;
  const { say } = options;
  await openDataDir(context.config.dataDir);
  const secrets = await readSecrets(context.config, say);
  signals.check();
  const config = await claimPort(context);
  signals.check();
  const database = await openDatabase(config, say, log);
  atEnd.defer(() => database.close());
  signals.onSecond(() => database.abandon());
  signals.check();
  await migrateInto(database, context);
  signals.check();
  const { login, fitted } = await prepareShop(database, { ...context, config });
  signals.check();
  const fleet = hire({ config: fitted, secrets, database }, context);
  await Promise.race([fleet.ready, signals.asked]);
  signals.check();
  if (options.whenReady) atEnd.defer(options.whenReady(fleet));
  sayReady(fitted, login, say);
};

const claimPort = async ({ config, atEnd }: Start): Promise<Config> => {
  const waitMs = endedUncleanly(config.dataDir, config.port) ? LEFTOVER_WORKERS_MS : 0;
  const port = await provePortFree(config, waitMs);
  // Any free port: no later start comes back to it.
  if (config.port !== 0) atEnd.defer(markRunning(config.dataDir, port));
  return { ...config, port };
};

const migrateInto = async (database: ServedDatabase, { config, options, log }: Start): Promise<void> => {
  const applied = await migrate({ url: database.directUrl, log }).catch((error: unknown) =>
    refuseUnreachable(error, config),
  );
  options.say(
    applied.length === 0
      ? 'tables are up to date'
      : `tables are up to date (${applied.length} migrations applied)`,
  );
};

/** What needs a connection of the supervisor's own: the server's limits, the settings, the first owner. */
const prepareShop = async (
  database: ServedDatabase,
  { config, options, log }: Start,
): Promise<{ login: string; fitted: Config }> => {
  const pool = openPool({ ...poolOptions(config, database.url, 'edgars-supervisor'), max: 2, min: 0 }, log);
  try {
    const sql = pool.database(newTrace('start'));
    const limits = await findServerLimits(sql).catch((error: unknown) => refuseUnreachable(error, config));
    options.say(`database ready (${describeDatabase(database, config, limits.version)})`);
    const dbPoolMax = fittingPool({ workers: config.workers, poolMax: config.dbPoolMax }, limits);
    if (dbPoolMax < config.dbPoolMax) {
      options.say(
        `warning: ${config.workers} workers get ${dbPoolMax} connections each instead of ${config.dbPoolMax}: the server allows ${limits.connections} in all`,
      );
    }
    await seedSettings(sql, { name: config.shopName, zone: config.shopTimezone });
    const login = await makeFirstOwner(sql, config, options);
    return { login, fitted: { ...config, dbPoolMax, dbPoolMin: Math.min(config.dbPoolMin, dbPoolMax) } };
  } finally {
    await pool.close();
  }
};

const hire = (
  { config, secrets, database }: { config: Config; secrets: Secrets; database: ServedDatabase },
  { options, signals, log, atEnd }: Start,
): Fleet => {
  const fleet = startFleet({
    command: [process.execPath, '--no-env-file', join(PROJECT, 'src/main.ts'), 'worker'],
    assignment: {
      type: 'begin',
      // A worker needs none of these.
      config: {
        ...config,
        jwtSecret: undefined,
        ownerPassword: undefined,
        staffPassword: undefined,
        databaseUrl: undefined,
      },
      databaseUrl: database.url,
      secrets,
      hasReadableLogs: options.hasReadableLogs ?? false,
    },
    log,
  });
  atEnd.defer(() => fleet.drain());
  signals.onSecond(() => {
    fleet.kill();
    database.abandon();
  });
  return fleet;
};

const describeDatabase = ({ embedded }: ServedDatabase, config: Config, version: string): string => {
  if (embedded === undefined) return `PostgreSQL ${version} at ${describeAddress(config.databaseUrl)}`;
  return `${embedded.adopted ? 'still running: ' : ''}embedded PostgreSQL ${version}, ${embedded.folder}`;
};

const sayReady = (config: Config, login: string, say: (line: string) => void): void => {
  const isEverywhere = config.host === '0.0.0.0' || config.host === '::';
  const name = isEverywhere ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  say(
    `ready: http://${name}:${config.port} (${isEverywhere ? 'on every address of this machine' : 'on this address only'})`,
  );
  const workers = config.workers === 1 ? '1 worker' : `${config.workers} workers`;
  say(`  ${workers}, at most ${config.dbPoolMax} database connections each`);
  say(`  ${login}`);
  say("  try: bun run demo, then the README's first booking");
};
