import { migrate } from '../../src/database/migrate.ts';
import { createLog } from '../../src/observe/log.ts';
import { connect, withDatabase } from './connection.ts';

export const TEMPLATE = 'template_shop';

/** The migrated database that every test clones. */
export const makeTemplate = async (url: string): Promise<void> => {
  const sql = connect(url);
  await sql.unsafe(`create database ${TEMPLATE}`);
  await sql.end();
  await migrate({ url: withDatabase(url, TEMPLATE), log: createLog({ level: 'error' }) });
};
