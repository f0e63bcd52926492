import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ABOUT_FILE, LIST_FILE } from '../../../src/cli/backup/about.ts';
import { withProgress } from '../../../src/cli/backup/progress.ts';
import { readArchive } from '../../../src/cli/backup/read-archive.ts';
import { writeArchive } from '../../../src/cli/backup/write-archive.ts';
import { household } from '../../process/started.ts';

const { folder } = household();
const signal = new AbortController().signal;
const ABOUT = JSON.stringify({
  ...{ format: 1, kind: 'embedded', made_at: '2026-11-24T12:00:00Z', version: '0.1.0', postgres: 18 },
  has_secrets: false,
});
const DAMAGED = /is damaged, or no backup of this program: nothing of it was used\.$/;

const written = async (content: Buffer): Promise<string> => {
  const path = join(folder(), 'a.tar.gz');
  const source = join(folder(), 'source');
  writeFileSync(source, content);
  await writeArchive({ path, signal }, async (archive) => {
    await archive.addText(ABOUT_FILE, ABOUT);
    await archive.addFolder('cluster');
    await archive.addFile('cluster/PG_VERSION', source);
    await archive.addFile('cluster/gone', `${source}-gone`);
    await archive.addFolder('cluster/pg_wal');
    await archive.addText(LIST_FILE, JSON.stringify({ rows: { staff: 2 }, files: archive.files }));
  });
  return path;
};
const read = (path: string, to = folder()) => readArchive({ path, folder: to, identity: undefined, signal });
const faultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: Error) => error.message,
  );

/** An archive by hand, with a list that says what is in it. */
const byHand = async (
  entries: readonly (readonly [name: string, content: string])[],
  listed = entries,
): Promise<string> => {
  const tar = pack();
  const files = Object.fromEntries(
    listed.map(([name, content]) => [
      name,
      { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
    ]),
  );
  for (const [name, content] of entries) tar.entry({ name }, content);
  tar.entry({ name: LIST_FILE }, JSON.stringify({ rows: {}, files }));
  tar.finalize();
  const path = join(folder(), 'hand.tar.gz');
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  writeFileSync(path, gzipSync(Buffer.concat(chunks)));
  return path;
};

describe('an archive', () => {
  test('gives back every byte and folder, for its owner alone', async () => {
    const content = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
    const path = await written(content);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const to = folder();
    const { about, list } = await read(path, to);
    expect([about.kind, list.rows]).toEqual(['embedded', { staff: 2 }]);
    expect(readFileSync(join(to, 'cluster/PG_VERSION')).equals(content)).toBe(true);
    expect(readdirSync(join(to, 'cluster')).sort()).toEqual(['PG_VERSION', 'pg_wal']);
    expect(statSync(join(to, 'cluster')).mode & 0o777).toBe(0o700);
    expect(statSync(join(to, 'cluster/PG_VERSION')).mode & 0o777).toBe(0o600);
  });

  test('that was cut, changed by one byte, or is something else is refused in one sentence', async () => {
    const whole = readFileSync(await written(Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)))));
    const path = join(folder(), 'b.tar.gz');
    for (const share of [0.1, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      const changed = Buffer.from(whole);
      changed[cut.length] = (changed[cut.length] ?? 0) ^ 0x10;
      for (const bytes of [cut, changed]) {
        writeFileSync(path, bytes);
        expect(await faultOf(read(path))).toMatch(DAMAGED);
      }
    }
    for (const other of ['', 'a text', gzipSync('a text')]) {
      writeFileSync(path, other);
      expect(await faultOf(read(path))).toMatch(DAMAGED);
    }
  });

  test('with a file more, less or other than its list says is refused', async () => {
    const good = [
      [ABOUT_FILE, ABOUT],
      ['cluster/one', 'one'],
    ] as const;
    expect(await faultOf(read(await byHand(good)))).toBe('none');
    const [first, second] = good;
    expect(await faultOf(read(await byHand([second, first])))).toMatch(DAMAGED);
    for (const listed of [
      [first],
      [first, second, ['cluster/two', 'two'] as const],
      [first, ['cluster/one', 'onE'] as const],
    ]) {
      expect(await faultOf(read(await byHand(good, listed)))).toMatch(DAMAGED);
    }
    const named = (name: string) => byHand([first, [name, 'x']]);
    for (const name of ['cluster/../../evil', '../evil', '/tmp/evil', 'cluster/.hidden', 'other']) {
      const to = join(folder(), 'in');
      mkdirSync(to);
      expect(await faultOf(read(await named(name), to))).toMatch(DAMAGED);
      expect(existsSync(join(to, '../evil'))).toBe(false);
    }
    const twice = await byHand([first, ['cluster/one', 'one'], ['cluster/one', 'two']]);
    expect(await faultOf(read(twice))).not.toBe('none');
  });

  test('does not wait for ever for a disk that refuses', async () => {
    const path = join(folder(), 'missing', 'a.tar.gz');
    const fault = await faultOf(
      writeArchive({ path, signal }, async (archive) => {
        for (let at = 0; at < 50; at += 1) await archive.addText(`cluster/${at}`, 'x'.repeat(200_000));
      }),
    );
    expect(fault).toContain('ENOENT');
  });
});

test('a long work says again and again how far it is, and is quiet at its end', async () => {
  const said: string[] = [];
  const third = Promise.withResolvers<void>();
  const say = (line: string) => {
    if (said.push(line) === 3) third.resolve();
  };
  let at = 0;
  const line = () => `step ${at++}`;
  expect(await withProgress({ say, line, everyMs: 1 }, () => third.promise.then(() => 'done'))).toBe('done');
  const count = said.length;
  await Bun.sleep(20);
  expect(said.length).toBe(count);
  expect(said.slice(0, 3)).toEqual(['step 0', 'step 1', 'step 2']);
});
