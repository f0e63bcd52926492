import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDatabase } from '../helpers/database.ts';
import { copyProject } from '../process/copy.ts';
import { isAnswering, OWNER_VARIABLES } from '../process/requests.ts';
import { freePort, household, ROOT, type Started } from '../process/started.ts';
import { answerOf } from '../process/starts.ts';
import { figure, ms } from './figures.ts';
import { scaled } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();
const { folder, database, serve } = house;

const MIGRATIONS = readdirSync(join(ROOT, 'src/database/migrations')).filter((name) => name.endsWith('.sql'));
const SMALL = { DB_POOL_MAX: '2', DB_POOL_MIN: '1', ...OWNER_VARIABLES };

/** What a start came to: its address, or the sentence with which it ended. */
const outcomeOf = async (
  server: Started,
): Promise<{ address?: string; sentence?: string; code?: number }> => {
  const ended = server.exit.then((code) => ({ code, sentence: server.said.at(-1) ?? '' }));
  const ready = server.ready().then((address) => ({ address }));
  ready.catch(() => undefined);
  return Promise.race([ready, ended]);
};

test('start: many at once on one empty database: each serves, with one set of migrations and one owner', async () => {
  const empty = await emptyDatabase();
  const began = performance.now();
  const servers = Array.from({ length: scaled(20, 5) }, () =>
    serve({ DATA_DIR: folder(), DATABASE_URL: empty.url, ...SMALL }),
  );
  const outcomes = await Promise.all(servers.map(outcomeOf));
  const tookMs = performance.now() - began;
  const serving = await Promise.all(outcomes.map(({ address = '' }) => isAnswering(address)));
  const applied = servers.map(({ said }) => Number(/\((\d+) migrations/.exec(said.join('\n'))?.[1] ?? 0));
  const rows = await answerOf(
    empty.url,
    `select (select count(*)::int4 from migrations) as migrations, (select count(*)::int4 from staff) as owners,
      (select count(*)::int4 from settings) as settings`,
  );
  figure(
    'start',
    `of ${servers.length} at once on an empty database, serving`,
    `${serving.filter(Boolean).length}, the last after ${ms(tookMs)}`,
    `${servers.length}`,
  );
  figure(
    'start',
    'migrations applied, by all of them',
    applied.reduce((sum, one) => sum + one, 0),
    `${MIGRATIONS.length}`,
  );
  figure('start', 'owners', String(rows[1]), '1');
  expect(outcomes.filter(({ address }) => address === undefined)).toEqual([]);
  expect(serving).not.toContain(false);
  expect(rows).toEqual([MIGRATIONS.length, 1, 1]);
  expect(applied.reduce((sum, one) => sum + one, 0)).toBe(MIGRATIONS.length);
  for (const server of servers) server.signal('SIGTERM');
  await Promise.all(servers.map(({ exit }) => exit));
  await empty.drop();
});

test('start: several at once on one port: exactly one serves, the others end with one sentence', async () => {
  const PORT = String(await freePort());
  const DATABASE_URL = await database();
  const servers = Array.from({ length: 4 }, () =>
    serve({ DATA_DIR: folder(), DATABASE_URL, PORT, ...SMALL }),
  );
  const outcomes = await Promise.all(servers.map(outcomeOf));
  const refused = outcomes.filter(({ address }) => address === undefined);
  figure('start', 'of 4 at once on one port, serving', outcomes.length - refused.length, '1');
  const sentence = `Port ${PORT} is in use by another program: stop it, or set PORT to another one.`;
  expect(refused).toEqual(Array.from({ length: 3 }, () => ({ code: 1, sentence })));
});

test('start: with a migration that fails: nothing of it is kept, and the old version serves on', async () => {
  const DATABASE_URL = await database();
  const old = serve({ DATA_DIR: folder(), DATABASE_URL, ...SMALL });
  const address = await old.ready();
  const project = copyProject(folder());
  const file = `${String(MIGRATIONS.length + 1).padStart(4, '0')}-half.sql`;
  writeFileSync(
    join(project, 'src/database/migrations', file),
    'create table half (id integer);\nselect nothing from nowhere;\n',
  );
  const next = serve({ DATA_DIR: folder(), DATABASE_URL, ...SMALL }, { cwd: project });
  const { code, sentence } = await outcomeOf(next);
  const kept = await answerOf(
    DATABASE_URL,
    `select to_regclass('half') is not null, (select count(*)::int4 from migrations where name = '${file}')`,
  );
  figure('start', 'with a migration that fails', sentence ?? 'it serves', 'one sentence, exit 1');
  expect(code).toBe(1);
  expect(sentence).toContain(file);
  expect(sentence).toMatch(/nowhere/);
  expect(kept).toEqual([false, 0]);
  expect(await isAnswering(address)).toBe(true);
});

// Modes say nothing to root, so the folder is mounted anew, read-only, where only this start sees it.
const canMount =
  process.platform === 'linux' && Bun.spawnSync(['unshare', '-m', 'mount', '--bind', '/tmp', '/tmp']).success;
if (!canMount) console.warn('skipped: a read-only DATA_DIR needs root and mount namespaces');

test.skipIf(!canMount)('start: with a read-only DATA_DIR it ends with one sentence', async () => {
  for (const isEmpty of scaled([true, false], [true])) {
    const DATA_DIR = folder();
    if (!isEmpty) {
      const first = serve({ DATA_DIR, ...SMALL });
      await first.ready();
      first.signal('SIGTERM');
      await first.exit;
    }
    const mounted =
      'mount --bind "$DATA_DIR" "$DATA_DIR" && mount -o remount,ro,bind "$DATA_DIR" && exec "$@"';
    const program = [process.execPath, '--no-env-file', 'src/main.ts'];
    const server = serve(
      { DATA_DIR, ...SMALL },
      { command: ['unshare', '-m', 'sh', '-c', mounted, 'sh', ...program] },
    );
    const { code, sentence } = await outcomeOf(server);
    figure(
      'start',
      `with a read-only DATA_DIR, ${isEmpty ? 'empty' : 'with data'}`,
      sentence ?? 'it serves',
      'one sentence, exit 1',
    );
    expect(code).toBe(1);
    expect(server.said).toEqual([
      `DATA_DIR ${DATA_DIR} cannot be written to (its file system is read-only): give the right to write there, or set DATA_DIR.`,
    ]);
  }
});
