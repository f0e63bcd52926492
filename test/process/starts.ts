import { join } from 'node:path';
import type { Postgres } from '../../src/process/postgres.ts';
import { connect } from '../helpers/connection.ts';
import { type Household, type Started, until } from './started.ts';

/** The values of the one row that a statement gives. */
export const answerOf = async (url: string, statement: string): Promise<unknown[]> => {
  const sql = connect(url);
  try {
    const [row = {}] = await sql.unsafe(statement);
    return Object.values(row);
  } finally {
    await sql.end();
  }
};

export const refusalOf = async (started: Promise<unknown>): Promise<string> => {
  const error: unknown = await started.catch((cause: unknown) => cause);
  return error instanceof Error ? `${error.name}: ${error.message}` : 'it was not refused';
};

/** Another process that starts the embedded PostgreSQL of that folder and does not stop it. */
export const starter = (house: Household, dataDir: string, uid?: number): Started =>
  house.start(
    [dataDir],
    {},
    {
      command: [process.execPath, '--no-env-file', join(import.meta.dir, 'starter.ts')],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    },
  );

type Told = Pick<Postgres, 'pid' | 'url' | 'adopted' | 'created' | 'folder'>;

export const toldBy = async (started: Started): Promise<Told> => {
  const line = await until('the starter to answer', async () => {
    const code = await Promise.race([started.exit, Bun.sleep(5)]);
    if (code !== undefined) throw new Error(`the starter ended: ${started.said.join('\n')}`);
    return started.printed[0];
  });
  return JSON.parse(line);
};
