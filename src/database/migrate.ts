import { join } from 'node:path';
import type { Log } from '../observe/log.ts';
import { parseAddress } from './address.ts';
import { type DriverSession, openDriver } from './driver.ts';
import { away, DatabaseRefusal, databaseError, isAway } from './failures.ts';
import { assertHistory, type Landed, type Migration, readMigrations } from './migrations.ts';

export type MigrateOptions = { url: string; directory?: string; log: Log };

const CONNECT_TIMEOUT_S = 5;
const CLOSE_TIMEOUT_S = 5;
/** Twenty may start at once: all but one wait here for the others' work. */
const TURN_TIMEOUT_MS = 120_000;
/** A migration that waits for a table holds up everybody who comes to that table after it. */
const LOCK_TIMEOUT_MS = 5000;
const LOCK_ID = 0x65646761;

/**
 * Applies what is still missing and returns the names: forward only, one transaction per file, safe when many
 * start at once. What it refuses is a DatabaseRefusal; a database that is away is the Failure of that name.
 */
export const migrate = async ({ url, directory, log }: MigrateOptions): Promise<string[]> => {
  const migrations = await readMigrations(directory ?? join(import.meta.dir, 'migrations'));
  const address = parseAddress(url);
  const [{ host, port }] = address.hosts;
  const driver = openDriver({
    ...{ address, host: [host], port: [port], max: 1, connectTimeoutS: CONNECT_TIMEOUT_S, prepare: false },
    parameters: { application_name: 'edgars-migrate', TimeZone: 'UTC' },
  });
  let session: DriverSession | undefined;
  try {
    session = await driver.reserve();
    return await applyAll(session, migrations, log);
  } catch (error) {
    const known = databaseError(error, '');
    throw error instanceof DatabaseRefusal ? error : isAway(known) ? away(known) : known;
  } finally {
    session?.release();
    await driver.end(CLOSE_TIMEOUT_S);
  }
};

const applyAll = async (session: DriverSession, migrations: Migration[], log: Log): Promise<string[]> => {
  const applied: string[] = [];
  for (;;) {
    const began = performance.now();
    const name = await inTurn(session, () => applyNext(session, migrations));
    if (name === undefined) return applied;
    applied.push(name);
    log.info({ migration: name, ms: Math.round(performance.now() - began) }, `migration ${name} applied`);
  }
};

/** One transaction under the lock that all who migrate this database share. */
const inTurn = async <T>(session: DriverSession, work: () => Promise<T>): Promise<T> => {
  await session.simple(`begin; set local lock_timeout = ${TURN_TIMEOUT_MS}; set local statement_timeout = 0`);
  try {
    await session.simple(`select pg_advisory_xact_lock(${LOCK_ID})`);
    await session.simple(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const result = await work();
    await session.simple('commit');
    return result;
  } catch (error) {
    await session.simple('rollback').catch(() => undefined);
    throw error;
  }
};

const applyNext = async (session: DriverSession, migrations: Migration[]): Promise<string | undefined> => {
  await session.simple(`
    create table if not exists migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
  // The columns are those of the table above.
  const landed = (await session.simple(
    'select number, name, checksum from migrations order by number',
  )) as unknown;
  const next = assertHistory(migrations, landed as Landed[]);
  if (next === undefined) return undefined;
  await session.simple(next.text).catch((error: unknown) => explain(next, error));
  const { number, name, checksum } = next;
  // A number, a name of [a-z0-9-.] and hexadecimal digits: nothing that would need quoting.
  await session.simple(
    `insert into migrations (number, name, checksum) values (${number}, '${name}', '${checksum}')`,
  );
  return name;
};

const explain = (migration: Migration, error: unknown): never => {
  const known = databaseError(error, '');
  if (isAway(known)) throw error;
  const position =
    typeof error === 'object' && error !== null ? Number(Reflect.get(error, 'position')) : Number.NaN;
  const line = Number.isNaN(position)
    ? ''
    : ` (line ${migration.text.slice(0, position).split('\n').length})`;
  throw new DatabaseRefusal(
    `The migration ${migration.name} failed and left nothing behind: ${known.message}${line}.`,
  );
};
