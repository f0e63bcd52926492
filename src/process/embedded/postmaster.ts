import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** What a running server says of itself in the postmaster.pid of its data folder. */
export interface Postmaster {
  pid: number;
  socketFolder: string;
  isReady: boolean;
}

// Above every kernel's highest process id, so no process can have it.
const NO_PROCESS = 4_194_305;

export const readPostmaster = (cluster: string): Postmaster | undefined => {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, socketFolder: lines[4] ?? '', isReady: lines[7]?.trim() === 'ready' };
};

/** False for a zombie too: in a container nobody may be there to collect it. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const stat = readOr(`/proc/${pid}/stat`, '');
  return !/\) [ZX] /.test(stat);
};

/** Process ids are used again: is this one really the server of that data folder? */
export const isServerOf = (pid: number, cluster: string): boolean => {
  if (!isAlive(pid)) return false;
  if (!existsSync('/proc/self/cwd')) {
    const asked = Bun.spawnSync(['ps', '-ww', '-o', 'command=', '-p', String(pid)]);
    return asked.stdout.toString().includes(cluster);
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return false;
  }
};

/**
 * PostgreSQL takes any process with the id in its pid file for a second server and refuses to start: another
 * program's, or its own dead one's that nobody has collected.
 * The file itself must stay: its shared memory key is how leftover children of a killed server are noticed.
 */
export const disownPidFile = (cluster: string): void => {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return;
  const [, ...rest] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [NO_PROCESS, ...rest].join('\n'));
};

export const answersAt = (socketFolder: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(join(socketFolder, '.s.PGSQL.5432'));
    const finish = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });

/** Waits for the end of a process that may not be our child. */
export const ended = async (pid: number, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await Bun.sleep(50);
  }
  return true;
};

export const askToStop = (pid: number): void => signal(pid, 'SIGINT');

/** Fast shutdown; after half a minute an immediate one, from which the next start recovers. */
export const stopServer = async (pid: number): Promise<void> => {
  askToStop(pid);
  if (await ended(pid, 30_000)) return;
  signal(pid, 'SIGQUIT');
  await ended(pid, 10_000);
};

const signal = (pid: number, name: 'SIGINT' | 'SIGQUIT'): void => {
  if (isAlive(pid)) process.kill(pid, name);
};

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
};
