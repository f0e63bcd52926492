import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres } from '../../src/process/postgres.ts';
import { madeData, openPostgres } from './made-data.ts';
import { household, isRunning, kill, until } from './started.ts';
import { answerOf, starter, toldBy } from './starts.ts';

setDefaultTimeout(120_000);

const house = household();
const { folder } = house;
const made = madeData(house);
// The tests share a cluster: what one of them keeps must not be another's.
const keep = async (url: string): Promise<string> => {
  const table = `kept_${Bun.randomUUIDv7().replaceAll('-', '')}`;
  await answerOf(url, `create table ${table} as select 42 as answer`);
  return `select answer from ${table}`;
};

describe('the embedded PostgreSQL', () => {
  test('is made at the first start, and keeps its data and password from then on', async () => {
    const dataDir = join(folder(), 'data');
    const first = await openPostgres(dataDir);
    expect(first).toMatchObject({ created: true, adopted: false, folder: join(dataDir, 'postgres') });
    const kept = await keep(first.url);
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    const second = await openPostgres(dataDir);
    expect(second).toMatchObject({ created: false, adopted: false, url: first.url });
    expect(await answerOf(second.url, kept)).toEqual([42]);
    await second.stop();
  });

  test('gives the shop a role that is no superuser, and a database in UTC and UTF-8', async () => {
    const server = await openPostgres(made());
    const [user, isSuper, zone, encoding, sums] = await answerOf(
      server.url,
      `select current_user, (select rolsuper from pg_roles where rolname = current_user) as super,
        current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding,
        current_setting('data_checksums') as sums`,
    );
    expect([user, isSuper, zone, encoding, sums]).toEqual(['shop', false, 'UTC', 'UTF8', 'on']);
    expect(
      (await answerOf(server.adminUrl, 'select rolsuper from pg_roles where rolname = current_user'))[0],
    ).toBe(true);
    await server.stop();
  });

  test('listens on no network address, and its folder is for its user alone', async () => {
    const server = await openPostgres(made());
    expect(await answerOf(server.url, "select current_setting('listen_addresses')")).toEqual(['']);
    expect(statSync(server.folder).mode & 0o777).toBe(0o700);
    const password = new URL(server.url).password;
    const wrong = server.url.replace(password, 'guessed');
    expect(answerOf(wrong, 'select 1')).rejects.toThrow('password authentication failed');
    await server.stop();
  });

  test('is found by a command beside it while it runs, and only then', async () => {
    const dataDir = made();
    expect(await findPostgres(dataDir)).toBeUndefined();
    const server = await openPostgres(dataDir);
    expect(await findPostgres(dataDir)).toBe(server.url);
    await server.stop();
    expect(await findPostgres(dataDir)).toBeUndefined();
  });

  test('is adopted after a kill -9 of who started it', async () => {
    const dataDir = made();
    const parent = starter(house, dataDir);
    const left = await toldBy(parent);
    parent.signal('SIGKILL');
    await parent.exit;
    const server = await openPostgres(dataDir);
    expect(server).toMatchObject({ adopted: true, created: false, pid: left.pid, url: left.url });
    expect(await answerOf(server.url, 'select 1')).toEqual([1]);
    await server.stop();
    expect(isRunning(left.pid)).toBe(false);
  });

  test('starts again after a kill -9 of its main process, with every committed row', async () => {
    const dataDir = made();
    const server = await openPostgres(dataDir);
    const kept = await keep(server.url);
    kill(server.pid, 'SIGKILL');
    await server.exited;
    const again = await openPostgres(dataDir);
    expect(again.adopted).toBe(false);
    expect(again.pid).not.toBe(server.pid);
    expect(await answerOf(again.url, kept)).toEqual([42]);
    await again.stop();
  });

  test('starts again after a kill -9 of both', async () => {
    const dataDir = made();
    const parent = starter(house, dataDir);
    const left = await toldBy(parent);
    const kept = await keep(left.url);
    parent.signal('SIGKILL');
    kill(left.pid, 'SIGKILL');
    await until('their end', () => !isRunning(left.pid));
    const server = await openPostgres(dataDir);
    expect(server.adopted).toBe(false);
    expect(await answerOf(server.url, kept)).toEqual([42]);
    await server.stop();
  });

  // A dead child that its parent never collects keeps its process id: so do those of a container without an init.
  test.each([
    ['is another program now', 'echo $$; exec sleep 600'],
    ['is that of a process which ended and was never collected', 'sleep 0 & echo $!; exec sleep 600'],
  ])('starts again after a kill -9 when its old process id %s', async (_, script) => {
    const dataDir = made();
    const server = await openPostgres(dataDir);
    const path = join(server.folder, 'cluster/postmaster.pid');
    const lines = readFileSync(path, 'utf8').split('\n');
    kill(server.pid, 'SIGKILL');
    await server.exited;
    // PostgreSQL minds the processes of its own user alone.
    const { uid, gid } = statSync(join(server.folder, 'cluster'));
    const other = house.start([script], {}, { command: ['/bin/sh', '-c'], uid, gid, cwd: '/' });
    const pid = Number(await until('its process id', () => other.printed[0]));
    if (script.includes('&')) await until('its end', () => !isRunning(pid));
    writeFileSync(path, [pid, ...lines.slice(1)].join('\n'));
    const again = await openPostgres(dataDir);
    expect(again.adopted).toBe(false);
    expect(await answerOf(again.url, 'select 1')).toEqual([1]);
    await again.stop();
  });

  test('makes its data anew where a kill left half of it', async () => {
    const dataDir = join(folder(), 'data');
    const half = starter(house, dataDir);
    const home = join(dataDir, 'postgres');
    await until(
      'half a cluster',
      () => existsSync(home) && readdirSync(home).some((name) => existsSync(join(home, name, 'base'))),
    );
    half.signal('SIGKILL');
    await half.exit;
    const server = await openPostgres(dataDir);
    expect(server.created).toBe(true);
    expect(await answerOf(server.url, 'select 1')).toEqual([1]);
    await server.stop();
    await (await openPostgres(dataDir)).stop();
    expect(readdirSync(home).filter((name) => name.includes('making'))).toEqual([]);
  });

  test('belongs to one of two that start on the same new folder at once', async () => {
    const dataDir = join(folder(), 'data');
    const both = [starter(house, dataDir), starter(house, dataDir)];
    const loser = await Promise.race(both.map((one) => one.exit.then(() => one)));
    const [winner] = both.filter((one) => one !== loser);
    if (winner === undefined) throw new Error('neither was refused');
    expect(await loser.exit).toBe(1);
    expect(loser.said).toEqual([
      `Refusal: Another server is running on the data in ${dataDir}: stop it, or set DATA_DIR.`,
    ]);
    const { url, created } = await toldBy(winner);
    expect(created).toBe(true);
    expect(await answerOf(url, 'select 1')).toEqual([1]);
  });

  test('is refused to a second one while the first lives, and the first does not notice', async () => {
    const dataDir = made();
    const server = await openPostgres(dataDir);
    const second = starter(house, dataDir);
    expect(await second.exit).toBe(1);
    expect(second.said.join()).toContain('Another server is running on the data in');
    expect(await answerOf(server.url, 'select 1')).toEqual([1]);
    await server.stop();
  });
});
