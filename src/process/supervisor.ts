import { join } from 'node:path';
import { type Config, PROJECT } from '../config.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import { newTrace } from '../database/timing.ts';
import { seedSettings } from '../features/settings/commands.ts';
import { createLog, type Log } from '../observe/log.ts';
import { openAdmin } from './admin.ts';
import { describeDatabase, describeReload, sayReady } from './announce.ts';
import { refuseIgnoredTimeout, refuseUnreachable } from './database-address.ts';
import { openDataDir, proveWritable } from './embedded/home.ts';
import { makeFirstOwner } from './first-owner.ts';
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts';
import { endedUncleanly, markRunning } from './pid-file.ts';
import { findServerLimits, fittingPool, fitWarnings } from './pool-fit.ts';
import { poolOptions } from './pool-options.ts';
import { holdPort, provePortFree } from './port.ts';
import { printReadable } from './readable-log.ts';
import { reload } from './reload.ts';
import { readSecrets, type Secrets } from './secrets.ts';
import { openDatabase, type ServedDatabase } from './served-database.ts';
import { listenForSignals, type Signals } from './signals.ts';

export interface SuperviseOptions {
  say: (line: string) => void;
  /** Somebody reads along: a password may be shown. */
  isTerminal: boolean;
  hasReadableLogs?: boolean;
  /** Reads the configuration again, for SIGHUP; without it there is no reload. */
  configure?: () => Config;
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
  await proveWritable(context.config.dataDir);
  const secrets = await readSecrets(context.config, say);
  signals.check();
  const { config, release } = await claimPort(context);
  const admin = openAdmin(config);
  atEnd.defer(() => admin.close());
  signals.check();
  const database = await openDatabase(config, say, log);
  atEnd.defer(() => database.close());
  signals.onSecond(() => database.abandon());
  signals.check();
  await migrateInto(database, context);
  signals.check();
  const { login, fitted } = await prepareShop(database, { ...context, config });
  signals.check();
  const fleet = hire(assignmentOf({ config: fitted, secrets, database }, options), database, context);
  // While it drains, another start may have the port as soon as it is free.
  atEnd.defer(release);
  admin.tellOf(fleet);
  await Promise.race([fleet.ready, signals.asked]);
  signals.check();
  if (options.whenReady) atEnd.defer(options.whenReady(fleet));
  if (options.configure !== undefined) {
    listenForReload({ fitted, database, fleet }, options.configure, context);
    const warning = describeReload();
    if (warning !== undefined) say(warning);
  }
  sayReady({ config: fitted, adminPort: admin.port, login }, say);
};

/** SIGHUP: one reload at a time; another one that is asked for meanwhile comes after it. */
const listenForReload = (
  { fitted, database, fleet }: { fitted: Config; database: ServedDatabase; fleet: Fleet },
  configure: () => Config,
  context: Start,
): void => {
  const { options, signals } = context;
  const { say } = options;
  const prepare = async (config: Config) => {
    const secrets = await readSecrets(config, say);
    await migrateInto(database, context);
    return assignmentOf({ config, secrets, database }, options);
  };
  let turn = Promise.resolve();
  signals.onHangup(() => {
    turn = turn.then(() =>
      reload({ asked: context.config, running: fitted, configure, prepare, fleet, say }),
    );
  });
};

const claimPort = async ({ config, atEnd }: Start): Promise<{ config: Config; release: () => void }> => {
  const waitMs = endedUncleanly(config.dataDir, config.port) ? LEFTOVER_WORKERS_MS : 0;
  const port = await provePortFree(config, waitMs);
  const release = await holdPort({ host: config.host, port });
  // Any free port: no later start comes back to it.
  if (config.port !== 0) atEnd.defer(markRunning(config.dataDir, port));
  return { config: { ...config, port }, release };
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
    refuseIgnoredTimeout(limits, config);
    const dbPoolMax = fittingPool(config, limits);
    for (const warning of fitWarnings(config, dbPoolMax, limits)) options.say(warning);
    await seedSettings(sql, { name: config.shopName, zone: config.shopTimezone });
    const login = await makeFirstOwner(sql, config, options);
    return { login, fitted: { ...config, dbPoolMax, dbPoolMin: Math.min(config.dbPoolMin, dbPoolMax) } };
  } finally {
    await pool.close();
  }
};

type Given = { config: Config; secrets: Secrets; database: ServedDatabase };

const assignmentOf = ({ config, secrets, database }: Given, options: SuperviseOptions) => ({
  type: 'begin' as const,
  // A worker needs none of these.
  config: {
    ...config,
    ...{ jwtSecret: undefined, ownerPassword: undefined, staffPassword: undefined, databaseUrl: undefined },
  },
  databaseUrl: database.url,
  secrets,
  hasReadableLogs: options.hasReadableLogs ?? false,
});

const hire = (
  assignment: FleetOptions['assignment'],
  database: ServedDatabase,
  { signals, log, atEnd }: Start,
): Fleet => {
  const command = [process.execPath, '--no-env-file', join(PROJECT, 'src/main.ts'), 'worker'];
  const fleet = startFleet({ command, assignment, log });
  atEnd.defer(() => fleet.drain());
  signals.onSecond(() => {
    fleet.kill();
    database.abandon();
  });
  return fleet;
};
