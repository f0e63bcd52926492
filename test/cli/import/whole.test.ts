import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestApp, testApp } from '../../helpers/app.ts';
import { connect } from '../../helpers/connection.ts';
import { aFolder, runImport, startImport, until } from './a-list.ts';

const lines = (count: number): string =>
  ['Name,Email', ...Array.from({ length: count }, (_, at) => `C ${at},c${at}@example.com`), ''].join('\n');

const countOf = async ({ sql }: TestApp): Promise<number> => {
  const [row] = await sql<{ count: number }>`select count(*)::integer as count from customers`;
  return row?.count ?? -1;
};

/** The connections of an import; one that was cut off still ends its statement. */
const isGone = async ({ sql }: TestApp): Promise<boolean> => {
  const rows = await sql`
    select 1 from pg_stat_activity where application_name = 'edgars-import' and datname = current_database()`;
  return rows.length === 0;
};

/** Somebody who has given this address to a new customer and has not committed yet: an import waits for them. */
const holding = async ({ url }: TestApp, email: string) => {
  const sql = connect(url);
  await sql`begin`;
  await sql`insert into customers (id, name, email) values (gen_random_uuid(), 'Somebody', ${email})`;
  return {
    commit: async () => {
      await sql`commit`;
      await sql.end();
    },
    rollback: async () => {
      await sql`rollback`;
      await sql.end();
    },
  };
};

/** Started, and waiting in the second batch with the first one done. */
const startHeld = async (shop: TestApp, path: string, env: Record<string, string> = {}) => {
  const holder = await holding(shop, 'c700@example.com');
  const child = startImport(shop.url, [path], env);
  let err = '';
  const told = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of child.stderr) err += decoder.decode(bytes, { stream: true });
  })();
  const progress = (): string[] => err.match(/^500 lines: .*$/gm) ?? [];
  await until(() => progress().length > 0);
  const ended = async () => {
    const [code, out] = await Promise.all([child.exited, new Response(child.stdout).text(), told]);
    return { code, out, err };
  };
  return { child, holder, progress, ended };
};

/** Ctrl-C, once, when the first lines are in. */
const interruptAtWork = async (url: string, path: string, env: Record<string, string> = {}) => {
  const child = startImport(url, [path], env);
  const decoder = new TextDecoder();
  let err = '';
  let isAsked = false;
  for await (const bytes of child.stderr) {
    err += decoder.decode(bytes, { stream: true });
    if (isAsked || !/^[1-9][\d,]* lines: /m.test(err)) continue;
    isAsked = true;
    child.kill('SIGINT');
  }
  const [code, out] = [await child.exited, await new Response(child.stdout).text()];
  return { code, out, last: err.trimEnd().split('\n').at(-1) };
};

