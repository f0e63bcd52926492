import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../../src/process/postgres.ts';
import { connect } from '../helpers/connection.ts';
import type { BookingShop } from './booking.ts';
import type { Contender } from './contenders.ts';

const ROOT = join(import.meta.dir, '../..');
/** For all contenders at once, pgbench and the bench itself. */
const MAX_CONNECTIONS = 300;
const OWNER = { email: 'owner@bench.local', password: 'violet-anchor-turbine-meadow-81' };
/** So many that bookings seldom wait for one another's calendar. */
const TECHNICIANS = 20;
const SERVICE = {
  ...{ code: 'BENCH', name: 'Bench', category: 'Bench', kind: 'labour' },
  ...{ duration_minutes: 60, price_cents: 10_000 },
};
const READY_WITHIN_MS = 60_000;

export type Shop = {
  postgres: Postgres;
  ours: Contender;
  /** A token of now: they live a quarter of an hour. */
  login(): Promise<string>;
  ids(statement: string): Promise<string[]>;
  /** A customer, a service and technicians for bookings around the clock. */
  openBookings(): Promise<BookingShop>;
  close(): Promise<void>;
};

/** Our complete server, as it is by default with two workers, on a PostgreSQL with the demo's shop. */
export const openShop = async (say: (line: string) => void): Promise<Shop> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'edgars-bench-'));
  const postgres = await startPostgres({ dataDir, maxConnections: MAX_CONNECTIONS, say: () => undefined });
  const env = {
    ...{
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '/',
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: '0',
    },
    ...{ DATABASE_URL: postgres.url, DATA_DIR: dataDir, WORKERS: '2' },
    ...{ OWNER_EMAIL: OWNER.email, OWNER_PASSWORD: OWNER.password },
  };
  const word = (name: string[]) => [process.execPath, '--no-env-file', 'src/main.ts', ...name];
  const demo = Bun.spawn(word(['demo']), { cwd: ROOT, env, stdout: 'ignore', stderr: 'pipe' });
  for (const line of (await new Response(demo.stderr).text()).trim().split('\n').slice(0, 1)) say(line);
  if ((await demo.exited) !== 0) throw new Error('the demo could not be filled in');
  const server = Bun.spawn(word([]), { cwd: ROOT, env, stdout: 'ignore', stderr: 'pipe' });
  const address = await readyAddress(server.stderr);
  const sql = connect(postgres.url);
  return {
    postgres,
    ours: {
      name: 'this server (2 workers)',
      address,
      pids: [server.pid],
      stop: async () => {
        server.kill();
        await server.exited;
      },
    },
    login: () => login(address),
    openBookings: async () => {
      const token = await login(address);
      const add = (path: string, body: object) => addThing(address, token, path, body);
      return {
        customerId: await add('/v1/customers', { name: 'The bench', email: 'bench@example.com' }),
        serviceId: await add('/v1/services', SERVICE),
        technicianIds: await Promise.all(
          Array.from({ length: TECHNICIANS }, (_, at) => add('/v1/technicians', { name: `Bench ${at + 1}` })),
        ),
      };
    },
    ids: async (statement) => (await sql.unsafe(statement)).map(({ id }) => id),
    close: async () => {
      server.kill();
      await server.exited;
      await sql.end();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

const readyAddress = async (stderr: ReadableStream<Uint8Array>): Promise<string> => {
  const found = Promise.withResolvers<string>();
  const late = setTimeout(() => found.reject(new Error('our server is not ready')), READY_WITHIN_MS);
  const read = async (): Promise<void> => {
    let said = '';
    for await (const piece of stderr) {
      said += new TextDecoder().decode(piece);
      const address = /^ready: .*?(http:\/\/\S+)/m.exec(said)?.[1];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`our server ended: ${said}`));
  };
  void read();
  return found.promise.finally(() => clearTimeout(late));
};

const login = async (address: string): Promise<string> => {
  const answer = await fetch(`${address}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(OWNER),
  });
  const { data }: { data: { access_token: string } } = JSON.parse(await answer.text());
  return data.access_token;
};

const addThing = async (address: string, token: string, path: string, body: object): Promise<string> => {
  const answer = await fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const { data, error }: { data: { id: string } | null; error: unknown } = JSON.parse(await answer.text());
  if (data === null) throw new Error(`${path}: ${JSON.stringify(error)}`);
  return data.id;
};
