import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { openPool } from '../../src/database/pool.ts';
import { newTrace } from '../../src/database/timing.ts';
import { createLog } from '../../src/observe/log.ts';
import { makeFirstOwner } from '../../src/process/first-owner.ts';
import { poolOptions } from '../../src/process/pool-options.ts';
import { login, OWNER_VARIABLES } from './requests.ts';
import { household, type Started } from './started.ts';
import { refusalOf } from './starts.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

const shop = async (variables: Record<string, string> = {}) => {
  const dataDir = folder();
  const url = await database();
  const config = readConfig({ DATA_DIR: dataDir, DATABASE_URL: url, DB_POOL_MIN: '0', ...variables });
  const pool = openPool(poolOptions(config, url, 'test'), createLog({ level: 'silent' }));
  ends.push(() => pool.close());
  const sql = pool.database(newTrace('test'));
  const make = (isTerminal = false): Promise<string> => makeFirstOwner(sql, config, { isTerminal });
  const staff = () => sql<{ email: string; role: string; name: string }>`select email, role, name from staff`;
  return { note: join(dataDir, 'first-owner'), dataDir, make, staff };
};
const loginWith = (address: string, email: string, password: string): Promise<Response> =>
  fetch(`${address}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });

describe('the first owner, without a terminal', () => {
  test('gets a random password in a note that only this user can read, and no line shows it', async () => {
    const { note, make, staff } = await shop();
    const line = await make();
    const [email = '', password = '', ...more] = readFileSync(note, 'utf8').split('\n');
    expect(statSync(note).mode & 0o777).toBe(0o600);
    expect(more).toEqual(['']);
    expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{24}$/);
    expect(line).toBe(`log in as ${email} with the password in ${note}`);
    expect(await staff()).toEqual([{ email: 'owner@shop.local', role: 'owner', name: 'Owner' }]);
    const other = await shop();
    await other.make();
    expect(readFileSync(other.note, 'utf8')).not.toContain(password);
  });

  test('has a note that replaces one which somebody else could read', async () => {
    const { note, make } = await shop();
    writeFileSync(note, 'of long ago', { mode: 0o644 });
    await make();
    expect(statSync(note).mode & 0o777).toBe(0o600);
    expect(readFileSync(note, 'utf8')).not.toContain('of long ago');
  });

  test('is not made when the note cannot be written: nobody would know the password', async () => {
    const { make, staff, dataDir } = await shop({ DATA_DIR: join(folder(), 'no such folder') });
    expect(await refusalOf(make())).toContain('ENOENT');
    expect(await staff()).toEqual([]);
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

describe('the first owner, on a terminal', () => {
  test('is shown the password once, and there is no note', async () => {
    const { note, make } = await shop();
    const line = await make(true);
    expect(line).toMatch(
      /^log in as owner@shop\.local with the password [a-km-zA-HJ-NP-Z2-9]{24} \(it is not shown again\)$/,
    );
    expect(existsSync(note)).toBe(false);
    expect(await make(true)).toBe('log in as a member of staff');
  });
});

describe('OWNER_EMAIL and OWNER_PASSWORD', () => {
  test.each([true, false])(
    'are taken, and the password is neither shown nor noted (terminal: %p)',
    async (isTerminal) => {
      const { note, make, staff } = await shop(OWNER_VARIABLES);
      expect(await make(isTerminal)).toBe(
        `log in as ${OWNER_VARIABLES.OWNER_EMAIL} with the password of OWNER_PASSWORD`,
      );
      expect(existsSync(note)).toBe(false);
      expect(await staff()).toMatchObject([{ email: OWNER_VARIABLES.OWNER_EMAIL, role: 'owner' }]);
    },
  );

  test.each([
    ['short', 'Tr0ub4dor&3'],
    ['often used', 'passwordpassword'],
    ['made of the address', 'owner@shop.local'],
  ])('refuse a password that is %s, and make nobody', async (_, OWNER_PASSWORD) => {
    const { make, staff } = await shop({ OWNER_PASSWORD });
    const sentence = await refusalOf(make());
    expect(sentence).toStartWith('Refusal: OWNER_PASSWORD is refused: ');
    expect(sentence).not.toContain(OWNER_PASSWORD);
    expect(await staff()).toEqual([]);
  });
});

test('of twenty starts at once, one makes the owner', async () => {
  const { make, staff, note } = await shop();
  const lines = await Promise.all(Array.from({ length: 20 }, () => make()));
  expect(await staff()).toHaveLength(1);
  const [, password = ''] = readFileSync(note, 'utf8').split('\n');
  expect(password).toHaveLength(24);
  expect(lines.filter((line) => line.includes('with the password in'))).toHaveLength(1);
});

describe('a server', () => {
  const outputOf = ({ said, printed }: Started): string => [...said, ...printed].join('\n');

  test('lets the first owner in with the note of its first start, also after a second one', async () => {
    const DATA_DIR = folder();
    const DATABASE_URL = await database();
    const first = serve({ DATA_DIR, DATABASE_URL });
    const address = await first.ready();
    const note = readFileSync(join(DATA_DIR, 'first-owner'), 'utf8');
    const [email = '', password = ''] = note.split('\n');
    await first.hears(/^ {2}log in as owner@shop\.local with the password in \S+\/first-owner$/);
    expect((await loginWith(address, email, password)).status).toBe(200);
    expect((await loginWith(address, email, `${password}x`)).status).toBe(401);
    expect(outputOf(first)).not.toContain(password);
    first.signal('SIGTERM');
    await first.exit;
    const second = serve({ DATA_DIR, DATABASE_URL, ...OWNER_VARIABLES });
    const again = await second.ready();
    await second.hears(/^ {2}log in as the first owner: see \S+\/first-owner$/);
    expect(readFileSync(join(DATA_DIR, 'first-owner'), 'utf8')).toBe(note);
    expect((await loginWith(again, email, password)).status).toBe(200);
    expect((await login(again)).status).toBe(401);
  });

  test('does not start with a weak OWNER_PASSWORD, and says what is wrong with it', async () => {
    const server = serve({
      DATA_DIR: folder(),
      DATABASE_URL: await database(),
      OWNER_PASSWORD: 'passwordpassword',
    });
    expect(await server.exit).toBe(1);
    expect(server.said.at(-1)).toMatch(/^OWNER_PASSWORD is refused: .+\.$/);
    expect(outputOf(server)).not.toContain('passwordpassword');
  });
});
