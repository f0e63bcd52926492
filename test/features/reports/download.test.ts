import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { type Client, testApp } from '../../helpers/app.ts';
import { connect as connectDatabase } from '../../helpers/connection.ts';
import { aCustomer } from '../../helpers/factories.ts';
import { until } from '../../process/started.ts';

const JOBS = 100_000;
/** Payments; half of them have a refund: 100,000 together. */
const ENTRIES = 66_666;
const FILLED = ['appointments', 'payments', 'refunds'];
const PATIENCE_MS = 3_000;
const MAX_GROWTH_BYTES = 100 * 2 ** 20;

// A quarter of eight is for reports.
const app = await testApp({ env: { DB_POOL_MAX: '8', DB_STATEMENT_TIMEOUT_MS: String(PATIENCE_MS) } });
const server = Bun.serve({
  ...{ hostname: '127.0.0.1', port: 0, idleTimeout: 120 },
  fetch: (request, listener) => app.app.fetch(request, { server: listener }),
});
let accountant: Client;

beforeAll(async () => {
  accountant = await app.as('accountant');
  const { id } = await aCustomer(await app.as('owner'), { name: 'Everybody', phone: '(628) 555-0142' });
  const filling = connectDatabase(app.url);
  await filling.begin(async (tx) => {
    await tx`set local shop.journal = 'off'`;
    // They reckon what each job owes, and what each payment changes of its job.
    for (const table of FILLED) await tx.unsafe(`alter table ${table} disable trigger user`);
    await tx`
      insert into appointments (id, customer_id, starts_at, ends_at, location_address, status)
      select gen_random_uuid(), ${id}, timestamptz '2150-01-01' + n * interval '1 minute',
        timestamptz '2150-01-01' + n * interval '1 minute' + interval '1 hour', 'An address of some length, Oakland', 'completed'
      from generate_series(1, ${JOBS}::int4) n`;
    await tx`
      insert into payments (id, appointment_id, amount_cents, method, note, received_at)
      select gen_random_uuid(), (select id from appointments limit 1), n, 'cash', 'A note of some length, Oakland',
        timestamptz '2150-01-01' + n * interval '1 minute'
      from generate_series(1, ${ENTRIES}::int4) n`;
    await tx`
      insert into refunds (id, payment_id, amount_cents, reason, created_at)
      select gen_random_uuid(), id, 1, 'A reason', received_at + interval '1 day' from payments
      where amount_cents > ${ENTRIES / 2}`;
    for (const table of FILLED) await tx.unsafe(`alter table ${table} enable trigger user`);
    await tx`select write_texts(array(select id from appointments))`;
  });
  await filling.unsafe('vacuum analyze appointments, payments, refunds');
  await filling.end();
});
afterAll(() => server.stop(true));

type Reader = {
  socket: Socket;
  bytes(): number;
  /** How it ended; `isWhole` when the answer said itself that this was all. */
  ended: Promise<{ isWhole: boolean; lines: number }>;
};

/** A client as slow as the test wants it. */
const openReader = (isReading = true, file = 'appointments'): Reader => {
  let [bytes, lines, tail] = [0, 0, ''];
  const socket = connect(server.port ?? 0, '127.0.0.1');
  socket.write(
    `GET /v1/reports/${file}.csv HTTP/1.1\r\nHost: shop\r\nAuthorization: ${accountant.own.authorization}\r\n\r\n`,
  );
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
    tail = (tail + chunk.toString('latin1')).slice(-5);
    if (tail === '0\r\n\r\n') socket.end();
  });
  socket.on('error', () => undefined);
  if (!isReading) socket.pause();
  const ended = new Promise<{ isWhole: boolean; lines: number }>((resolve) => {
    socket.on('close', () => resolve({ isWhole: tail === '0\r\n\r\n', lines }));
  });
  return { socket, bytes: () => bytes, ended };
};

const inUse = (): number => app.pool.counters().inUse;
const isFree = () => until('the connection to be free', () => inUse() === 0);
const reportsLogged = (message: string) => app.lines.filter((line) => line.message === message);
const held = () =>
  app.sql<{ count: number }>`
    select count(*)::int4 as count from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`.then(([row]) => row?.count);
