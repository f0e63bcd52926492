import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import * as v from 'valibot';
import { give, type Identity } from '../../process/embedded/home.ts';
import { Refusal, refuse } from '../../process/refusal.ts';
import { ABOUT_FILE, type About, about, type FileList, fileList, LIST_FILE } from './about.ts';
import { isOfTheDisk } from './words.ts';

export type Reading = {
  path: string;
  /** An empty folder, which gets the files. */
  folder: string;
  /** Whose the files become. */
  identity: Identity;
  signal: AbortSignal;
  /** Called before anything else is written: throws where this archive is not wanted. */
  accept?: (about: About) => void;
  onBytes?: (bytes: number) => void;
};

export type Read = { about: About; list: FileList };

type Entry = Extract extends AsyncIterable<infer Found> ? Found : never;

// Nothing that could lead out of the folder.
const NAME = /^(?:(?:about|files|secrets)\.json|database\.dump|cluster(?:\/[\w+-][\w.+-]*)*\/?)$/;

/** Unpacks an archive and compares every file with the list in it. */
export const readArchive = async (reading: Reading): Promise<Read> => {
  const { path, signal } = reading;
  const tar = extract();
  try {
    const source = createReadStream(path);
    const fed = pipeline(source, createGunzip(), tar, { signal });
    const [read] = await Promise.all([unpack(tar, reading), fed]);
    return read;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Refusal || isOfTheDisk(error)) throw error;
    throw refuse(`${path} is damaged, or no backup of this program: nothing of it was used.`, error);
  }
};

const unpack = async (entries: AsyncIterable<Entry>, reading: Reading): Promise<Read> => {
  const found: FileList['files'] = {};
  let known: About | undefined;
  for await (const entry of entries) {
    const { name, type } = entry.header;
    if (!NAME.test(name) || (type !== 'file' && type !== 'directory')) throw new Error(`entry ${name}`);
    if (known === undefined && name !== ABOUT_FILE) throw new Error(`${name} comes first`);
    const path = join(reading.folder, name);
    if (type === 'directory') {
      await makeFolder(path, reading.identity);
      entry.resume();
      continue;
    }
    if (dirname(path) !== reading.folder) await makeFolder(dirname(path), reading.identity);
    found[name] = await unpackFile(entry, path, reading);
    if (name === ABOUT_FILE) {
      known = v.parse(about, JSON.parse(await readFile(path, 'utf8')));
      reading.accept?.(known);
    }
  }
  const list = v.parse(fileList, JSON.parse(await readFile(join(reading.folder, LIST_FILE), 'utf8')));
  delete found[LIST_FILE];
  if (known === undefined || !isSame(found, list.files))
    throw new Error('the files are not those of the list');
  return { about: known, list };
};

const makeFolder = async (path: string, identity: Identity): Promise<void> => {
  if (existsSync(path)) return;
  await makeFolder(dirname(path), identity);
  await mkdir(path, { mode: 0o700 });
  await give(path, identity);
};

// Without a flush of each: PostgreSQL makes its whole folder durable when it starts on such a copy.
const unpackFile = async (entry: AsyncIterable<unknown>, path: string, { identity, onBytes }: Reading) => {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured() {
    // Its streams hold bytes.
    for await (const chunk of entry as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes?.(chunk.length);
      yield chunk;
    }
  }
  await pipeline(measured, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  await give(path, identity);
  return { bytes, sha256: hash.digest('hex') };
};

const isSame = (found: FileList['files'], listed: FileList['files']): boolean => {
  const names = Object.keys(listed);
  return (
    names.length === Object.keys(found).length &&
    names.every(
      (name) => found[name]?.sha256 === listed[name]?.sha256 && found[name]?.bytes === listed[name]?.bytes,
    )
  );
};
