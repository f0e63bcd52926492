import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeReload } from '../../src/process/announce.ts';
import { connect } from '../helpers/connection.ts';
import { isAnswering, OWNER_VARIABLES } from './requests.ts';
import { freePort, household, kill } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve, start } = household();

describe('a start', () => {
  test('says each step in one line, in order, and on stdout nothing but the log', async () => {
    const DATA_DIR = folder();
    const DATABASE_URL = await database();
    const server = serve({ DATA_DIR, DATABASE_URL, WORKERS: '2', ...OWNER_VARIABLES });
    const address = await server.ready();
    await server.hears(/README/);
    expect(server.said).toEqual([
      `secrets made (${DATA_DIR}/secrets.json)`,
      expect.stringMatching(/^these secrets are for this machine only/),
      'tables are up to date',
      expect.stringMatching(/^database ready \(PostgreSQL 18\.\d+ at \S+\/clone_\w+\)$/),
      ...[describeReload()].filter((line) => line !== undefined),
      `ready: ${address} (on this address only)`,
      '  2 workers, at most 4 database connections each',
      expect.stringMatching(/^ {2}for the operator: http:\/\/127\.0\.0\.1:\d+\/status and \/metrics/),
      `  log in as ${OWNER_VARIABLES.OWNER_EMAIL} with the password of OWNER_PASSWORD`,
      "  try: bun run demo, then the README's first booking",
    ]);
    await server.workers(2);
    for (const line of server.printed) expect(JSON.parse(line)).toHaveProperty('message');
    const password = new URL(DATABASE_URL).password;
    for (const line of [...server.said, ...server.printed]) expect(line).not.toContain(password);
  });

  test('has as many workers as asked for, and each of them answers', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '3' });
    const address = await server.ready();
    const workers = await server.workers(3);
    expect(new Set(workers).size).toBe(3);
    for (const alone of workers) {
      for (const other of workers) if (other !== alone) kill(other, 'SIGSTOP');
      const tries = Array.from({ length: 60 }, async () => {
        if (!(await isAnswering(address))) throw new Error('nobody');
      });
      await Promise.any(tries).catch(() => expect.unreachable(`worker ${alone} does not answer`));
      for (const other of workers) kill(other, 'SIGCONT');
    }
  });

  test.skipIf(!existsSync('/proc/self/environ'))('shows no secret in what others can read', async () => {
    const JWT_SECRET = 'Zk3vR9mQx7Lw2Tn8Yb5Hc1Jd6Fg4Sp0A';
    const DATABASE_URL = await database();
    const server = serve({ DATA_DIR: folder(), DATABASE_URL, JWT_SECRET, ...OWNER_VARIABLES });
    await server.ready();
    const [worker] = await server.workers(1);
    const shown = ['environ', 'cmdline']
      .map((name) => readFileSync(`/proc/${worker}/${name}`, 'utf8'))
      .join();
    expect(shown).toContain('worker');
    for (const secret of [JWT_SECRET, DATABASE_URL, OWNER_VARIABLES.OWNER_PASSWORD])
      expect(shown).not.toContain(secret);
  });

  test('gives the workers smaller pools where the server has too few connections, and says so', async () => {
    const server = serve({
      DATA_DIR: folder(),
      DATABASE_URL: await database(),
      DB_POOL_MAX: '200',
      DB_POOL_MIN: '1',
      WORKERS: '2',
    });
    const warning = await server.hears(/^warning: /);
    expect(warning).toBe(
      'warning: 2 workers get 131 connections each instead of 200: the server allows 397 in all',
    );
    await server.hears(/2 workers, at most 131 database connections each/);
  });

  test('migrates an empty database, and a second start finds nothing to do', async () => {
    const DATABASE_URL = await database();
    const sql = connect(DATABASE_URL);
    await sql`drop schema public cascade`;
    await sql`create schema public`;
    await sql.end();
    const DATA_DIR = folder();
    const first = serve({ DATA_DIR, DATABASE_URL });
    await first.ready();
    expect(await first.hears(/^tables/)).toMatch(/^tables are up to date \(\d+ migrations applied\)$/);
    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);
    const second = serve({ DATA_DIR, DATABASE_URL });
    await second.ready();
    expect(await second.hears(/^tables/)).toBe('tables are up to date');
    expect(await second.hears(/^secrets/)).toBe(`secrets read (${DATA_DIR}/secrets.json)`);
  });
});

