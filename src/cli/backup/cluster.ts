import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterOf, type Settings } from '../../process/embedded/cluster.ts';
import { give, type Home, openHome } from '../../process/embedded/home.ts';
import { startPostgres } from '../../process/postgres.ts';
import { CLUSTER_FOLDER, type Rows, SECRETS_FILE } from './about.ts';
import { type Read, type Reading, readArchive } from './read-archive.ts';
import { assertNoneLost, countRows } from './rows.ts';

type Placing = Omit<Reading, 'folder' | 'identity'> & { dataDir: string; onHome?: (home: Home) => void };

const CONNECTIONS = 20;

/** Unpacks an archive into an empty DATA_DIR: the cluster stands there when every file of it is right, or not at all. */
export const placeCluster = async ({
  dataDir,
  onHome,
  ...reading
}: Placing): Promise<Read & { secrets: string | undefined }> => {
  const home = await openHome(dataDir, () => undefined);
  onHome?.(home);
  // What a kill leaves of it is removed by the next start.
  const folder = join(home.folder, `cluster.making-${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  await give(folder, home.identity);
  const read = await readArchive({ ...reading, folder, identity: home.identity });
  const secrets = read.about.has_secrets ? await readFile(join(folder, SECRETS_FILE), 'utf8') : undefined;
  await rename(join(folder, CLUSTER_FOLDER), clusterOf(home));
  await rm(folder, { recursive: true });
  return { ...read, secrets };
};

/** Starts the cluster, which brings it to a state in order, counts its rows, and stops it. */
export const proveCluster = async (dataDir: string, before: Rows, settings: Settings = {}): Promise<Rows> => {
  const postgres = await startPostgres({
    ...{ dataDir, maxConnections: CONNECTIONS, say: () => undefined, settings },
  });
  try {
    const rows = await countRows(postgres.url);
    assertNoneLost(before, rows);
    return rows;
  } finally {
    await postgres.stop();
  }
};
