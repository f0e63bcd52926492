import { afterAll, beforeAll } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Postgres, startPostgres } from '../../src/process/postgres.ts';

/** The embedded PostgreSQL without care for the disk: these tests pull no plug. */
export const openPostgres = (
  dataDir: string,
  changes: { binaries?: string; say?: (line: string) => void } = {},
): Promise<Postgres> =>
  startPostgres({
    dataDir,
    maxConnections: 20,
    say: () => undefined,
    settings: { fsync: 'off' },
    ...changes,
  });

/**
 * For tests that need no first start: makes a cluster once for the file, and gives what copies it into a data folder.
 * With `url` the cluster is what `furnish` makes of it.
 */
export const madeData = (furnish: (url: string) => Promise<void> = async () => undefined) => {
  let master = '';
  beforeAll(async () => {
    master = mkdtempSync(join(tmpdir(), 'edgars-master-'));
    await chmod(master, 0o711);
    const postgres = await openPostgres(join(master, 'data'));
    await furnish(postgres.url);
    await postgres.stop();
  });
  afterAll(() => rmSync(master, { recursive: true, force: true }));
  return (dataDir: string): string => {
    mkdirSync(dirname(dataDir), { recursive: true });
    const copied = Bun.spawnSync(['cp', '-a', join(master, 'data'), dataDir]);
    if (!copied.success) throw new Error(copied.stderr.toString());
    return dataDir;
  };
};
