import { appendFile, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clusterOf } from '../../src/process/embedded/cluster.ts';
import { copyRunningCluster } from '../../src/process/embedded/cluster-copy.ts';
import { openHome } from '../../src/process/embedded/home.ts';
import { type Postgres, startPostgres } from '../../src/process/postgres.ts';

const CONNECTIONS = 60;

/** A primary, and how to start a streaming standby of it in that folder: a copy of its files that follows its log. */
export const openPrimary = async (dataDir: string) => {
  const open = (folder: string): Promise<Postgres> =>
    startPostgres({
      ...{ dataDir: folder, maxConnections: CONNECTIONS, say: () => undefined },
      // As much of the log as a standby may miss while it is stopped.
      settings: { fsync: 'off', wal_keep_size: '256MB' },
    });
  const primary = await open(dataDir);
  const startStandby = async (folder: string): Promise<Postgres> => {
    const home = await openHome(folder, () => undefined);
    const cluster = clusterOf(home);
    await copyTo(cluster, primary);
    const { password, searchParams } = new URL(primary.adminUrl);
    const conninfo = `host=${searchParams.get('host')} user=postgres password=${password}`;
    await writeFile(join(cluster, 'standby.signal'), '');
    await appendFile(join(cluster, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
    if (home.identity !== undefined) {
      const { uid, gid } = home.identity;
      Bun.spawnSync(['chown', '-R', `${uid}:${gid}`, cluster]);
    }
    Bun.spawnSync(['chmod', '-R', 'go=', cluster]);
    return open(folder);
  };
  return { primary, startStandby, restart: open };
};

const copyTo = async (cluster: string, { adminUrl, folder }: Postgres): Promise<void> => {
  const to = async (name: string): Promise<string> => {
    const path = join(cluster, name);
    await mkdir(dirname(path), { recursive: true });
    return path;
  };
  await copyRunningCluster(
    { adminUrl, cluster: join(folder, 'cluster') },
    {
      addFolder: async (name) => void (await mkdir(await to(name), { recursive: true })),
      addFile: async (name, path) => copyFile(path, await to(name)),
      addText: async (name, text) => writeFile(await to(name), text),
    },
    async () => undefined,
  );
};
