import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuse } from '../refusal.ts';
import { give, type Home, isTraversable } from './home.ts';

// sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero.
const LONGEST_PATH_BYTES = 103;
const LONGEST_NAME = '/.s.PGSQL.5432.lock';

/** A private folder for the server's socket: in its home, or in a short one where the home's path is too long. */
export const openSocketFolder = async (home: Home): Promise<string> => {
  const near = join(home.folder, 'socket');
  const folder = fits(near) ? near : join(temporary(home), `edgars-${shortName(home)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const owner = home.identity?.uid ?? process.getuid?.();
  const found = lstatSync(folder);
  if (!found.isDirectory() || (found.uid !== owner && found.uid !== process.getuid?.())) {
    throw refuse(`${folder} is in the way of the database's socket: remove it.`);
  }
  await give(folder, home.identity);
  await chmod(folder, 0o700);
  return folder;
};

export const removeDeadSockets = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.s.PGSQL.')) await rm(join(folder, name), { force: true });
  }
};

// A comma would end the name in PostgreSQL's list of folders, a quote would begin another.
const fits = (folder: string): boolean =>
  Buffer.byteLength(folder + LONGEST_NAME) <= LONGEST_PATH_BYTES && !/[,"'\\]/.test(folder);

const temporary = (home: Home): string => {
  const own = tmpdir();
  return isTraversable(own, home.identity) && fits(join(own, `edgars-${shortName(home)}`)) ? own : '/tmp';
};

const shortName = (home: Home): string => createHash('sha256').update(home.folder).digest('hex').slice(0, 16);
