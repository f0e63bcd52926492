import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { copyFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { give, type Home } from './home.ts';

const LIMIT_BYTES = 5 * 2 ** 20;
const LOOK_EVERY_MS = 60_000;

export interface ServerLog {
  path: string;
  /** Opened for appending, so that a truncated file begins again at its start. */
  open(): Promise<number>;
  close(descriptor: number): void;
  sizeBytes(): number;
  since(offset: number): string;
}

export const serverLog = (home: Home): ServerLog => {
  const path = join(home.folder, 'postgres.log');
  return {
    path,
    open: async () => {
      const descriptor = openSync(path, 'a', 0o600);
      await give(path, home.identity);
      return descriptor;
    },
    close: (descriptor) => closeSync(descriptor),
    sizeBytes: () => (existsSync(path) ? statSync(path).size : 0),
    since: (offset) => (existsSync(path) ? readFileSync(path).subarray(offset).toString() : ''),
  };
};

/** Two files of at most 5 MiB (and what a minute adds): a database must not die of its own log. */
export const boundLog = (log: ServerLog): (() => void) => {
  const look = async () => {
    if (log.sizeBytes() < LIMIT_BYTES) return;
    await copyFile(log.path, `${log.path}.1`);
    await truncate(log.path);
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
};
