import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../../src/cli/backup/tools.ts';
import { connect, withDatabase } from '../../helpers/connection.ts';
import { cloneDatabase } from '../../helpers/database.ts';
import { openPostgres } from '../../process/made-data.ts';
import { household, ROOT, type Started } from '../../process/started.ts';
import { contentOf } from './rows.ts';

setDefaultTimeout(180_000);

const { folder, start } = household();
const OLD = join(ROOT, 'node_modules/postgres-15/native');
const told = async (started: Started) => ({ code: await started.exit, said: started.said.join('\n') });

/** Debian's package postgresql-client has it; without it skipped with a word, but never where CI=true. */
const newest = await findTool('pg_dump', 15).then(
  ({ major }) => major,
  () => 0,
);
const dumping = (newest === 0 && process.env.CI !== 'true') || !existsSync(OLD) ? test.skip : test;
if (newest === 0)
  console.warn('skipped: there is no pg_dump here (Debian: apt-get install postgresql-client)');

describe('a backup of the database of DATABASE_URL', () => {
  dumping('comes back into an empty one with every row and the secrets, and into no other', async () => {
    const server = await openPostgres(join(folder(), 'data'), { binaries: OLD });
    const DATABASE_URL = server.url;
    const [from, to, place] = [folder(), folder(), folder()];
    const file = join(place, 'shop.tar.gz');
    expect(await start(['migrate'], { DATABASE_URL, DATA_DIR: from }).exit).toBe(0);
    const adding = ['staff', 'add', '--email', 'o@shop.test', '--name', 'Olga', '--role', 'owner'];
    expect(await start(adding, { DATABASE_URL, DATA_DIR: from }).exit).toBe(0);
    const secrets = JSON.stringify({ jwt: [{ kid: 'a', secret: 'x'.repeat(40) }] });
    await Bun.write(join(from, 'secrets.json'), secrets);
    const backup = await told(start(['backup', file], { DATABASE_URL, DATA_DIR: from }));
    expect(backup.code, backup.said).toBe(0);
    expect(readdirSync(place)).toEqual(['shop.tar.gz']);

    const full = await told(start(['restore', file], { DATABASE_URL, DATA_DIR: to }));
    expect(full).toEqual({
      code: 1,
      said: expect.stringMatching(/^The database of DATABASE_URL has tables/),
    });
    const embedded = await told(start(['restore', file], { DATA_DIR: join(to, 'data') }));
    expect(embedded).toEqual({ code: 1, said: expect.stringContaining('set DATABASE_URL to an empty one') });
    expect(readdirSync(to)).toEqual([]);

    const sql = connect(server.url);
    await sql`create database other`;
    await sql.end();
    const other = withDatabase(server.url, 'other');
    const restore = await told(start(['restore', file], { DATABASE_URL: other, DATA_DIR: to }));
    expect(restore.code, restore.said).toBe(0);
    const content = await contentOf(server.url);
    expect(content.staff).toStartWith('1 ');
    expect(await contentOf(other)).toEqual(content);
    expect(readFileSync(join(to, 'secrets.json'), 'utf8')).toBe(secrets);
    for (const { said } of [backup, full, restore]) expect(said).not.toContain(new URL(server.url).password);
    await server.stop();
  });

  test('needs a pg_dump that is at least as new as the server, and says which package brings it', async () => {
    await expect(findTool('pg_dump', 99)).rejects.toThrow(
      /^pg_dump 99 or newer is needed, and .*: install postgresql-client-99 \(.*\)\.$/,
    );
    const { url, drop } = await cloneDatabase();
    const place = folder();
    const backup = await told(
      start(['backup', join(place, 'a.tar.gz')], { DATABASE_URL: url, DATA_DIR: place }),
    );
    await drop();
    const refused = { code: 1, said: expect.stringMatching(/^pg_dump 18 or newer is needed, .*$/) };
    expect(backup).toEqual(newest >= 18 ? { code: 0, said: expect.stringContaining('backed up') } : refused);
  });

  test('says in one sentence that the database is away', async () => {
    const DATABASE_URL = 'postgres://shop:secret@127.0.0.1:1/shop';
    const file = join(folder(), 'a.tar.gz');
    const backup = await told(start(['backup', file], { DATABASE_URL, DATA_DIR: folder() }));
    expect(backup).toEqual({
      code: 1,
      said: expect.stringMatching(/^The database at 127\.0\.0\.1:1\/shop cannot/),
    });
    expect(existsSync(file)).toBe(false);
  });
});
