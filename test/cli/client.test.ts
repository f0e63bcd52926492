import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testApp } from '../helpers/app.ts';

const ROOT = join(import.meta.dir, '../..');
const MODULES = join(ROOT, 'node_modules');
const folder = await mkdtemp(join(tmpdir(), 'edgars-client-'));
const app = await testApp();
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => app.app.fetch(request) });
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const TSCONFIG = {
  compilerOptions: {
    ...{ target: 'esnext', module: 'preserve', strict: true, noEmit: true, skipLibCheck: true },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ allowImportingTsExtensions: true, types: ['bun-types'] },
  },
};

const PROGRAM = `
import { createShopClient, type Schemas } from './client.ts';

let token: string | undefined;
const shop = createShopClient(process.env.SHOP_URL ?? '', { token: () => token });

const login = await shop.POST('/v1/auth/login', {
  body: { email: 'ida@example.com', password: process.env.PASSWORD ?? '' },
});
if (login.error) throw new Error(login.error.error.reason);
token = login.data.data.access_token;

const added = await shop.POST('/v1/customers', { body: { name: 'Ana Ruiz', email: 'ana@example.com' } });
if (added.error) throw new Error(added.error.error.message);
const customer: Schemas['Customer'] = added.data.data;

const booking = { customer_id: customer.id, starts_at: '2101-03-07T10:00:00-08:00' };
const header = { 'Idempotency-Key': 'one' };
const booked = await shop.POST('/v1/appointments', { body: booking, params: { header } });
const again = await shop.POST('/v1/appointments', { body: booking, params: { header } });

const query = { status: ['scheduled' as const, 'ready' as const], limit: 5 };
const jobs = await shop.GET('/v1/appointments', { params: { query } });
const profile = await shop.GET('/v1/customers/{id}/profile', { params: { path: { id: customer.id } } });
const nobody = await shop.GET('/v1/customers/{id}', { params: { path: { id: 'nobody' } } });
const reason = nobody.error?.error.reason;

console.log(
  JSON.stringify({
    who: login.data.data.staff.name,
    status: booked.data?.data.status,
    isOneJob: booked.data?.data.id === again.data?.data.id,
    jobs: jobs.data?.data.items.length,
    visits: profile.data?.data.appointments.items.map((job) => job.starts_at),
    reason,
  }),
);
`;

/** The README's second example, as pasted, but for the address, the login and the file's name. */
const README = await Bun.file(join(ROOT, 'README.md')).text();
const PASTED = (/```ts\n([^`]*)```/.exec(README)?.[1] ?? '')
  .replace('http://127.0.0.1:5000', server.url.origin)
  .replace('owner@shop.local', 'olga@example.com')
  .replace('./shop-client.ts', './client.ts');

/** Each line but the first two is wrong in one way. */
const WRONG = `import { createShopClient } from './client.ts';
const shop = createShopClient('');
await shop.POST('/v1/customers', { body: { nmae: 'Ana Ruiz', email: 'ana@example.com' } });
await shop.POST('/v1/customers', { body: { name: 7 } });
await shop.GET('/v1/customer');
await shop.GET('/v1/appointments', { params: { query: { status: ['done'] } } });
(await shop.GET('/v1/me')).data?.data.nmae;
`;

const run = async (command: string[], env: Record<string, string> = {}) => {
  const child = Bun.spawn(command, { cwd: folder, env: { ...process.env, ...env }, stderr: 'pipe' });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, stdout, stderr };
};

beforeAll(async () => {
  await symlink(MODULES, join(folder, 'node_modules'));
  await Bun.write(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await Bun.write(join(folder, 'program.ts'), PROGRAM);
  await Bun.write(join(folder, 'wrong.ts'), WRONG);
  await Bun.write(join(folder, 'pasted.ts'), PASTED);
});

describe('bun run client', () => {
  test('writes the client without a database or a server', async () => {
    const env = { DATABASE_URL: 'postgres://shop@127.0.0.1:1/none', DATA_DIR: join(folder, 'data') };
    const { code, stderr } = await run(
      [process.execPath, join(ROOT, 'src/main.ts'), 'client', 'client.ts'],
      env,
    );
    expect(stderr).toBe('wrote client.ts\n');
    expect(code).toBe(0);
  });

  test('its types let pass what the server takes, and refuse a wrong field, value, path and parameter', async () => {
    const { stdout } = await run([
      process.execPath,
      join(MODULES, '.bin/tsc'),
      '--pretty',
      'false',
      '-p',
      '.',
    ]);
    const lines = stdout
      .split('\n')
      .flatMap((line) => /^(\S+)\((\d+),/.exec(line)?.slice(1, 3).join(':') ?? []);
    expect([...new Set(lines)]).toEqual([
      'wrong.ts:3',
      'wrong.ts:4',
      'wrong.ts:5',
      'wrong.ts:6',
      'wrong.ts:7',
    ]);
  });

  test('logs in, books and reads the profile on a real server', async () => {
    const password = 'seven wet dogs on a bench';
    const ida = { email: 'ida@example.com', name: 'Ida Berg', role: 'advisor', password };
    expect((await (await app.as('owner')).post('/v1/staff', ida)).status).toBe(201);
    const env = { SHOP_URL: server.url.origin, PASSWORD: password };
    const { stdout, stderr } = await run([process.execPath, 'program.ts'], env);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      who: 'Ida Berg',
      status: 'scheduled',
      isOneJob: true,
      jobs: 1,
      visits: ['2101-03-07T18:00:00Z'],
      reason: 'customer.not_found',
    });
  });

  test("the README's example compiles and works as pasted", async () => {
    const password = 'nine wet dogs on a bench';
    const olga = { email: 'olga@example.com', name: 'Olga Berg', role: 'owner', password };
    expect((await (await app.as('owner')).post('/v1/staff', olga)).status).toBe(201);
    const { stdout, stderr } = await run([process.execPath, 'pasted.ts'], { PASSWORD: password });
    expect([stdout, stderr]).toEqual(['+16285550143 0\n', '']);
  });
});
