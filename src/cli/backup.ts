import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { refuseUnreachable } from '../process/database-address.ts';
import { copyRunningCluster } from '../process/embedded/cluster-copy.ts';
import { findRunning, type Running, startPostgres } from '../process/postgres.ts';
import { refuse } from '../process/refusal.ts';
import {
  ABOUT_FILE,
  type About,
  CLUSTER_FOLDER,
  DUMP_FILE,
  LIST_FILE,
  type Rows,
  SECRETS_FILE,
} from './backup/about.ts';
import { placeCluster, proveCluster } from './backup/cluster.ts';
import { megabytes, withProgress } from './backup/progress.ts';
import { readArchive } from './backup/read-archive.ts';
import { countRows, shownRows } from './backup/rows.ts';
import { findServerMajor, findTool, runTool } from './backup/tools.ts';
import { interruption, readFileWord, refuseDisk } from './backup/words.ts';
import { type Archive, writeArchive } from './backup/write-archive.ts';

type Work = { config: Config; making: string; say: (line: string) => void; signal: AbortSignal };

const CONNECTIONS = 20;

const HELP = `Usage: bun run backup <file.tar.gz>

One file with the database and the secrets file, made while the server runs or without it. It gets its name when it
is whole and was proved: every checksum, and a copy of the embedded database that starts and can be read to its end
(in a folder of TMPDIR, which needs the room). A database of DATABASE_URL is read by pg_dump, which must be installed.
Exit code: 0 when the file is there, 1 otherwise, 2 for words that mean nothing.`;

/** Gives the exit code. */
export const runBackup = async (
  config: Config,
  say: (line: string) => void,
  rest: readonly string[],
): Promise<number> => {
  const words = readFileWord('backup', { help: HELP, say }, rest);
  if ('code' in words) return words.code;
  const { file } = words;
  if (existsSync(file)) throw refuse(`${file} exists: choose another name.`);
  const making = `${file}.making-${process.pid}`;
  const work: Work = { config, making, say, signal: interruption() };
  try {
    const rows = config.databaseUrl === undefined ? await backUpCluster(work) : await backUpDump(work);
    work.signal.throwIfAborted();
    await rename(making, file);
    await syncFolder(dirname(file));
    say(`backed up into ${file} (${megabytes(Bun.file(file).size)}): ${shownRows(rows)}`);
    return 0;
  } catch (error) {
    return refuseDisk('The backup could not be made', error);
  } finally {
    await rm(making, { force: true });
  }
};

const backUpCluster = async (work: Work): Promise<Rows> => {
  const { config, making, say, signal } = work;
  const { dataDir } = config;
  if (!['postgres', 'postgres.path'].some((name) => existsSync(join(dataDir, name)))) {
    throw refuse(`There is no database in ${dataDir}: set DATA_DIR, or DATABASE_URL.`);
  }
  const running = await findRunning(dataDir);
  const started =
    running === undefined ? await startPostgres({ dataDir, maxConnections: CONNECTIONS, say }) : undefined;
  const source = running ?? started;
  if (source === undefined) throw refuse(`The database in ${dataDir} does not run.`);
  try {
    await writeArchive({ path: making, signal }, (archive) => copyCluster(source, archive, work));
  } finally {
    await started?.stop();
  }
  say('proving it: a start of the copy');
  return verifyCluster(work);
};

const copyCluster = async (source: Running, archive: Archive, work: Work): Promise<void> => {
  const { say } = work;
  const cluster = join(source.folder, CLUSTER_FOLDER);
  const postgres = Number(await readFile(join(cluster, 'PG_VERSION'), 'utf8'));
  await begin({ kind: 'embedded', postgres }, archive, work);
  const named = (name: string): string => `${CLUSTER_FOLDER}/${name}`;
  const target = {
    addFolder: (name: string) => archive.addFolder(named(name)),
    addFile: (name: string, path: string) => archive.addFile(named(name), path),
    addText: (name: string, text: string) => archive.addText(named(name), text),
  };
  let rows: Rows = {};
  const count = async () => {
    rows = await countRows(source.url);
  };
  const line = () => `copied ${megabytes(archive.bytes())}`;
  await withProgress({ say, line }, () =>
    copyRunningCluster({ adminUrl: source.adminUrl, cluster }, target, count),
  );
  await end(rows, archive);
};

const verifyCluster = ({ making, say, signal }: Work): Promise<Rows> =>
  inTemporaryFolder(async (folder) => {
    const dataDir = join(folder, 'data');
    let bytes = 0;
    let home = folder;
    const onBytes = (more: number) => {
      bytes += more;
    };
    const onHome = (opened: { folder: string }) => {
      home = opened.folder;
    };
    try {
      const line = () => `proving it: ${megabytes(bytes)}`;
      return await withProgress({ say, line }, async () => {
        const { list } = await placeCluster({ path: making, dataDir, signal, onBytes, onHome });
        signal.throwIfAborted();
        return proveCluster(dataDir, list.rows, { fsync: 'off' });
      });
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

const backUpDump = (work: Work): Promise<Rows> => {
  const { config, making, say, signal } = work;
  const url = config.databaseDirectUrl ?? config.databaseUrl;
  return inTemporaryFolder(async (folder) => {
    if (url === undefined) throw refuse('DATABASE_URL is not set.');
    const major = await findServerMajor(url).catch((error: unknown) => refuseUnreachable(error, config));
    const pgDump = await findTool('pg_dump', major);
    const pgRestore = await findTool('pg_restore', pgDump.major);
    const dump = `${making}.dump`;
    try {
      const rows = await countRows(url);
      const dumping = ['--format=custom', '--no-owner', '--no-privileges', `--file=${dump}`];
      const line = () => `dumped ${megabytes(Bun.file(dump).size)}`;
      await withProgress({ say, line }, () => runTool(pgDump, { url, words: dumping, signal }));
      await writeArchive({ path: making, signal }, async (archive) => {
        await begin({ kind: 'dump', postgres: pgDump.major }, archive, work);
        await archive.addFile(DUMP_FILE, dump);
        await end(rows, archive);
      });
      await readArchive({ path: making, folder, identity: undefined, signal });
      const reading = ['--file=/dev/null', join(folder, DUMP_FILE)];
      await runTool(pgRestore, { url: undefined, words: reading, signal });
      return rows;
    } finally {
      await rm(dump, { force: true });
    }
  });
};

/** The first files: what this is, and the secrets. */
const begin = async (
  { kind, postgres }: Pick<About, 'kind' | 'postgres'>,
  archive: Archive,
  { config, say }: Work,
): Promise<void> => {
  const isInFile = config.jwtSecret === undefined && existsSync(config.secretsFile);
  const about: About = {
    ...{ format: 1, kind, postgres, made_at: new Date().toISOString() },
    ...{ version: manifest.version, has_secrets: isInFile },
  };
  await archive.addText(ABOUT_FILE, JSON.stringify(about));
  if (isInFile) await archive.addFile(SECRETS_FILE, config.secretsFile);
  say(
    isInFile
      ? `the secrets of ${config.secretsFile} are in it: keep the backup where nobody else can read it`
      : config.jwtSecret === undefined
        ? 'there is no secrets file yet: none is in it'
        : 'JWT_SECRET is not in it: keep that elsewhere',
  );
};

const end = (rows: Rows, archive: Archive): Promise<void> =>
  archive.addText(LIST_FILE, JSON.stringify({ rows, files: archive.files }));

const inTemporaryFolder = async <Result>(work: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'edgars-backup-'));
  // PostgreSQL may run as another user: it must be able to pass through.
  await chmod(folder, 0o711);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
};
