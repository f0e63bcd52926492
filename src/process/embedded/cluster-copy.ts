import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withSession } from '../../database/session.ts';
import { refuse } from '../refusal.ts';

/** Where the copy goes; names are relative to the cluster. */
export interface CopyTarget {
  addFolder(name: string): Promise<void>;
  /** A file that is gone by now is left out: the log of the transactions tells the copy the same. */
  addFile(name: string, path: string): Promise<void>;
  addText(name: string, text: string): Promise<void>;
}

// As pg_basebackup: what is only of use to the server that runs now.
const EMPTIED = new Set([
  ...['pg_wal', 'pg_dynshmem', 'pg_notify', 'pg_replslot', 'pg_serial', 'pg_snapshots'],
  ...['pg_stat_tmp', 'pg_subtrans'],
]);
const LEFT_OUT =
  /^(?:postmaster\.(?:pid|opts)|backup_label|tablespace_map|pgsql_tmp.*|pg_internal\.init.*|postgresql\.auto\.conf\.tmp)$/;
const CONTROL = 'global/pg_control';
const SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Copies the cluster of a running server, which goes on working, so that the copy starts by itself: its files as they
 * are met, and the log of what was written meanwhile. `beforeEnd` sees what the copy will hold at least.
 */
export const copyRunningCluster = (
  { adminUrl, cluster }: { adminUrl: string; cluster: string },
  target: CopyTarget,
  beforeEnd: () => Promise<void>,
): Promise<void> =>
  withSession(adminUrl, 'edgars-backup', async (ask) => {
    if ((await readdir(join(cluster, 'pg_tblspc'))).length > 0) {
      throw refuse('The database has tablespaces outside of its folder: back it up with pg_basebackup.');
    }
    // A slot of this session alone: until its end no log that the copy needs is thrown away.
    await ask(`select pg_create_physical_replication_slot('edgars_backup_${process.pid}', true, true)`);
    await ask("select pg_backup_start('edgars', true)");
    await copyFolder(cluster, '', target);
    await target.addFile(CONTROL, join(cluster, CONTROL));
    await beforeEnd();
    const [stopped] = await ask<{ labelfile: string; last: string }>(
      'select labelfile, pg_walfile_name(lsn) as last from pg_backup_stop(false)',
    );
    const { labelfile = '', last = '' } = stopped ?? {};
    const first = /\(file ([0-9A-F]{24})\)/.exec(labelfile)?.[1] ?? last;
    await target.addText('backup_label', labelfile);
    for (const name of (await readdir(join(cluster, 'pg_wal'))).sort()) {
      if (!SEGMENT.test(name) || name < first || name > last) continue;
      await target.addFile(`pg_wal/${name}`, join(cluster, 'pg_wal', name));
    }
  });

const copyFolder = async (cluster: string, folder: string, target: CopyTarget): Promise<void> => {
  const path = join(cluster, folder);
  if (!existsSync(path)) return;
  if (folder !== '') await target.addFolder(folder);
  if (EMPTIED.has(folder)) return;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.test(entry.name) || name === CONTROL) continue;
    if (entry.isDirectory()) await copyFolder(cluster, name, target);
    else if (entry.isFile()) await target.addFile(name, join(cluster, name));
  }
};