describe('an import', () => {
  test('tells how far it is while it waits, and goes on when it can', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const path = lists.write('list.csv', lines(1_200));
    const { holder, progress, ended } = await startHeld(shop, path);
    await until(() => progress().length > 2);
    expect(progress()[0]).toBe('500 lines: 500 added, 0 known, 0 refused');
    await holder.rollback();
    const { code, out } = await ended();
    expect([code, out]).toEqual([0, expect.stringContaining('1,200 lines: 1,200 added')]);
  });

  test('knows the customer whom somebody added at the same moment', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const path = lists.write('list.csv', lines(1_200));
    const { holder, ended } = await startHeld(shop, path);
    await holder.commit();
    const { code, out } = await ended();
    expect([code, out]).toEqual([0, expect.stringContaining(': 1,199 added, 1 known, 0 refused')]);
    const known = lists.report('list.report.csv').filter(({ outcome }) => outcome === 'known');
    const rows = await shop.sql<{ id: string }>`select id from customers where name = 'Somebody'`;
    expect(known).toEqual([
      { line: 702, outcome: 'known', id: rows[0]?.id ?? '', message: 'known by its e-mail' },
    ]);
  });

  test('shows nobody a part of it, and lets no other import in meanwhile', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const path = lists.write('list.csv', lines(1_200));
    const { holder, ended } = await startHeld(shop, path);
    expect(await countOf(shop)).toBe(0);
    const other = await runImport(shop.url, [lists.write('other.csv', lines(1))]);
    expect([other.code, other.out]).toEqual([1, '']);
    expect(other.err).toEndWith('\nAnother import is under way. Start this one when it is done.\n');
    await holder.rollback();
    expect((await ended()).code).toBe(0);
    expect(lists.names()).toEqual(['list.csv', 'list.report.csv', 'other.csv']);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'that is ended by %s leaves nothing',
    async (signal) => {
      const [shop, lists, tmp] = [await testApp(), aFolder(), aFolder()];
      const path = lists.write('list.csv', lines(1_200));
      const { child, holder, ended } = await startHeld(shop, path, { TMPDIR: tmp.folder });
      child.kill(signal);
      // It waits for no lock, and nobody lets this one go before it has ended.
      const { code, out, err } = await ended();
      expect(out).toBe('');
      if (signal !== 'SIGKILL') {
        expect(code).toBe(130);
        expect(err).toEndWith('\nEnded before its end: nothing was kept.\n');
      }
      await holder.rollback();
      await until(() => isGone(shop));
      expect(await countOf(shop)).toBe(0);
      expect(await shop.sql`select 1 from journal where entity = 'customer'`).toEqual([]);
      expect([lists.names(), tmp.names()]).toEqual([['list.csv'], []]);
    },
  );

  test('that is interrupted at work ends at once and leaves nothing', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const ended = await interruptAtWork(shop.url, lists.write('list.csv', lines(60_000)));
    expect(ended).toEqual({ code: 130, out: '', last: 'Ended before its end: nothing was kept.' });
    await until(() => isGone(shop));
    expect([await countOf(shop), lists.names()]).toEqual([0, ['list.csv']]);
  });

  test('that is interrupted in its last batch keeps nothing either', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const { child, holder, ended } = await startHeld(shop, lists.write('list.csv', lines(800)));
    child.kill('SIGINT');
    await holder.rollback();
    const { code, out } = await ended();
    expect([code, out]).toEqual([130, '']);
    await until(() => isGone(shop));
    expect([await countOf(shop), lists.names()]).toEqual([0, ['list.csv']]);
  });

  test('of a file that breaks in the middle keeps nothing, and says where', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const broken = lists.write('quote.csv', `${lines(700)}"Open,x@example.com\n${lines(3)}`);
    const latin = lists.write(
      'latin.csv',
      Buffer.concat([Buffer.from(lines(9_000)), Buffer.from([0xe9, 0x0a])]),
    );
    for (const [path, sentence] of [
      [broken, 'Line 702 of quote.csv opens a quote that is never closed. Correct it and start again.'],
      [latin, 'Line 9002 of latin.csv is not UTF-8. Save the list as "CSV UTF-8" and start again.'],
    ] as const) {
      const { code, out, err } = await runImport(shop.url, [path]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toEndWith(`\n${sentence}\n`);
    }
    expect([await countOf(shop), lists.names()]).toEqual([0, ['latin.csv', 'quote.csv']]);
  });

  test('says so when all is in but the report cannot be put beside it', async () => {
    const [shop, lists] = [await testApp(), aFolder()];
    const path = lists.write('list.csv', lines(2));
    mkdirSync(join(lists.folder, 'list.report.csv'));
    const { code, err } = await runImport(shop.url, [path]);
    expect(code).toBe(1);
    expect(err).toContain('\nThe import is done, but its report cannot be written to ');
    expect([await countOf(shop), lists.names()]).toEqual([2, ['list.csv', 'list.report.csv']]);
  });
});

describe('bun run import', () => {
  test('--help is the outcome; words that mean nothing end with 2 and the usage', async () => {
    const help = await runImport('', ['--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toStartWith('Usage: bun run import <file.csv>');
    expect(help.out).toContain('customers: name, first_name, last_name, email,');
    const odd = await runImport('', ['a.csv', '--dryrun']);
    expect([odd.code, odd.out]).toEqual([2, '']);
    expect(odd.err).toContain('\nUsage: bun run import <file.csv>');
    const missing = await runImport('', ['nowhere.csv']);
    expect([missing.code, missing.err]).toEqual([2, 'There is no file nowhere.csv.\n']);
  });

  test('ends with 1 and a sentence for an empty file, or a database that cannot be reached', async () => {
    const lists = aFolder();
    const empty = await runImport('', [lists.write('empty.csv', '')]);
    expect([empty.code, empty.err]).toEqual([1, 'empty.csv is empty.\n']);
    const away = await runImport('postgres://shop:secret@127.0.0.1:1/shop', [lists.write('a.csv', lines(1))]);
    expect([away.code, away.out]).toEqual([1, '']);
    expect(away.err).toContain('\nThe database at 127.0.0.1:1/shop cannot be reached');
    expect(away.err).not.toContain('secret');
    expect(lists.names()).toEqual(['a.csv', 'empty.csv']);
  });
});

describe('with the embedded PostgreSQL', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  test('it works without a server, and leaves none behind', async () => {
    const lists = aFolder();
    const dataDir = mkdtempSync(join(tmpdir(), 'edgars-import-'));
    folders.push(dataDir);
    // PostgreSQL may run as another user: it must be able to pass through, or its data goes elsewhere.
    chmodSync(dataDir, 0o711);
    const env = { DATA_DIR: dataDir };
    const path = lists.write('list.csv', lines(3));
    for (const counts of ['3 added, 0 known', '0 added, 3 known']) {
      const { code, out } = await runImport('', [path], env);
      expect([code, out]).toEqual([0, expect.stringContaining(`3 lines: ${counts}, 0 refused`)]);
    }
    const long = lists.write('long.csv', lines(60_000));
    expect(await interruptAtWork('', long, env)).toMatchObject({ code: 130, out: '' });
    // The server that it had started for itself has ended too.
    const left = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
    expect([left.includes('postmaster.opts'), left.includes('postmaster.pid')]).toEqual([true, false]);
    expect((await runImport('', [path], env)).out).toStartWith('3 lines: 0 added, 3 known');
  });
});
