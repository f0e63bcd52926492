import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './started.ts';

// What git does not keep is no part of a fresh copy.
const LEFT_OUT = new Set(['node_modules', '.git', '.data', '.bun', '.env']);

const tracked = (): string[] => {
  const listed = Bun.spawnSync(['git', 'ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  });
  if (listed.success) return listed.stdout.toString().trim().split('\n');
  return readdirSync(ROOT).filter((name) => !LEFT_OUT.has(name));
};

/** The project's own files in another folder, as a fresh clone has them, with the packages of this one. */
export const copyProject = (to: string): string => {
  mkdirSync(to, { recursive: true });
  for (const file of tracked().filter((path) => existsSync(join(ROOT, path)))) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(ROOT, file), join(to, file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
  return to;
};
