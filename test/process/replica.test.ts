import { expect, setDefaultTimeout, test } from 'bun:test';
import { parse } from 'csv-parse/sync';
import type { Status } from '../../src/process/admin.ts';
import type { Postgres } from '../../src/process/postgres.ts';
import type { Data } from '../helpers/app.ts';
import { adminOf, login, OWNER_VARIABLES, statusOf } from './requests.ts';
import { openPrimary } from './standby.ts';
import { household, kill, until } from './started.ts';
import { answerOf } from './starts.ts';

setDefaultTimeout(180_000);

const house = household();

/** Whether a report was the last thing that somebody asked of it. */
const hasJustReported = async ({ adminUrl }: Postgres): Promise<boolean> => {
  const sessions = `from pg_stat_activity where application_name = 'edgars-reports' and query = 'commit'`;
  return (await answerOf(adminUrl, `select exists (select ${sessions})`))[0] === true;
};

test('reports read the replica while it has everything, and the primary whenever it has not', async () => {
  const { primary, startStandby, restart } = await openPrimary(house.folder());
  const standbyFolder = house.folder();
  let standby = await startStandby(standbyFolder);
  const server = house.serve({
    ...{ DATA_DIR: house.folder(), DATABASE_URL: primary.url, DATABASE_REPLICA_URL: standby.url },
    ...OWNER_VARIABLES,
  });
  const address = await server.ready();
  const { data: session }: Data = await (await login(address)).json();
  const headers = { authorization: `Bearer ${session.access_token}`, 'content-type': 'application/json' };
  const post = async (path: string, body: object): Promise<Data> => {
    const response = await fetch(`${address}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const { data }: Data = await response.json();
    return data;
  };
  const customer = await post('/v1/customers', { name: 'Ana', email: 'ana@example.com' });
  let booked = 0;
  /** Books one more job, and asks for the report at once: it must be in it. */
  const reportAfterBooking = async (): Promise<number> => {
    booked += 1;
    const starts_at = new Date(Date.UTC(2090, 0, booked)).toISOString();
    const job = await post('/v1/appointments', { customer_id: customer.id, starts_at });
    const began = performance.now();
    const response = await fetch(`${address}/v1/reports/appointments.csv`, { headers });
    expect(response.status).toBe(200);
    const ids = parse(await response.text()).map(([id]: string[]) => id);
    expect(ids).toHaveLength(1 + booked);
    expect(ids.at(-1)).toBe(job.id);
    return performance.now() - began;
  };
  const replicaSeen = (fits: (replica: NonNullable<Status['replica']>) => boolean) =>
    until('the replica to be seen so', async () => {
      const { replica } = await statusOf(server);
      return replica !== null && fits(replica) ? replica : undefined;
    });
  const metrics = async () => {
    const text = await (await fetch(`${await adminOf(server)}/metrics`)).text();
    const value = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
    return [value('database_replica_up'), value('database_replica_lag_seconds')];
  };

  for (let round = 0; round < 20; round += 1) await reportAfterBooking();
  expect(await hasJustReported(standby)).toBe(true);
  expect(await replicaSeen(({ lag_s }) => lag_s === 0)).toEqual({ state: 'up', lag_s: 0 });
  expect(await metrics()).toEqual(['1', '0']);

  // It follows no more: the report waits a second for it, then reads the primary.
  await answerOf(standby.adminUrl, 'select pg_wal_replay_pause()');
  expect(await reportAfterBooking()).toBeGreaterThan(900);
  expect(Number((await replicaSeen(({ lag_s }) => Number(lag_s) > 1)).lag_s)).toBeGreaterThan(1);
  await server.logs(/^the replica is away, behind, or none of this database: reports read the primary$/);
  await answerOf(standby.adminUrl, 'select pg_wal_replay_resume()');
  await replicaSeen(({ lag_s }) => lag_s === 0);
  await reportAfterBooking();
  await server.logs(/^reports read the replica again$/);

  // It hangs.
  kill(standby.pid, 'SIGSTOP');
  for (const child of await childrenOf(standby.pid)) kill(child, 'SIGSTOP');
  expect(await reportAfterBooking()).toBeLessThan(5_000);
  for (const child of await childrenOf(standby.pid)) kill(child, 'SIGCONT');
  kill(standby.pid, 'SIGCONT');

  // It is gone.
  await standby.stop();
  for (let round = 0; round < 3; round += 1) await reportAfterBooking();
  expect(await replicaSeen(({ state }) => state === 'away')).toEqual({ state: 'away', lag_s: null });
  expect(await metrics()).toEqual(['0', undefined]);
  const [, port = ''] = /:(\d+)$/.exec(await adminOf(server)) ?? [];
  const shown = house.start(['status'], { ADMIN_PORT: port });
  expect(await shown.exit).toBe(0);
  expect(shown.printed).toContain('replica AWAY: reports read the database itself');

  // It is back, and is found without a restart.
  standby = await restart(standbyFolder);
  await replicaSeen(({ state, lag_s }) => state === 'up' && lag_s === 0);
  await reportAfterBooking();
  await until('a report from it', async () => {
    await reportAfterBooking();
    return hasJustReported(standby);
  });
  expect(server.said.join('\n')).not.toContain('error');

  server.signal('SIGTERM');
  expect(await server.exit).toBe(0);
  await standby.stop();
  await primary.stop();
});

test('a standby of another database is never read, however far it is', async () => {
  const { primary } = await openPrimary(house.folder());
  const other = await openPrimary(house.folder());
  for (let far = 0; far < 3; far += 1) {
    await answerOf(other.primary.adminUrl, 'create table far (); drop table far');
    await answerOf(other.primary.adminUrl, 'select pg_switch_wal()');
  }
  const standby = await other.startStandby(house.folder());
  const server = house.serve({
    ...{ DATA_DIR: house.folder(), DATABASE_URL: primary.url, DATABASE_REPLICA_URL: standby.url },
    ...OWNER_VARIABLES,
  });
  const address = await server.ready();
  const { data }: Data = await (await login(address)).json();
  const headers = { authorization: `Bearer ${data.access_token}` };
  // It has none of our tables.
  expect((await fetch(`${address}/v1/reports/appointments.csv`, { headers })).status).toBe(200);
  expect((await statusOf(server)).replica).toEqual({ state: 'other', lag_s: null });
  server.signal('SIGTERM');
  expect(await server.exit).toBe(0);
});

const childrenOf = async (pid: number): Promise<number[]> =>
  (await Bun.file(`/proc/${pid}/task/${pid}/children`).text())
    .split(' ')
    .flatMap((text) => Number(text) || []);
