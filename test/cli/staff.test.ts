import { afterAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aPerson, logIn, me, PASSWORD } from '../features/auth/people.ts';
import { testApp } from '../helpers/app.ts';
import { makeDataDir } from '../helpers/data-dir.ts';

const ROOT = join(import.meta.dir, '../..');
const MAIN = join(ROOT, 'src/main.ts');
const NEW_PASSWORD = 'eleven green bottles on a wall';
const PATIENCE_MS = 120_000;

type Env = Record<string, string>;

const spawn = (words: readonly string[], env: Env) =>
  Bun.spawn([process.execPath, '--no-env-file', MAIN, ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });

const staff = async (words: readonly string[], env: Env = {}) => {
  const child = spawn(['staff', ...words], { DATABASE_URL: shop.url, ...env });
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, out, err };
};

const adding = (email: string, role = 'advisor'): string[] => [
  ...['add', '--email', email, '--name', 'Ida Berg', '--role', role],
];
const shownIn = (out: string): string => /^password: (\S+) \(it is not shown again\)$/m.exec(out)?.[1] ?? '';

const shop = await testApp({ env: { SHOP_NAME: 'Wheels and More' } });
await aPerson(shop, { email: 'owner@shop.test', name: 'Olga', role: 'owner' });

describe('staff add', () => {
  test('makes an account that can log in, with a password that is shown once', async () => {
    const { code, out, err } = await staff(adding('ida@shop.test'));
    expect([code, err]).toEqual([0, '']);
    expect(out).toStartWith('added ida@shop.test (advisor)\n');
    const { status, data } = await logIn(shop, { email: 'ida@shop.test', password: shownIn(out) });
    expect([status, data.staff.role, data.staff.name]).toEqual([200, 'advisor', 'Ida Berg']);
  });

  test('takes the password of STAFF_PASSWORD, and does not show it', async () => {
    const { code, out, err } = await staff(adding('own@shop.test'), { STAFF_PASSWORD: NEW_PASSWORD });
    expect([code, out, err]).toEqual([0, 'added own@shop.test (advisor)\n', '']);
    expect((await logIn(shop, { email: 'own@shop.test', password: NEW_PASSWORD })).status).toBe(200);
  });

  test('ends with 1 and one sentence for an address that is taken, or a password that is weak', async () => {
    const taken = await staff(adding('OWNER@shop.test'));
    expect([taken.code, taken.out]).toEqual([1, '']);
    expect(taken.err).toMatch(/^Another member of the staff has this e-mail address\..*\n$/);
    for (const weak of ['short', 'my wheels and more']) {
      const { code, out, err } = await staff(adding('weak@shop.test'), { STAFF_PASSWORD: weak });
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/^The password .*\n$/);
      expect(err).not.toContain(weak);
    }
    expect(await shop.sql`select 1 from staff where email = 'weak@shop.test'`).toEqual([]);
  });

  test('of two at once with one address one is added', async () => {
    const two = await Promise.all([staff(adding('twice@shop.test')), staff(adding('twice@shop.test'))]);
    expect(two.map(({ code }) => code).sort()).toEqual([0, 1]);
  });

  test('in a shop without anybody the first one is an owner', async () => {
    const empty = await testApp();
    const refused = await staff(adding('a@shop.test'), { DATABASE_URL: empty.url });
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toStartWith('There is no owner yet.');
    expect((await staff(adding('a@shop.test', 'owner'), { DATABASE_URL: empty.url })).code).toBe(0);
    expect((await staff(adding('b@shop.test'), { DATABASE_URL: empty.url })).code).toBe(0);
  });
});

describe('staff list', () => {
  test('shows everybody by name, with role, and who is not active', async () => {
    const other = await testApp();
    await aPerson(other, { email: 'zoe@shop.test', name: 'Zoë Long-Name', role: 'technician' });
    const gone = await aPerson(other, { email: 'al@shop.test', name: 'Al', role: 'accountant' });
    await other.sql`update staff set is_active = false where id = ${gone.id}`;
    const { code, out, err } = await staff(['list'], { DATABASE_URL: other.url });
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      'al@shop.test   Al             accountant (not active)\nzoe@shop.test  Zoë Long-Name  technician\n',
    );
  });
});

