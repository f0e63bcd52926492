import { resolve } from 'node:path';
import { refuse } from '../../process/refusal.ts';

/** The one file that the words name; or the exit code, when they ask for help or mean nothing. */
export const readFileWord = (
  word: string,
  { help, say }: { help: string; say: (line: string) => void },
  [file, ...more]: readonly string[],
): { file: string } | { code: number } => {
  if (file !== undefined && ['--help', '-h', 'help'].includes(file)) {
    say(help);
    return { code: 0 };
  }
  if (file !== undefined && !file.startsWith('-') && more.length === 0) return { file: resolve(file) };
  say(`${word} takes the name of one file.\n\n${help}`);
  return { code: 2 };
};

/** Aborted by the first Ctrl-C or SIGTERM, so that nothing half-made is left. */
export const interruption = (): AbortSignal => {
  const controller = new AbortController();
  const interrupt = () => controller.abort(refuse('Stopped before the end: nothing was kept.'));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupt);
  return controller.signal;
};

const OF_THE_DISK = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EIO', 'EISDIR'];

/** What the disk refuses is told in one sentence; other faults keep their own. */
export const refuseDisk = (what: string, error: unknown): never => {
  if (!isOfTheDisk(error)) throw error;
  throw refuse(`${what}: ${error.message}`, error);
};

export const isOfTheDisk = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && OF_THE_DISK.includes(String(error.code));
