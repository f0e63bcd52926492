import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The mark of a running supervisor; one that is still there at the next start tells of an unclean end. */
export const markRunning = (dataDir: string): (() => void) => {
  const path = pathIn(dataDir);
  // A file of root's can be replaced by the folder's owner, but not written.
  rmSync(path, { force: true });
  writeFileSync(path, `${process.pid}\n`);
  return () => {
    if (readOwner(path) === process.pid) rmSync(path, { force: true });
  };
};

export const endedUncleanly = (dataDir: string): boolean => existsSync(pathIn(dataDir));

const pathIn = (dataDir: string): string => join(dataDir, 'supervisor.pid');

const readOwner = (path: string): number | undefined =>
  existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
