/** `bun run drill`: every drill at full length, and what it saw as one table. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figures.ts';

const known = readdirSync(import.meta.dir)
  .flatMap((name) => /^(.+)\.drill\.ts$/.exec(name)?.[1] ?? [])
  .sort();

const HELP = `bun run drill [${known.join('] [')}] …
breaks a real server in every way of test/drills, and of those of test/process that hold a number, at full length (about
an hour, ten minutes of it the soak), and prints what it saw as one table. As root on Linux it runs in a network namespace of its own with
net.ipv4.tcp_migrate_req=1, so that rolls lose no request; elsewhere that is said.
  --short   as in a build: each drill as short as can be, without those that cannot be short`;

const words = process.argv.slice(2);
if (words.some((word) => ['--help', '-h'].includes(word))) {
  console.log(HELP);
  process.exit(0);
}

const isShort = words.includes('--short');
const folder = mkdtempSync(join(tmpdir(), 'edgars-drill-'));
// PostgreSQL may run as another user: it must be able to pass through.
chmodSync(folder, 0o711);
const figures = join(folder, 'figures');
const named = words.filter((word) => !word.startsWith('-'));
const filesIn = (folder: string, end: string): string[] =>
  readdirSync(join(import.meta.dir, '..', folder))
    .filter((name) => name.endsWith(end) && (named.length === 0 || named.includes(name.split('.')[0] ?? '')))
    .map((name) => `./test/${folder}/${name}`);
// They stand apart from the suite: each takes its time, and the machine for itself.
const drills = filesIn('drills', '.drill.ts');
// What a test of the suite proves already is not written twice: it notes its figure, under a name like "R3: …".
// In short that is as long as there: it is left to the suite.
const proofs = isShort
  ? []
  : filesIn('process', '.test.ts').filter((path) => readFileSync(path, 'utf8').includes('figure('));
const runs = [drills, proofs.length === 0 ? [] : ['--test-name-pattern=(^| )(R\\d+|start): ', ...proofs]];

/** A namespace has no route out, and its mounts end with it: whatever a drill does stays inside. */
const inNamespace = (command: string[]): string[] => {
  const canUnshare = process.getuid?.() === 0 && Bun.which('unshare') !== null && Bun.which('ip') !== null;
  if (!canUnshare) {
    console.error('no network namespace (root, unshare and ip are needed): rolls may lose a request');
    return command;
  }
  const setUp =
    'ip link set lo up; sysctl -qw net.ipv4.tcp_migrate_req=1 || true; DRILL_NAMESPACE=own exec "$@"';
  return ['unshare', '-n', '-m', 'sh', '-c', setUp, 'sh', ...command];
};

let code = 0;
for (const run of runs.filter(({ length }) => length > 0)) {
  const child = Bun.spawn(inNamespace([process.execPath, 'test', '--timeout=600000', ...run]), {
    env: {
      ...process.env,
      DRILL: isShort ? 'short' : 'long',
      DRILL_FIGURES: figures,
      DRILL_DATA: join(folder, 'data'),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  code = Math.max(code, await child.exited);
}

const rows: Figure[] = existsSync(figures)
  ? readFileSync(figures, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
console.log('\n| drill | what | seen | promise |\n| --- | --- | --- | --- |');
for (const { drill, what, seen, promise } of rows)
  console.log(`| ${drill} | ${what} | ${seen} | ${promise} |`);
rmSync(folder, { recursive: true, force: true });
process.exit(code);
