import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
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

const FOR_DEVELOPMENT =
  /^(?:typescript|@typescript|@biomejs|@types|undici-types|bun-types|postgres-\d+|\.bin)$/;

/** Makes a copy whole, with packages and a bun of its own, and gives it to that user. */
export const ownEverything = (project: string, { uid, gid }: { uid: number; gid: number }): void => {
  const packages = join(project, 'node_modules');
  rmSync(packages);
  mkdirSync(packages);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (FOR_DEVELOPMENT.test(name)) continue;
    copy(join(ROOT, 'node_modules', name), join(packages, name));
  }
  const bun = join(project, '.bun/node_modules/@oven/bun-here/bin/bun');
  mkdirSync(dirname(bun), { recursive: true });
  copy(process.execPath, bun);
  const given = Bun.spawnSync(['chown', '-R', `${uid}:${gid}`, project]);
  if (!given.success) throw new Error(given.stderr.toString());
};

const copy = (from: string, to: string): void => {
  const copied = Bun.spawnSync(['cp', '-a', from, to]);
  if (!copied.success) throw new Error(copied.stderr.toString());
};
