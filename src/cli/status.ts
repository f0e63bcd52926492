import type { Config } from '../config.ts';
import type { Status } from '../process/admin.ts';
import { refuse } from '../process/refusal.ts';
import { isHelp } from './help.ts';
import { table } from './table.ts';

const TIMEOUT_MS = 5_000;
const STATEMENT_WIDTH = 70;
const STATEMENTS_SHOWN = 10;

const HELP = `bun run status shows the running server: workers, database connections, slowest statements.
It asks ADMIN_HOST and ADMIN_PORT. Exit code: 0 when all workers are ready, 1 otherwise.
  --json    the same as JSON`;

/** Gives the exit code. */
export const runStatus = async (
  config: Config,
  print: (line: string) => void,
  rest: readonly string[],
): Promise<number> => {
  const [option] = rest;
  if (option !== undefined && option !== '--json') {
    print(isHelp(option) ? HELP : `status does not know ${option}.\n${HELP}`);
    return isHelp(option) ? 0 : 2;
  }
  const status = await ask(config);
  print(option === '--json' ? JSON.stringify(status, null, 2) : shown(status));
  return status.workers.every(({ ready }) => ready) && !status.database.away ? 0 : 1;
};

const ask = async ({ adminHost, adminPort }: Config): Promise<Status> => {
  const address = `http://${adminHost}:${adminPort}/status`;
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  if (response?.status === 503)
    throw refuse(`The server at ${address} is still starting: ask again in a moment.`);
  if (response?.ok !== true) {
    throw refuse(
      `No server answers at ${address}: start it with ./start.sh, or name its ADMIN_HOST and ADMIN_PORT.`,
    );
  }
  // Our own supervisor answers: it and this command are of one version.
  return (await response.json()) as Status;
};

const shown = (status: Status): string => {
  const { version, uptime_s, workers, restarts, database, replica, slowest } = status;
  const replaced = Object.entries(restarts).map(([reason, count]) => `${count} by ${reason}`);
  return [
    `version ${version}, up ${uptime_s} s, restarts: ${replaced.join(', ') || 'none'}`,
    `database ${database.away ? 'AWAY' : 'up'}: ${database.in_use} of ${database.max} connections in use, ${database.waiting} waiting, ${database.refused} sent away, ${database.slow} slow statements`,
    ...(replica === null ? [] : [replicaLine(replica)]),
    '',
    ...table(
      ['worker', 'pid', 'state', 'up s', 'memory MB', 'requests', 'lag ms'],
      workers.map((one) => [
        ...[one.worker, one.pid ?? '-', one.ready ? 'ready' : 'NOT READY', one.uptime_s],
        ...[one.rss_mb, one.requests, one.lag_ms],
      ]),
    ),
    '',
    ...table(
      ['total ms', 'count', 'p95 ms', 'max ms', 'statement'],
      slowest
        .slice(0, STATEMENTS_SHOWN)
        .map((one) => [one.total_ms, one.count, one.p95_ms, one.max_ms, cut(one.statement)]),
    ),
  ].join('\n');
};

const replicaLine = ({ state, lag_s }: NonNullable<Status['replica']>): string => {
  if (state === 'away') return 'replica AWAY: reports read the database itself';
  if (state === 'other') return 'replica NO STANDBY of this database: reports read the database itself';
  return `replica up: ${lag_s === null ? 'it has nothing yet' : `${lag_s} s behind`}`;
};

const cut = (text: string): string =>
  text.length > STATEMENT_WIDTH ? `${text.slice(0, STATEMENT_WIDTH - 1)}…` : text;
