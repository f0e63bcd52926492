import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { FileList } from './about.ts';

export interface Archive {
  addFolder(name: string): Promise<void>;
  /** As long as the file is now; what is cut off it while we read is filled with zeros. One that is gone is left out. */
  addFile(name: string, path: string): Promise<void>;
  addText(name: string, text: string): Promise<void>;
  files: FileList['files'];
  /** Read so far. */
  bytes(): number;
}

type Written = { path: string; signal: AbortSignal };

const CHUNK_BYTES = 2 ** 18;
// Cheap, and most of what there is to win.
const GZIP_LEVEL = 3;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** A .tar.gz for its owner's eyes alone; when this returns it is on the disk. */
export const writeArchive = async <Result>(
  { path, signal }: Written,
  fill: (archive: Archive) => Promise<Result>,
): Promise<Result> => {
  const tar = pack();
  const written = pipeline(
    Readable.from(tar),
    createGzip({ level: GZIP_LEVEL }),
    createWriteStream(path, { mode: FILE_MODE, flags: 'wx', flush: true }),
  );
  // Thrown to whoever waits for the disk just then, and to the last line otherwise.
  const failed = written.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined);
  const files: FileList['files'] = {};
  let bytes = 0;

  const add = async (name: string, size: number, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    signal.throwIfAborted();
    const ended = Promise.withResolvers<void>();
    const entry = tar.entry({ name, size, mode: FILE_MODE }, (error) =>
      error ? ended.reject(error) : ended.resolve(),
    );
    ended.promise.catch(() => undefined);
    // What nobody listens to ends the process.
    entry.on('error', ended.reject);
    const hash = createHash('sha256');
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
      if (!entry.write(Buffer.from(chunk))) await Promise.race([drained(entry), failed]);
    }
    entry.end(undefined);
    await Promise.race([ended.promise, failed]);
    files[name] = { bytes: size, sha256: hash.digest('hex') };
  };

  const archive: Archive = {
    files,
    bytes: () => bytes,
    addFolder: async (name) => {
      const ended = Promise.withResolvers<void>();
      const entry = tar.entry({ name, type: 'directory', mode: FOLDER_MODE }, (error) =>
        error ? ended.reject(error) : ended.resolve(),
      );
      entry.on('error', ended.reject);
      await Promise.race([ended.promise, failed]);
    },
    addFile: async (name, path) => {
      const file = await openUnlessGone(path);
      if (file === undefined) return;
      try {
        const { size } = await file.stat();
        await add(name, size, chunksOf(file, size));
      } finally {
        await file.close();
      }
    },
    addText: async (name, text) => {
      const content = Buffer.from(text);
      await add(name, content.length, Readable.from([content]));
    },
  };
  try {
    const result = await fill(archive);
    tar.finalize();
    await written;
    return result;
  } catch (error) {
    tar.destroy(new Error('the archive was given up'));
    await written.catch(() => undefined);
    throw error;
  }
};

const drained = (entry: ReturnType<Pack['entry']>): Promise<void> =>
  new Promise((resolve) => entry.once('drain', resolve));

async function* chunksOf(file: FileHandle, size: number): AsyncIterable<Uint8Array> {
  for (let left = size; left > 0; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(left, CHUNK_BYTES)));
    const chunk = bytesRead === 0 ? buffer : buffer.subarray(0, bytesRead);
    yield chunk;
    left -= chunk.length;
  }
}

const openUnlessGone = (path: string): Promise<FileHandle | undefined> =>
  open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
