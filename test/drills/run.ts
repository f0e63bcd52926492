/** `bun run drill`: every drill at full length, and what it saw as one table. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figures.ts';

const HELP = `bun run drill [workers] [database] [races] [boxes] breaks a real server in every way of test/drills, at full length
(about 15 minutes), and prints what it saw as one table. As root on Linux it runs in a network namespace of its own with
net.ipv4.tcp_migrate_req=1, so that rolls lose no request; elsewhere that is said.
  --short   each drill as short as in the test suite`;

const words = process.argv.slice(2);
if (words.some((word) => ['--help', '-h'].includes(word))) {
  console.log(HELP);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'edgars-drill-'));
const figures = join(folder, 'figures');
const named = words.filter((word) => !word.startsWith('-'));
const files = readdirSync(import.meta.dir)
  .filter(
    (name) => name.endsWith('.drill.ts') && (named.length === 0 || named.includes(name.split('.')[0] ?? '')),
  )
  .map((name) => `./test/drills/${name}`);
// They stand apart from the suite: each takes its time, and the machine for itself.
const tests = [process.execPath, 'test', '--timeout=600000', ...files];

/** A namespace has no route out: whatever a drill does stays inside. */
const inNamespace = (command: string[]): string[] => {
  const canUnshare = process.getuid?.() === 0 && Bun.which('unshare') !== null && Bun.which('ip') !== null;
  if (!canUnshare) {
    console.error('no network namespace (root, unshare and ip are needed): rolls may lose a request');
    return command;
  }
  const setUp = 'ip link set lo up; sysctl -qw net.ipv4.tcp_migrate_req=1 || true; exec "$@"';
  return ['unshare', '-n', 'sh', '-c', setUp, 'sh', ...command];
};

const child = Bun.spawn(inNamespace(tests), {
  env: { ...process.env, DRILL: words.includes('--short') ? 'short' : 'long', DRILL_FIGURES: figures },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const code = await child.exited;

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
