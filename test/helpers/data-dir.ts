import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for data that every user may pass through: else root's embedded PostgreSQL lies far from it, and stays. */
export const makeDataDir = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `edgars-${name}-`));
  await chmod(folder, 0o711);
  return folder;
};
