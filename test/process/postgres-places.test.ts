import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTraversable } from '../../src/process/embedded/home.ts';
import { findPostgres } from '../../src/process/postgres.ts';
import { madeData, openPostgres } from './made-data.ts';
import { household, ROOT } from './started.ts';
import { answerOf, refusalOf, starter, toldBy } from './starts.ts';

setDefaultTimeout(120_000);

const house = household();
const { folder, own } = house;
const made = madeData(house);

// Where the path does not suit a socket, it lies outside of it.
const socketOf = (url: string): string => new URL(url).searchParams.get('host') ?? '';

test('the embedded PostgreSQL runs in a path that is long and strange', async () => {
  const dataDir = join(folder(), `Edgar's "shop", van 2`, '100% #1 Tallér 車', 'long-'.repeat(20));
  const server = await openPostgres(dataDir);
  own(socketOf(server.url));
  expect(server.folder).toBe(join(dataDir, 'postgres'));
  expect(await answerOf(server.url, 'select 1')).toEqual([1]);
  expect(await findPostgres(dataDir)).toBe(server.url);
  await server.stop();
  const again = await openPostgres(dataDir);
  expect([again.created, again.url]).toEqual([false, server.url]);
  await again.stop();
});

const OLD = join(ROOT, 'node_modules/postgres-15/native');

describe('data that this PostgreSQL cannot serve', () => {
  test.skipIf(!existsSync(OLD))('of another major version is refused, and stays as it is', async () => {
    const dataDir = join(folder(), 'data');
    const old = await openPostgres(dataDir, { binaries: OLD });
    expect(old.version).toStartWith('15.');
    await old.stop();
    expect(await refusalOf(openPostgres(dataDir))).toMatch(
      /^Refusal: The data in \S+ was made by PostgreSQL 15, and this program brings 18: dump it with pg_dump .*$/,
    );
    const again = await openPostgres(dataDir, { binaries: OLD });
    expect(again.created).toBe(false);
    await again.stop();
  });

  test('for a fault in its settings is refused with the reason that it gives', async () => {
    const settings = join(made(), 'postgres/cluster/postgresql.conf');
    const good = readFileSync(settings, 'utf8');
    writeFileSync(settings, `${good}shared_buffers = lots\n`);
    const sentence = await refusalOf(openPostgres(made()));
    writeFileSync(settings, good);
    expect(sentence).toMatch(/^Refusal: The embedded PostgreSQL did not start: .+$/);
  });
});

const NOBODY = 65_534;
// initdb wants a user with a name: these two have one on every Linux.
const SOMEBODY = { uid: 1, gid: 1 };
const STRANGER = 2;
const isRoot = process.getuid?.() === 0;
const canBeAnother = isRoot && [ROOT, process.execPath].every((path) => isTraversable(path, SOMEBODY));
if (!canBeAnother)
  console.warn('skipped: only root, in a project that others may enter, can start it as other users');

const userOf = (pid: number): number =>
  Number(Bun.spawnSync(['ps', '-o', 'uid=', '-p', String(pid)]).stdout.toString());
const folderOf = (uid: number, mode = 0o755): string => {
  const made = join(folder(), 'home');
  mkdirSync(made);
  chownSync(made, uid, uid);
  chmodSync(made, mode);
  return made;
};

describe.skipIf(!canBeAnother)('the user of the embedded PostgreSQL', () => {
  test('is nobody when root starts it, and its password is for no other user', async () => {
    const server = await openPostgres(made());
    expect(userOf(server.pid)).toBe(NOBODY);
    const password = statSync(join(server.folder, 'cluster/shop.password'));
    expect([password.uid, password.mode & 0o777]).toEqual([NOBODY, 0o600]);
    await server.stop();
  });

  test("is the project's owner when root starts it, so that the owner can start it later, and no other", async () => {
    const dataDir = join(folderOf(SOMEBODY.uid), 'data');
    const server = await openPostgres(dataDir);
    expect(userOf(server.pid)).toBe(SOMEBODY.uid);
    expect(statSync(dataDir).uid).toBe(SOMEBODY.uid);
    await server.stop();
    const owner = await toldBy(starter(house, dataDir, SOMEBODY.uid));
    expect(owner.created).toBe(false);
    expect(userOf(owner.pid)).toBe(SOMEBODY.uid);
    const stranger = starter(house, dataDir, STRANGER);
    expect(await stranger.exit).toBe(1);
    expect(stranger.said.join('\n')).toMatch(
      new RegExp(
        `^Refusal: The database in .* belongs to user ${SOMEBODY.uid}: start as that user or as root`,
      ),
    );
  });

  test('is the owner of a data folder that was given away in a place of root', async () => {
    const dataDir = folderOf(SOMEBODY.uid);
    const server = await openPostgres(dataDir);
    expect(userOf(server.pid)).toBe(SOMEBODY.uid);
    await server.stop();
  });

  test('may not enter what root keeps closed: then the files are kept where it can', async () => {
    const dataDir = join(folderOf(0, 0o700), 'data');
    const said: string[] = [];
    const server = await openPostgres(dataDir, { say: (line) => said.push(line) });
    own(server.folder);
    expect(readFileSync(join(dataDir, 'postgres.path'), 'utf8').trim()).toBe(server.folder);
    expect(said).toEqual([
      `database files are kept in ${server.folder}: PostgreSQL does not run as root and cannot enter ${dataDir}`,
    ]);
    expect(userOf(server.pid)).toBe(NOBODY);
    await server.stop();
    const again = await openPostgres(dataDir);
    expect([again.created, again.folder]).toEqual([false, server.folder]);
    await again.stop();
  });
});
