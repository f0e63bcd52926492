import { Database } from 'bun:sqlite';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { give } from './home.ts';

/**
 * The one-instance lock of a folder, or undefined when another process holds it.
 * An SQLite file is the lock because the kernel lets go of it however its holder ends, and Bun has no flock.
 */
export const lockHome = async (home: Home): Promise<(() => void) | undefined> => {
  const path = join(home.folder, 'lock');
  const file = new Database(path, { create: true });
  try {
    await give(path, home.identity);
    file.run('pragma busy_timeout = 0');
    file.run('begin exclusive');
  } catch (error) {
    file.close();
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
  return () => file.close();
};
