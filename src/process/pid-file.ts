import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The mark of a running supervisor; one that is still there at the next start tells of an unclean end.
 * One for each port: servers of one database may share a DATA_DIR, and it is the port that leftover workers hold.
 */
export const markRunning = (dataDir: string, port: number): (() => void) => {
  const path = pathIn(dataDir, port);
  // A file of root's can be replaced by the folder's owner, but not written.
  rmSync(path, { force: true });
  writeFileSync(path, `${process.pid}\n`);
  return () => {
    if (readOwner(path) === process.pid) rmSync(path, { force: true });
  };
};

export const endedUncleanly = (dataDir: string, port: number): boolean => existsSync(pathIn(dataDir, port));

/** The process ids of the supervisors that run with this DATA_DIR on a port of their own choice. */
export const runningSupervisors = (dataDir: string): number[] =>
  readdirSync(dataDir)
    .filter((name) => /^supervisor-\d+\.pid$/.test(name))
    .flatMap((name) => readOwner(join(dataDir, name)) ?? [])
    .filter(isRunning);

const isRunning = (pid: number): boolean => {
  // An empty file reads as 0, which would name our own group.
  if (pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const pathIn = (dataDir: string, port: number): string => join(dataDir, `supervisor-${port}.pid`);

const readOwner = (path: string): number | undefined =>
  existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
