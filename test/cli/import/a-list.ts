import { afterAll } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dir, '../../../src/main.ts');

export type Run = { code: number; out: string; err: string };
export type Row = { line: number; outcome: string; id: string; message: string };

export interface Lists {
  folder: string;
  /** Writes the list and gives its path. */
  write(name: string, content: string | Uint8Array): string;
  names(): string[];
  /** The report beside a list. */
  report(name: string): Row[];
}

/** A folder of the test file's own, for its lists and their reports. */
export const aFolder = (): Lists => {
  const folder = mkdtempSync(join(tmpdir(), 'edgars-lists-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    names: () => readdirSync(folder).sort(),
    report: (name) => rowsOf(readFileSync(join(folder, name), 'utf8')),
  };
};

const rowsOf = (text: string): Row[] => {
  const [head, ...lines] = text.trimEnd().split('\n');
  if (head !== 'line,outcome,id,message') throw new Error(`not a report: ${head}`);
  return lines.map((row) => {
    const [, line, outcome = '', id = '', message = ''] = /^(\d+),(\w+),([^,]*),(.*)$/.exec(row) ?? [];
    const isQuoted = message.startsWith('"');
    return {
      line: Number(line),
      outcome,
      id,
      message: isQuoted ? message.slice(1, -1).replaceAll('""', '"') : message,
    };
  });
};

/** `bun run import …` as a process of its own, on that database. */
export const startImport = (url: string, words: readonly string[], env: Record<string, string> = {}) =>
  Bun.spawn([process.execPath, '--no-env-file', MAIN, 'import', ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', ...(url === '' ? {} : { DATABASE_URL: url }), ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });

export const runImport = async (
  url: string,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Run> => {
  const child = startImport(url, words, env);
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, out, err };
};

/** Looks again until it is so. */
export const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 50_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it never came to be');
    await Bun.sleep(20);
  }
};