describe('staff password', () => {
  test('gives a new password and ends every session; the journal does not tell the password', async () => {
    const person = await aPerson(shop);
    const session = (await logIn(shop, person)).data;
    const { code, out } = await staff(['password', person.email.toUpperCase()]);
    expect(code).toBe(0);
    expect(out).toStartWith(`changed the password of ${person.email}\n`);
    const password = shownIn(out);
    expect((await logIn(shop, person)).status).toBe(401);
    expect((await me(shop, session.access_token)).status).toBe(401);
    expect((await logIn(shop, { email: person.email, password })).status).toBe(200);
    const [row] = await shop.sql<{ changes: unknown }>`
      select changes from journal where entity_id = ${person.id} order by at desc limit 1`;
    expect(row?.changes).toEqual({ password: { from: null, to: 'changed' } });
  });

  test('takes the password of STAFF_PASSWORD, and judges it as every other', async () => {
    const person = await aPerson(shop, { name: 'Gwendolyn Fairweather' });
    const weak = await staff(['password', person.email], { STAFF_PASSWORD: 'gwendolynfairweather' });
    expect([weak.code, weak.out]).toEqual([1, '']);
    expect((await logIn(shop, { ...person, password: PASSWORD })).status).toBe(200);
    const done = await staff(['password', person.email], { STAFF_PASSWORD: NEW_PASSWORD });
    expect([done.code, done.out]).toEqual([0, `changed the password of ${person.email}\n`]);
    expect((await logIn(shop, { ...person, password: NEW_PASSWORD })).status).toBe(200);
  });

  test('ends with 1 for an address that nobody has, and says of an account that it is not active', async () => {
    const nobody = await staff(['password', 'nobody@shop.test']);
    expect([nobody.code, nobody.out]).toEqual([1, '']);
    expect(nobody.err).toStartWith('Nobody of the staff has the address nobody@shop.test.');
    const person = await aPerson(shop);
    await shop.sql`update staff set is_active = false where id = ${person.id}`;
    expect((await staff(['password', person.email])).out).toContain('whose account is not active');
  });
});

describe('staff', () => {
  test('--help is the outcome; words that mean nothing end with 2 and the usage', async () => {
    const help = await staff(['--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toStartWith('Usage: bun run staff add');
    const odd = await staff(['ad']);
    expect([odd.code, odd.out]).toEqual([2, '']);
    expect(odd.err).toContain('was add meant?');
    expect(odd.err).toContain('Usage: bun run staff add');
  });

  test('ends with 1 and a sentence when the database cannot be reached', async () => {
    const { code, out, err } = await staff(['list'], {
      DATABASE_URL: 'postgres://shop:secret@127.0.0.1:1/shop',
    });
    expect([code, out]).toEqual([1, '']);
    expect(err).toStartWith('The database at 127.0.0.1:1/shop cannot be reached');
    expect(err).not.toContain('secret');
  });
});

describe('with the embedded PostgreSQL', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  test(
    'staff works without a server, and beside one',
    async () => {
      const dataDir = await makeDataDir('staff');
      folders.push(dataDir);
      const env = { DATA_DIR: dataDir, STAFF_PASSWORD: NEW_PASSWORD };
      const run = async (words: readonly string[]) => {
        const child = spawn(['staff', ...words], env);
        return { code: await child.exited, out: await new Response(child.stdout).text() };
      };
      expect(await run(adding('olga@shop.test', 'owner'))).toEqual({
        code: 0,
        out: 'added olga@shop.test (owner)\n',
      });

      const server = spawn([], {
        ...env,
        HOST: '127.0.0.1',
        PORT: '0',
        ADMIN_PORT: '0',
        WORKERS: '1',
        LOG_LEVEL: 'silent',
      });
      try {
        const address = await addressOf(server.stderr);
        expect(await run(adding('ida@shop.test'))).toEqual({
          code: 0,
          out: 'added ida@shop.test (advisor)\n',
        });
        const response = await fetch(`${address}/v1/auth/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email: 'ida@shop.test', password: NEW_PASSWORD }),
        });
        expect(response.status).toBe(200);
        const { out } = await run(['list']);
        expect(out.split('\n').filter((line) => line !== '')).toHaveLength(2);
      } finally {
        server.kill('SIGTERM');
        await server.exited;
      }
    },
    PATIENCE_MS,
  );
});

/** Reads on until the server says where it is. */
const addressOf = async (stderr: ReadableStream<Uint8Array>): Promise<string> => {
  let told = '';
  const decoder = new TextDecoder();
  for await (const bytes of stderr) {
    told += decoder.decode(bytes, { stream: true });
    const address = /ready: (http:\S+)/.exec(told)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`the server did not start: ${told}`);
};
