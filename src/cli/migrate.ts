import type { Config } from '../config.ts';
import { migrate } from '../database/migrate.ts';
import { createLog } from '../observe/log.ts';
import { withDatabase } from '../process/borrowed-database.ts';
import { refuseUnreachable } from '../process/database-address.ts';

export const runMigrate = async (config: Config, say: (line: string) => void): Promise<number> => {
  const log = createLog({ level: config.logLevel });
  const applied = await withDatabase(config, say, (url) => migrate({ url, log })).catch((error: unknown) =>
    refuseUnreachable(error, config),
  );
  say(applied.length === 0 ? 'nothing to do: the tables are up to date' : `applied: ${applied.join(', ')}`);
  return 0;
};
