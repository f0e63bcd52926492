import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Data } from './helpers/app.ts';
import { copyProject, ownEverything } from './process/copy.ts';
import { freePort, household, ROOT, type Started } from './process/started.ts';

setDefaultTimeout(120_000);

const { folder, start } = household();
const START = { command: [join(ROOT, 'start.sh')] };
const run = (words: string[], variables: Record<string, string> = {}, options = {}): Started =>
  start(words, variables, { ...START, ...options });
const served = async (): Promise<Record<string, string>> => ({
  DATA_DIR: join(folder(), 'data'),
  HOST: '127.0.0.1',
  PORT: String(await freePort()),
  WORKERS: '2',
  DB_POOL_MAX: '4',
});
const callerOf =
  (address: string, token?: string) =>
  async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; data: Data; error: Data }> => {
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, ...JSON.parse(await answer.text()) };
  };
/** Logs in with what the note of the first start says. */
const enter = async (address: string, dataDir: string) => {
  const [email, password] = readFileSync(join(dataDir, 'first-owner'), 'utf8').split('\n');
  const { data } = await callerOf(address)('POST', '/v1/auth/login', { email, password });
  return callerOf(address, data.access_token);
};

// A copy uses the packages of this folder: they must be what the lock file names.
beforeAll(async () => {
  const installed = Bun.spawn([...START.command, 'bun', '--version'], {
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
    stdout: 'ignore',
    stderr: 'inherit',
  });
  expect(await installed.exited).toBe(0);
});

describe('./start.sh', () => {
  test('starts from nothing; the note lets in; a job is booked and read; SIGTERM ends it; it starts again', async () => {
    const variables = await served();
    const { DATA_DIR = '', PORT } = variables;
    const first = run([], variables);
    const address = await first.ready();
    await first.hears(/README/);
    expect(address).toBe(`http://127.0.0.1:${PORT}`);
    // Both depend on the machine.
    const own = first.said.filter((line) => !/^installing|tcp_migrate_req/.test(line));
    expect(own).toEqual([
      `secrets made (${DATA_DIR}/secrets.json)`,
      expect.stringMatching(/^tables are up to date \(\d+ migrations applied\)$/),
      expect.stringMatching(/^database ready \(embedded PostgreSQL 18\.\d+, .+\)$/),
      `ready: ${address} (on this address only)`,
      '  2 workers, at most 4 database connections each',
      expect.stringMatching(/^ {2}for the operator: /),
      `  log in as owner@shop.local with the password in ${DATA_DIR}/first-owner`,
      "  try: bun run demo, then the README's first booking",
    ]);
    const call = await enter(address, DATA_DIR);
    const { data: technician } = await call('POST', '/v1/technicians', { name: 'Maria Lopez' });
    const { data: customer } = await call('POST', '/v1/customers', {
      name: 'Sam Carter',
      phone: '(213) 555-0142',
    });
    const { data: vehicle } = await call('POST', '/v1/vehicles', {
      customer_id: customer.id,
      year: 2019,
      make: 'Honda',
      model: 'Civic',
    });
    const { data: services } = await call('GET', '/v1/services?category=Brakes&limit=1');
    const booking = {
      customer_id: customer.id,
      vehicle_id: vehicle.id,
      technician_id: technician.id,
      starts_at: new Date(Date.now() + 86_400_000).toISOString(),
      services: [{ service_id: services.items[0].id }],
    };
    const booked = await call('POST', '/v1/appointments', booking);
    expect(booked.status).toBe(201);
    const twice = await call('POST', '/v1/appointments', booking);
    expect([twice.status, twice.error.reason]).toEqual([409, 'appointment.slot_taken']);
    const profile = await call('GET', `/v1/customers/${customer.id}/profile`);
    expect(JSON.stringify(profile.data)).toContain(booked.data.id);

    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);
    expect(first.said.at(-1)).toBe('stopping: requests in flight are finished first');

    const second = run([], variables);
    expect(await second.ready()).toBe(address);
    await second.hears(/log in as the first owner: see/);
    const again = await enter(address, DATA_DIR);
    const kept = await again('GET', `/v1/appointments/${booked.data.id}`);
    expect(kept.data.customer_id).toBe(customer.id);
    second.signal('SIGINT');
    expect(await second.exit).toBe(0);
  });

  test('names the port that is busy, in one sentence', async () => {
    const variables = await served();
    const other = Bun.serve({
      hostname: '127.0.0.1',
      port: Number(variables.PORT),
      fetch: () => new Response(),
    });
    const server = run([], variables);
    expect(await server.exit).toBe(1);
    expect(server.said.at(-1)).toBe(
      `Port ${other.port} is in use by another program: stop it, or set PORT to another one.`,
    );
    expect(server.printed).toEqual([]);
    await other.stop(true);
  });

  test('names every bad variable at once, and starts nothing', async () => {
    const dataDir = join(folder(), 'data');
    const server = run([], {
      DATA_DIR: dataDir,
      PORT: '70000',
      WORKERS: 'many',
      LOG_LEVEL: 'loud',
      SHOP_TIMEZONE: 'Mars/Olympus',
      DATABASE_URL: 'mysql://shop:secret@db/shop',
      SHOP_NAME: '',
      OWNER_EMIAL: 'edgar@shop.test',
    });
    expect(await server.exit).toBe(1);
    const named = server.said.map((line) => line.split(' ')[0]);
    expect(named.sort()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'OWNER_EMIAL',
      'PORT',
      'SHOP_NAME',
      'SHOP_TIMEZONE',
      'WORKERS',
    ]);
    expect(server.said.join('\n')).toContain('was OWNER_EMAIL meant?');
    expect(server.said.join('\n')).not.toContain('secret');
    expect(server.printed).toEqual([]);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('names a database that cannot be reached, without its password', async () => {
    const port = await freePort();
    const variables = await served();
    const server = run([], { ...variables, DATABASE_URL: `postgres://shop:hidden@127.0.0.1:${port}/shop` });
    expect(await server.exit).toBe(1);
    const [fault = '', ...more] = server.said.filter((line) => !/secrets/.test(line));
    expect(fault).toMatch(
      new RegExp(`^The database at 127\\.0\\.0\\.1:${port}/shop cannot be reached: .*Check DATABASE_URL`),
    );
    expect(more).toEqual([]);
    expect(fault).not.toContain('hidden');
  });
});

