import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { access, chmod, chown, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { refuse } from '../refusal.ts';

/** Whom PostgreSQL runs as; undefined: as ourselves. It refuses to run as root. */
export type Identity = { uid: number; gid: number } | undefined;
export interface Home {
  folder: string;
  identity: Identity;
}

const NOBODY = 65534;
const FAR_HOME = '/var/lib/edgars-mobile-auto-shop';
// So that a project that moves to another path still finds its data.
const POINTER = 'postgres.path';

/** The folder that holds cluster, sockets, log and lock, and the user it belongs to. */
export const openHome = async (dataDir: string, say: (line: string) => void): Promise<Home> => {
  const identity = await openDataDir(dataDir);
  const folder = await homeFolder(dataDir, identity, say);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await give(folder, identity);
  await chmod(folder, 0o700).catch((cause: unknown) => {
    const owner = statSync(folder).uid;
    throw refuse(
      `The database in ${folder} belongs to user ${owner}: start as that user or as root, or give it to yourself with sudo chown -R "$(id -u)" '${dirname(folder)}'.`,
      cause,
    );
  });
  return { folder, identity };
};

/** Makes DATA_DIR when there is none, for the user that PostgreSQL will run as. */
export const openDataDir = async (dataDir: string): Promise<Identity> => {
  const identity = identityFor(dataDir);
  if (existsSync(dataDir)) return identity;
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (cause) {
    throw refuse(`DATA_DIR ${dataDir} cannot be made: give this user the right to write there.`, cause);
  }
  // A project of an ordinary user stays theirs, also when root was the first to start it.
  if (identity !== undefined && identity.uid !== NOBODY) await give(dataDir, identity);
  return identity;
};

/** Secrets, marks and the database are written there: without that right the start ends here, and says so. */
export const proveWritable = (dataDir: string): Promise<void> =>
  access(dataDir, constants.W_OK | constants.X_OK).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EROFS' ? 'its file system is read-only' : 'this user may not';
    throw refuse(
      `DATA_DIR ${dataDir} cannot be written to (${why}): give the right to write there, or set DATA_DIR.`,
      cause,
    );
  });

/** What root puts into a folder of somebody else's is theirs to read. */
export const giveToFolderOwner = async (path: string): Promise<void> => {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  await chown(path, uid, gid);
};

export const give = async (path: string, identity: Identity): Promise<void> => {
  if (identity !== undefined) await chown(path, identity.uid, identity.gid);
};

export const isTraversable = (path: string, identity: Identity): boolean => {
  if (identity === undefined) return true;
  const nearest = nearestExisting(path);
  const { uid, gid, mode } = statSync(nearest);
  const shift = uid === identity.uid ? 6 : gid === identity.gid ? 3 : 0;
  if (((mode >> shift) & 1) === 0) return false;
  return nearest === '/' || isTraversable(dirname(nearest), identity);
};

const identityFor = (dataDir: string): Identity => {
  if (process.getuid?.() !== 0) return undefined;
  const made = [join(dataDir, 'postgres'), dirname(dataDir)].find((path) => existsSync(path));
  const given = existsSync(dataDir) ? statSync(dataDir) : undefined;
  const near = statSync(made ?? nearestExisting(dataDir));
  // A folder that somebody was given in a place of root's, as a service has it in /var/lib.
  const owner = near.uid === 0 && given !== undefined ? given : near;
  return owner.uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid: owner.uid, gid: owner.gid };
};

const homeFolder = async (
  dataDir: string,
  identity: Identity,
  say: (line: string) => void,
): Promise<string> => {
  const near = join(dataDir, 'postgres');
  const pointer = join(dataDir, POINTER);
  if (existsSync(pointer)) return (await readFile(pointer, 'utf8')).trim();
  if (isTraversable(dataDir, identity)) return near;
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const far = join(FAR_HOME, name);
  await mkdir(FAR_HOME, { recursive: true });
  // The umask may have taken it away.
  await chmod(FAR_HOME, 0o755);
  await writeFile(pointer, `${far}\n`);
  say(`database files are kept in ${far}: PostgreSQL does not run as root and cannot enter ${dataDir}`);
  return far;
};

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)));
