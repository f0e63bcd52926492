import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { describeAddress } from './database-address.ts';
import type { ServedDatabase } from './served-database.ts';

export const describeDatabase = ({ embedded }: ServedDatabase, config: Config, version: string): string => {
  if (embedded === undefined) return `PostgreSQL ${version} at ${describeAddress(config.databaseUrl)}`;
  return `${embedded.adopted ? 'still running: ' : ''}embedded PostgreSQL ${version}, ${embedded.folder}`;
};

type Ready = { config: Config; adminPort: number; login: string };

/** Where it is, who may log in, and what to do next. */
export const sayReady = ({ config, adminPort, login }: Ready, say: (line: string) => void): void => {
  const isEverywhere = config.host === '0.0.0.0' || config.host === '::';
  const name = isEverywhere ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  say(
    `ready: http://${name}:${config.port} (${isEverywhere ? 'on every address of this machine' : 'on this address only'})`,
  );
  const workers = config.workers === 1 ? '1 worker' : `${config.workers} workers`;
  say(`  ${workers}, at most ${config.dbPoolMax} database connections each`);
  say(`  for the operator: http://${config.adminHost}:${adminPort}/status and /metrics, or bun run status`);
  say(`  ${login}`);
  say("  try: bun run demo, then the README's first booking");
};

const MIGRATE_REQUESTS = '/proc/sys/net/ipv4/tcp_migrate_req';

/** The kernel gives connections that wait at a socket which closes to another one of the same port. */
export const handsConnectionsOver = (path = MIGRATE_REQUESTS): boolean =>
  existsSync(path) && readFileSync(path, 'utf8').trim() !== '0';

/** A setting of the machine's that a start leaves alone; undefined where it is on, or is none. */
export const describeReload = (path = MIGRATE_REQUESTS): string | undefined =>
  existsSync(path) && !handsConnectionsOver(path)
    ? 'net.ipv4.tcp_migrate_req is off: a reload may keep a new connection waiting for a second (sysctl -w net.ipv4.tcp_migrate_req=1, or ./start.sh install)'
    : undefined;
