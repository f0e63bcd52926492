import { chmod, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dir, '../..');
const CLONED = [
  'README.md',
  'bun.lock',
  'bunfig.toml',
  'package.json',
  'src',
  'start.sh',
  'test',
  'tsconfig.json',
];

export interface Project {
  folder: string;
  /** What a shell on a machine without any settings has, and the bun that runs this test. */
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** What a fresh clone holds, in a folder of its own and without a .env; only the packages are ours. */
export const copyProject = async (): Promise<Project> => {
  await markPackages();
  const folder = await mkdtemp(join(tmpdir(), 'edgars-project-'));
  // PostgreSQL may run as another user: it must be able to pass through.
  await chmod(folder, 0o711);
  for (const name of CLONED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { HOME = folder, PATH = '' } = process.env;
  return {
    folder,
    env: { HOME, PATH: `${dirname(process.execPath)}:${PATH}`, NO_COLOR: '1' },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

// Without the mark that start.sh leaves in our packages, the copy's would install them anew through its link.
const markPackages = async (): Promise<void> => {
  const marking = Bun.spawn([join(ROOT, 'start.sh'), 'bun', '--version'], {
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const complaint = await marking.stderr.text();
  if ((await marking.exited) !== 0) throw new Error(complaint);
};
