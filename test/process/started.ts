import { afterEach } from 'bun:test';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Data } from '../helpers/app.ts';
import { cloneDatabase } from '../helpers/database.ts';

export const ROOT = join(import.meta.dir, '../..');
/** Far beyond what anything here takes, so that a busy machine fails nothing. */
const PATIENCE_MS = 45_000;

export interface Started {
  pid: number;
  /** What stands on stderr so far, by lines: the words for a person. */
  said: string[];
  /** What stands on stdout so far, by lines. */
  printed: string[];
  hears(pattern: RegExp): Promise<string>;
  /** Waits for a line of the log whose message matches; the first `skip` of them are passed over. */
  logs(pattern: RegExp, skip?: number): Promise<Data>;
  /** Waits for "ready:" and gives the address that it names. */
  ready(): Promise<string>;
  /** Waits until so many workers said in the log that they are ready, and gives the process ids of the living. */
  workers(count: number): Promise<number[]>;
  /** To the program alone. */
  signal(name: NodeJS.Signals): void;
  /** To the program and its workers, as a terminal sends Ctrl-C. */
  signalGroup(name: NodeJS.Signals): void;
  exit: Promise<number>;
}

type Options = { command?: string[]; cwd?: string; uid?: number; gid?: number };
type Variables = Record<string, string>;

/** Everything that a test starts through it, and every folder, is gone after the test, however the test went. */
export const household = () => {
  let groups: number[] = [];
  let folders: string[] = [];
  const lasting: string[] = [];
  let drops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const group of groups) kill(-group, 'SIGKILL');
    for (const folder of [...folders, ...lasting]) await endAllOf(folder);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    for (const drop of drops) await drop();
    groups = [];
    folders = [];
    drops = [];
  });
  /** A folder of the test's own that every user may pass through; its name holds the given one. */
  const folder = (name = 'house'): string => {
    const made = mkdtempSync(join(tmpdir(), `edgars-${name}-`));
    chmodSync(made, 0o711);
    folders.push(made);
    return made;
  };
  const own = (path: string): void => void folders.push(path);
  /** What was started in this folder ends after each test; the folder itself stays. */
  const endAlso = (path: string): void => void lasting.push(path);
  /** The address of a migrated database of the test's own. */
  const database = async (): Promise<string> => {
    const clone = await cloneDatabase();
    drops.push(clone.drop);
    return clone.url;
  };
  const start = (words: string[], variables: Variables = {}, options: Options = {}): Started => {
    const command = options.command ?? [process.execPath, '--no-env-file', 'src/main.ts'];
    const { uid, gid } = options;
    const child = Bun.spawn([...command, ...words], {
      cwd: options.cwd ?? ROOT,
      env: environment(variables),
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      // In a group of its own, so that one signal reaches the program and its workers.
      detached: true,
      ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    });
    groups.push(child.pid);
    return watched(child);
  };
  /** The program on any free port of this machine alone, with one worker and little of the database. */
  const serve = (variables: Variables, options: Options = {}): Started =>
    start(
      [],
      { HOST: '127.0.0.1', PORT: '0', WORKERS: '1', DB_POOL_MAX: '4', GRACE_S: '5', ...variables },
      options,
    );
  return { folder, own, endAlso, database, start, serve };
};

export type Household = ReturnType<typeof household>;

// The variables of whoever runs the suite must not decide what a test finds.
const environment = (variables: Variables): Variables => ({
  PATH: `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`,
  HOME: process.env.HOME ?? '/',
  TMPDIR: tmpdir(),
  NO_COLOR: '1',
  ADMIN_PORT: '0',
  ...variables,
});

type Child = Bun.Subprocess<'ignore', 'pipe', 'pipe'>;

const watched = (child: Child): Started => {
  const said: string[] = [];
  const printed: string[] = [];
  const read = Promise.all([collect(child.stderr, said), collect(child.stdout, printed)]);
  const exit = child.exited.then(async (code) => {
    await Promise.race([read, Bun.sleep(1_000)]);
    return code;
  });
  let hasEnded = false;
  void exit.then(() => {
    hasEnded = true;
  });
  const soon = <Found>(what: string, look: () => Found | undefined): Promise<Found> =>
    until(what, () => {
      const found = look();
      if (found !== undefined || !hasEnded) return found;
      throw new Error(`ended before ${what}`);
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it said:\n${said.join('\n')}\n${printed.slice(-20).join('\n')}`);
    });
  const log = (): Data[] => printed.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const hears = (pattern: RegExp): Promise<string> =>
    soon(`a line like ${pattern}`, () => said.find((line) => pattern.test(line)));
  return {
    pid: child.pid,
    said,
    printed,
    hears,
    logs: (pattern, skip = 0) =>
      soon(`a log line like ${pattern}`, () => log().filter(({ message }) => pattern.test(message))[skip]),
    ready: async () => /http:\/\/\S+/.exec(await hears(/^ready: /))?.[0] ?? '',
    workers: (count) =>
      soon(`${count} workers`, () => {
        const pids = log().flatMap(({ message, pid }) => (message === 'worker ready' ? [Number(pid)] : []));
        const living = pids.filter(isRunning);
        return living.length >= count ? living : undefined;
      }),
    signal: (name) => kill(child.pid, name),
    signalGroup: (name) => kill(-child.pid, name),
    exit,
  };
};

const collect = async (stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> => {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of stream) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  }
  if (rest !== '') lines.push(rest);
};

/** Looks again and again, until there is something else than undefined or false. */
export const until = async <Found>(
  what: string,
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<Found> => {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await Bun.sleep(20);
  }
};

export const kill = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
};

/** False for a process that has ended and that nobody has collected yet. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const path = `/proc/${pid}/stat`;
  if (!existsSync('/proc/self/stat')) return true;
  try {
    return !/\) [ZX] /.test(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
};

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()));
    });
  });

// An embedded PostgreSQL lives in a session of its own; that it is ours stands in its command line.
const endAllOf = async (folder: string): Promise<void> => {
  const leftover = () => commands().filter(({ pid, text }) => pid !== process.pid && text.includes(folder));
  await until('the end of all that was started', () => {
    for (const { pid } of leftover()) kill(pid, 'SIGKILL');
    return leftover().length === 0;
  });
};

const commands = (): { pid: number; text: string }[] => {
  if (!existsSync('/proc/self/cmdline')) {
    const asked = Bun.spawnSync(['ps', '-Aww', '-o', 'pid=,command=']).stdout.toString();
    return asked.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), text: line }));
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return isRunning(Number(name)) ? [{ pid: Number(name), text }] : [];
    } catch {
      return [];
    }
  });
};
