import { test } from 'bun:test';
import { existsSync } from 'node:fs';
import { clusterOf } from '../../src/process/embedded/cluster.ts';
import { openHome } from '../../src/process/embedded/home.ts';
import { readPostmaster } from '../../src/process/embedded/postmaster.ts';
import { findPostgres } from '../../src/process/postgres.ts';
import type { Data } from '../helpers/app.ts';
import { connect } from '../helpers/connection.ts';
import { login, OWNER_VARIABLES, statusOf } from '../process/requests.ts';
import { type Household, ROOT, type Started, until } from '../process/started.ts';
import { ask } from './ask.ts';

/** DRILL=long is `bun run drill`; without it the suite runs each drill in a few seconds. */
export const isLong = process.env.DRILL === 'long';
/** For drills that cannot be made short: a build does not wait for them. */
export const slowDrill = test.skipIf(!isLong);
export const scaled = <T>(long: T, short: T): T => (isLong ? long : short);

/** How much later than promised is no fault: the short form runs beside whatever else a machine does, the long one alone. */
export const SLOWER = scaled(1, 2);

export type DrillShop = {
  server: Started;
  address: string;
  /** Of every box that serves it: the ledger and the load go round them. */
  addresses: string[];
  dataDir: string;
  token: string;
  /** Past a PgBouncer, behind the program's back. */
  databaseUrl: string;
  technicianIds: string[];
  customerId: string;
};

const TECHNICIANS = 8;

/** A real server on the embedded PostgreSQL of that folder, which keeps what it acknowledges, with people to book for. */
export const openShop = async (
  house: Household,
  variables: Record<string, string> = {},
  { dataDir: given, project = ROOT }: { dataDir?: string; project?: string } = {},
): Promise<DrillShop> => {
  const dataDir = given ?? (await migratedData(house));
  const server = house.serve(
    {
      ...{ DATA_DIR: dataDir, WORKERS: '2', DB_POOL_MAX: '20', GRACE_S: '10', LOG_LEVEL: 'warn' },
      ...OWNER_VARIABLES,
      ...variables,
    },
    { cwd: project },
  );
  const address = await server.ready();
  const { data }: Data = await (await login(address)).json();
  const token: string = data.access_token;
  const add = async (path: string, body: object): Promise<string> =>
    (await ask({ address, token }, 'POST', path, { body })).data.id;
  const technicianIds = await Promise.all(
    Array.from({ length: TECHNICIANS }, (_, at) => add('/v1/technicians', { name: `Technician ${at}` })),
  );
  const customerId = await add('/v1/customers', { name: 'Everybody', email: 'everybody@example.com' });
  const databaseUrl = variables.DATABASE_DIRECT_URL ?? variables.DATABASE_URL ?? (await urlOf(dataDir));
  return { server, address, addresses: [address], dataDir, token, databaseUrl, technicianIds, customerId };
};

/** All drills of a run start from a copy of one migrated cluster: making one takes longer than many of them. */
const migratedData = async (house: Household): Promise<string> => {
  const dataDir = house.folder();
  const made = process.env.DRILL_DATA;
  if (made === undefined) return dataDir;
  if (!existsSync(made)) await house.start(['migrate'], { DATA_DIR: made }).exit;
  const copied = Bun.spawnSync(['cp', '-a', `${made}/.`, dataDir]);
  if (!copied.success) throw new Error(copied.stderr.toString());
  return dataDir;
};

const urlOf = async (dataDir: string): Promise<string> => {
  const url = await findPostgres(dataDir);
  if (url === undefined) throw new Error(`no PostgreSQL in ${dataDir}`);
  return url;
};

export const rowsOf = async (url: string, text: string): Promise<Data[]> => {
  const sql = connect(url);
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
};

/** One of its boxes, in turn. */
export const boxOf = ({ addresses, address }: DrillShop, at: number): string =>
  addresses[at % addresses.length] ?? address;

/** The process ids of its workers, once all are ready: at this level the log does not tell. */
export const workersOf = ({ server }: DrillShop): Promise<number[]> =>
  until('all workers', async () => {
    const { workers } = await statusOf(server);
    const pids = workers.flatMap(({ pid, ready }) => (ready && pid !== null ? [pid] : []));
    return pids.length === workers.length ? pids : undefined;
  });

/** The process id of the embedded PostgreSQL, once it is there. */
export const postmasterOf = ({ dataDir }: DrillShop): Promise<number> =>
  until('PostgreSQL', async () => readPostmaster(clusterOf(await openHome(dataDir, () => undefined)))?.pid);
