import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { refuseUnreachable } from '../process/database-address.ts';
import { giveToFolderOwner } from '../process/embedded/home.ts';
import { refuse } from '../process/refusal.ts';
import { writeDurably } from '../process/secrets.ts';
import { type About, DUMP_FILE, type Rows, SECRETS_FILE } from './backup/about.ts';
import { placeCluster, proveCluster } from './backup/cluster.ts';
import { megabytes, withProgress } from './backup/progress.ts';
import { readArchive } from './backup/read-archive.ts';
import { assertNoneLost, countRows, hasTables, shownRows } from './backup/rows.ts';
import { findServerMajor, findTool, runTool } from './backup/tools.ts';
import { interruption, readFileWord, refuseDisk } from './backup/words.ts';

type Work = { config: Config; file: string; say: (line: string) => void; signal: AbortSignal };
type Restored = { rows: Rows; madeAt: string };

const HELP = `Usage: bun run restore <file.tar.gz>

Puts a backup into an empty place: a DATA_DIR with nothing in it, or a database of DATABASE_URL without tables, with
the secrets file. Every checksum is compared, and the database is started and read to its end. After a fault the place
is empty again.
Exit code: 0 when everything is there, 1 otherwise, 2 for words that mean nothing.`;

/** Gives the exit code. */
export const runRestore = async (
  config: Config,
  say: (line: string) => void,
  rest: readonly string[],
): Promise<number> => {
  const words = readFileWord('restore', { help: HELP, say }, rest);
  if ('code' in words) return words.code;
  const { file } = words;
  if (!existsSync(file)) throw refuse(`There is no file ${file}.`);
  const work: Work = { config, file, say, signal: interruption() };
  try {
    assertNoSecrets(config);
    const { rows, madeAt } =
      config.databaseUrl === undefined ? await restoreCluster(work) : await restoreDump(work);
    say(`restored, as it was at ${madeAt}: ${shownRows(rows)}`);
    return 0;
  } catch (error) {
    return refuseDisk('The backup could not be restored', error);
  }
};

const assertNoSecrets = ({ jwtSecret, secretsFile }: Config): void => {
  if (jwtSecret !== undefined || !existsSync(secretsFile)) return;
  throw refuse(`There are secrets in ${secretsFile} already: move that file away first.`);
};

const restoreCluster = async (work: Work): Promise<Restored> => {
  const { config, file, say, signal } = work;
  const { dataDir } = config;
  const existed = existsSync(dataDir);
  if (existed && readdirSync(dataDir).length > 0) {
    throw refuse(
      `${dataDir} is not empty, and a backup is restored into an empty place only: stop the server, move the folder away, or set DATA_DIR.`,
    );
  }
  let home = dataDir;
  const onHome = (opened: { folder: string }) => {
    home = opened.folder;
  };
  try {
    const accept = accepting('embedded');
    const { about, list, secrets } = await told(work, (onBytes) =>
      placeCluster({ path: file, dataDir, signal, onBytes, onHome, accept }),
    );
    signal.throwIfAborted();
    say('proving it: a start of the database');
    const rows = await proveCluster(dataDir, list.rows);
    signal.throwIfAborted();
    await writeSecrets(secrets, work);
    return { rows, madeAt: about.made_at };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    // It was empty before.
    for (const name of existsSync(dataDir) ? readdirSync(dataDir) : []) {
      await rm(join(dataDir, name), { recursive: true, force: true });
    }
    if (!existed) await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
};

const restoreDump = async (work: Work): Promise<Restored> => {
  const { config, file, signal } = work;
  const url = config.databaseDirectUrl ?? config.databaseUrl ?? '';
  const isFull = await hasTables(url).catch((error: unknown) => refuseUnreachable(error, config));
  if (isFull) {
    throw refuse(
      'The database of DATABASE_URL has tables, and a backup is restored into an empty one only: make a new one, and name it there.',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'edgars-restore-'));
  try {
    return await told(work, async (onBytes) => {
      const accept = accepting('dump');
      const read = await readArchive({ path: file, folder, identity: undefined, signal, onBytes, accept });
      const tool = await findTool('pg_restore', Math.max(read.about.postgres, await findServerMajor(url)));
      // All of it or nothing.
      const options = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'];
      await runTool(tool, { url, words: [...options, join(folder, DUMP_FILE)], signal });
      const rows = await countRows(url);
      assertNoneLost(read.list.rows, rows);
      const secrets = read.about.has_secrets ? await readFile(join(folder, SECRETS_FILE), 'utf8') : undefined;
      await writeSecrets(secrets, work);
      return { rows, madeAt: read.about.made_at };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const told = <Result>(
  { say }: Work,
  work: (onBytes: (more: number) => void) => Promise<Result>,
): Promise<Result> => {
  let bytes = 0;
  const line = () => `read ${megabytes(bytes)}`;
  return withProgress({ say, line }, () =>
    work((more) => {
      bytes += more;
    }),
  );
};

const accepting =
  (wanted: About['kind']) =>
  ({ kind }: About): void => {
    if (kind === wanted) return;
    throw refuse(
      kind === 'dump'
        ? 'This is the backup of a database of DATABASE_URL: set DATABASE_URL to an empty one.'
        : 'This is the backup of an embedded database: restore it without DATABASE_URL, into an empty DATA_DIR.',
    );
  };

const writeSecrets = async (secrets: string | undefined, { config, say }: Work): Promise<void> => {
  if (secrets === undefined) {
    say('there are no secrets in it: set the JWT_SECRET that it was used with, or everybody logs in again');
  } else if (config.jwtSecret !== undefined) {
    say('JWT_SECRET is set: the secrets of the backup were left out');
  } else {
    await writeDurably(config.secretsFile, secrets);
    await giveToFolderOwner(config.secretsFile);
    say(`secrets written (${config.secretsFile})`);
  }
};
