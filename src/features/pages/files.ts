import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of a page, with a hash of it as its tag. */
export type PageFile = { text: string; type: string; tag: string };

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const FOLDERS = ['both', 'book', 'board'];

const read = (name: string): PageFile => {
  const text = readFileSync(join(import.meta.dir, name), 'utf8');
  return {
    text,
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    tag: `"${Bun.hash(text).toString(36)}"`,
  };
};

/** "book/start.js" → the file. Read once, at the start: what is sent is what the program was started with. */
export const FILES: ReadonlyMap<string, PageFile> = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(join(import.meta.dir, folder)).map((name) => `${folder}/${name}`),
  ).map((name) => [name, read(name)]),
);