/** So many of them have sent what fits on the way, and wait. */
const heldUp = (count: number) =>
  until('the reports to be held up', async () => {
    if ((await held()) !== count) return false;
    const before = app.pool.counters().statements;
    await Bun.sleep(100);
    // The look itself is one.
    return (await held()) === count && app.pool.counters().statements <= before + 1;
  });

/** The most that the process grew meanwhile. */
const growthWhile = async (work: () => Promise<void>): Promise<number> => {
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  await work();
  clearInterval(watch);
  return most - before;
};

test('a report of 100,000 payments and refunds is sent whole, in memory that does not grow with it', async () => {
  const reader = openReader(true, 'payments');
  const growth = await growthWhile(async () => {
    const { isWhole, lines } = await reader.ended;
    expect(isWhole).toBe(true);
    expect(lines).toBeGreaterThan(ENTRIES * 1.5);
  });
  expect(reader.bytes()).toBeGreaterThan(15 * 2 ** 20);
  expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  await isFree();
  expect(reportsLogged('report sent').at(-1)).toMatchObject({ rows: ENTRIES * 1.5 });
});

describe('a report of 100,000 jobs', () => {
  test('is sent whole, in memory that does not grow with it', async () => {
    const reader = openReader();
    const growth = await growthWhile(async () => {
      const { isWhole, lines } = await reader.ended;
      expect(isWhole).toBe(true);
      // Each chunk of the transfer has two line ends of its own, and the head some.
      expect(lines).toBeGreaterThan(JOBS);
    });
    expect(reader.bytes()).toBeGreaterThan(15 * 2 ** 20);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    await isFree();
    expect(reportsLogged('report sent').at(-1)).toMatchObject({ rows: JOBS });
  });

  test('frees its connection and its place when the client goes away', async () => {
    const reader = openReader();
    await until('the first bytes', () => reader.bytes() > 0);
    reader.socket.destroy();
    await isFree();
    expect(await held()).toBe(0);
    expect(Number(reportsLogged('report cut off').at(-1)?.rows)).toBeLessThan(JOBS);
  });

  test('is cut off, not ended, when its reader takes nothing for as long as a statement may run', async () => {
    const began = performance.now();
    const cuts = reportsLogged('report cut off').length;
    const reader = openReader(false);
    await heldUp(1);
    await until('the end of patience', () => reportsLogged('report cut off').length > cuts);
    expect(performance.now() - began).toBeGreaterThan(PATIENCE_MS);
    await isFree();
    expect(await held()).toBe(0);
    // Only what fits on the way was ever read.
    expect(Number(reportsLogged('report cut off').at(-1)?.rows)).toBeLessThan(JOBS / 2);
    reader.socket.resume();
    expect((await reader.ended).isWhole).toBe(false);
  });

  test('is refused with 503 while two slow readers have theirs; everything else is served', async () => {
    const slow = [openReader(false), openReader(false)];
    await heldUp(2);
    const third = await accountant.get('/v1/reports/appointments.csv');
    expect([third.status, third.error.reason]).toEqual([503, 'database.busy']);
    expect(third.headers.get('retry-after')).toBe('5');
    expect((await accountant.get('/v1/appointments')).status).toBe(200);
    for (const { socket } of slow) socket.destroy();
    await isFree();
    expect((await accountant.get('/v1/reports/appointments.csv?to=2150-01-02')).status).toBe(200);
  });

  test('is never a short file: what fails on the way cuts the connection', async () => {
    const reader = openReader(false);
    await heldUp(1);
    const admin = connectDatabase(app.url);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`;
    await admin.end();
    reader.socket.resume();
    expect((await reader.ended).isWhole).toBe(false);
    await isFree();
  });

  test('is the usual failure when it fails before its first byte', async () => {
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const admin = connectDatabase(app.url);
    const holder = admin.begin(async (tx) => {
      await tx`lock table appointments in access exclusive mode`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const { status, error } = await accountant.get('/v1/reports/appointments.csv');
    release.resolve();
    await holder;
    await admin.end();
    expect([status, error.code]).toEqual([error.code, status]);
    expect(['database.busy', 'database.timeout']).toContain(error.reason);
    expect(inUse()).toBe(0);
  });
});