describe('a start that cannot go on', () => {
  test('ends with one sentence when the port is taken, before it touches the database', async () => {
    const other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
    const DATA_DIR = folder();
    const server = serve({ DATA_DIR, PORT: String(other.port) });
    expect(await server.exit).toBe(1);
    expect(server.said.at(-1)).toBe(
      `Port ${other.port} is in use by another program: stop it, or set PORT to another one.`,
    );
    expect(existsSync(join(DATA_DIR, 'postgres'))).toBe(false);
    await other.stop(true);
  });

  test('ends when its workers end before they are ready, with their reason', async () => {
    const DATABASE_URL = await database();
    const port = await freePort();
    const taken = await takenAfterProof(DATABASE_URL, port, () =>
      serve({
        DATA_DIR: folder(),
        DATABASE_URL,
        PORT: String(port),
        WORKERS: '2',
        DB_LOCK_TIMEOUT_MS: '60000',
      }),
    );
    expect(await taken.server.exit).toBe(1);
    expect(taken.server.said.at(-1)).toMatch(/^The workers end before they are ready: .*\d+/);
    expect(taken.server.said.filter((line) => line.startsWith('ready:'))).toEqual([]);
    await taken.free();
  });

  test('tells the reason of each end, not one of long ago', async () => {
    const DATABASE_URL = await database();
    const port = await freePort();
    const { server, free } = await takenAfterProof(DATABASE_URL, port, () =>
      serve({ DATA_DIR: folder(), DATABASE_URL, PORT: String(port), DB_LOCK_TIMEOUT_MS: '60000' }),
    );
    const first = await server.logs(/^a worker ended/);
    expect(first.reason).toMatch(/port/i);
    await free();
    await server.ready();
    const [worker = 0] = await server.workers(1);
    const ended = server.printed.filter((line) => line.includes('a worker ended')).length;
    kill(worker, 'SIGKILL');
    expect(await server.logs(/^a worker ended/, ended)).toMatchObject({
      pid: worker,
      reason: 'signal SIGKILL',
    });
  });

  test.each([
    ['names no user', 'postgres://127.0.0.1:9/shop', /must name a user/],
    [
      'has an unknown parameter',
      'postgres://a:pw@127.0.0.1:9/shop?sslmod=require',
      /unknown parameter "sslmod"/,
    ],
    [
      'leads nowhere',
      'postgres://a:pw@127.0.0.1:9/shop',
      /^The database at 127\.0\.0\.1:9\/shop cannot be reached: .*Check DATABASE_URL/,
    ],
  ])('ends with one sentence when DATABASE_URL %s', async (_, DATABASE_URL, sentence) => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL });
    expect(await server.exit).toBe(1);
    const [fault = '', ...more] = server.said.filter((line) => !/secrets/.test(line));
    expect(fault).toMatch(sentence);
    expect(fault).not.toContain('pw@');
    expect(more).toEqual([]);
  });

  test('of a worker alone is refused', async () => {
    const worker = start(['worker'], { DATA_DIR: folder() });
    expect(await worker.exit).toBe(1);
    expect(worker.said).toEqual(['A worker is started by its supervisor: run ./start.sh instead.']);
  });
});

/** Somebody takes the port between the proof that it is free and the first worker. */
const takenAfterProof = async (url: string, port: number, begin: () => ReturnType<typeof serve>) => {
  const sql = connect(url);
  const locked = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const held = sql.begin(async (tx) => {
    // The first owner is made after the proof and before the workers.
    await tx`lock table staff in access exclusive mode`;
    locked.resolve();
    await taken.promise;
  });
  await locked.promise;
  const server = begin();
  await server.hears(/^database ready/);
  const other = Bun.serve({ hostname: '127.0.0.1', port, reusePort: false, fetch: () => new Response() });
  taken.resolve();
  await held;
  await sql.end();
  return { server, free: () => other.stop(true) };
};