describe('the words of ./start.sh', () => {
  test.each(['--help', '-h'])('%s shows how to use it', async (word) => {
    const help = run([word]);
    expect(await help.exit).toBe(0);
    expect(help.printed[0]).toBe('Usage: ./start.sh [word]');
    expect(help.printed.join('\n')).toContain('./start.sh test [files]');
    expect(help.said).toEqual([]);
  });

  test('help shows every word and every variable', async () => {
    const help = run(['help']);
    expect(await help.exit).toBe(0);
    const text = help.printed.join('\n');
    for (const word of ['serve', 'dev', 'demo', 'migrate', 'DATABASE_URL', 'DATA_DIR', 'OWNER_PASSWORD'])
      expect(text).toMatch(new RegExp(`^ {2}${word} `, 'm'));
    expect(text).not.toMatch(/^ {2}worker /m);
  });

  test.each([
    ['sevre', 'There is no word sevre: was serve meant? See ./start.sh --help.'],
    ['constructor', 'There is no word constructor. See ./start.sh --help.'],
  ])('an unknown one, %s, is answered with the nearest and ends with 2', async (word, sentence) => {
    const unknown = run([word]);
    expect(await unknown.exit).toBe(2);
    expect(unknown.said).toEqual([sentence]);
    expect(unknown.printed).toEqual([]);
  });

  test('it can be called from anywhere, by a link', async () => {
    const link = join(folder(), 'shop');
    symlinkSync(join(ROOT, 'start.sh'), link);
    const version = start(['bun', '--version'], {}, { command: [link], cwd: '/' });
    expect(await version.exit).toBe(0);
    expect(version.printed).toEqual([Bun.version]);
  });
});

describe('./start.sh test', () => {
  test('ends with the number of tests', async () => {
    const tests = run(['test', 'test/values/year.test.ts'], { TMPDIR: folder() });
    expect(await tests.exit).toBe(0);
    expect(tests.printed.at(-1)).toBe('1 passed, 0 failed');
  });

  test('counts what fails, what is skipped, and a file that cannot be read', async () => {
    const project = copyProject(join(folder(), 'project'));
    const file = join(project, 'test/values/made.test.ts');
    const inCopy = async (text: string): Promise<[number, string | undefined]> => {
      writeFileSync(file, text);
      const command = [join(project, 'start.sh')];
      const tests = run(['test', 'test/values/made.test.ts'], { TMPDIR: folder() }, { command, cwd: '/' });
      return [await tests.exit, tests.printed.at(-1)];
    };
    expect(
      await inCopy(`import { test } from 'bun:test';
        test('good', () => {}); test('bad', () => { throw new Error('no'); }); test.skip('none', () => {});`),
    ).toEqual([1, '1 passed, 1 failed, 1 skipped']);
    expect(await inCopy('const broken = ;')).toEqual([1, '0 passed, 1 failed']);
  });
});

describe('a copy of the project', () => {
  test('in a folder whose path has spaces starts as well, with its own .env and data', async () => {
    const project = copyProject(join(folder(), 'the van of Edgar'));
    const port = await freePort();
    writeFileSync(join(project, '.env'), `PORT=${port}\nHOST=127.0.0.1\nWORKERS=7\n`);
    const command = [join(project, 'start.sh')];
    const server = run([], { WORKERS: '1' }, { command, cwd: '/' });
    expect(await server.ready()).toBe(`http://127.0.0.1:${port}`);
    await server.hears(/^ {2}1 worker, /);
    const call = await enter(`http://127.0.0.1:${port}`, join(project, '.data'));
    expect((await call('GET', '/v1/me')).data.role).toBe('owner');
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  const isRoot = process.getuid?.() === 0;
  if (!isRoot) console.warn('skipped: only root can start a copy as an unprivileged user');
  test.skipIf(!isRoot)('starts for an unprivileged user, with a bun of its own', async () => {
    const user = { uid: 1, gid: 1 };
    const project = copyProject(join(folder(), 'a van'));
    ownEverything(project, user);
    const variables = { ...(await served()), DATA_DIR: '.data', PATH: '/usr/bin:/bin', HOME: project };
    const server = run([], variables, { command: [join(project, 'start.sh')], cwd: project, ...user });
    const address = await server.ready();
    const call = await enter(address, join(project, '.data'));
    expect((await call('GET', '/v1/me')).data.role).toBe('owner');
    for (const file of ['first-owner', 'secrets.json', 'postgres/cluster/PG_VERSION'])
      expect(statSync(join(project, '.data', file)).uid).toBe(user.uid);
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  });
});
