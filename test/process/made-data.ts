import { afterAll, beforeAll } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../../src/process/postgres.ts';
import type { Household } from './started.ts';

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
 * A data folder with a cluster in it, for the tests of one file that need no first start: a first start writes 40 MB.
 * After each test its server is gone; the cluster stays, and what `furnish` made of it.
 */
export const madeData = (house: Household, furnish = async (_url: string): Promise<void> => undefined) => {
  let folder = '';
  const path = (): string => join(folder, 'data');
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'edgars-made-'));
    chmodSync(folder, 0o711);
    house.endAlso(folder);
    const postgres = await openPostgres(path());
    await furnish(postgres.url);
    await postgres.stop();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return path;
};
