import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { PROJECT } from '../config.ts';
import { refuse } from '../process/refusal.ts';
import {
  type Service,
  STATE,
  SYSCTL,
  SYSCTL_TEXT,
  UNIT,
  unitText,
  VARIABLES,
  variablesText,
} from './install/files.ts';
import { HELP, nextSteps } from './install/steps.ts';
import { type InstallWords, readInstallWords } from './install/words.ts';

type Streams = { say: (line: string) => void; print: (line: string) => void };
type Install = Extract<InstallWords, { kind: 'install' }>;

const DEFAULT_USER = 'edgars';
const DEFAULT_PORT = 5000;
const DEFAULT_GRACE_S = 30;

/** Gives the exit code. */
export const runInstall = async ({ say, print }: Streams, rest: readonly string[]): Promise<number> => {
  const words = readInstallWords(rest);
  if (words.kind === 'help') {
    print(HELP);
    return 0;
  }
  if (words.kind === 'fault') {
    say(`${words.fault}\n\n${HELP}`);
    return 2;
  }
  install(words, say);
  return 0;
};

const install = (words: Install, say: (line: string) => void): void => {
  const isStaged = words.root !== undefined;
  if (!isStaged && process.getuid?.() !== 0) {
    throw refuse(
      'Only root can install a service: sudo ./start.sh install, or write the files elsewhere with --root DIR.',
    );
  }
  const below = (path: string): string => join(resolve(words.root ?? '/'), path);
  const service = serviceOf(words, below);
  const fault = placeFault(service);
  if (fault !== undefined && !isStaged) throw refuse(fault);
  if (!isStaged) makeUser(service.user, say);
  const write = (path: string, text: string, mode: number): void =>
    say(`${writeUnlessSame(below(path), text, mode) ? 'written' : 'as it was'}: ${below(path)}`);
  write(UNIT, unitText(service), 0o644);
  write(SYSCTL, SYSCTL_TEXT, 0o644);
  if (existsSync(below(VARIABLES))) say(`kept: ${below(VARIABLES)}`);
  else write(VARIABLES, variablesText(), 0o600);
  if (!isStaged) makeState(service.user);
  if (fault !== undefined) say(`before it can start here: ${fault}`);
  say(nextSteps(service.port));
};

/** What was installed before counts where nothing else is asked for. */
const serviceOf = (words: Install, below: (path: string) => string): Service => {
  const before = readOr(below(UNIT));
  const { GRACE_S } = parseEnv(readOr(below(VARIABLES)));
  return {
    user: words.user ?? /^User=(\S+)$/m.exec(before)?.[1] ?? DEFAULT_USER,
    port: words.port ?? Number(/^Environment=PORT=(\d+)$/m.exec(before)?.[1] ?? DEFAULT_PORT),
    graceS: Number.parseInt(GRACE_S ?? '', 10) || DEFAULT_GRACE_S,
    bun: process.execPath,
    project: PROJECT,
  };
};

/** Why the service, an ordinary user with a /tmp of its own, could not start its program where that lies. */
const placeFault = ({ bun, project }: Service): string | undefined => {
  for (const path of [join(project, 'src/main.ts'), bun]) {
    if (/["'\\$\p{Cc}]/u.test(path))
      return `systemd takes no path with a quote, $ or \\ in it: move ${path}.`;
    const isHidden = /^\/(?:tmp|var\/tmp)\//.test(path) || !isOpenToAll(path);
    if (isHidden) {
      return `The service's user cannot read ${path}: put ${path === bun ? 'bun into /usr/local/bin' : 'this folder under /opt'}, open to all, and install from there.`;
    }
  }
  return undefined;
};

const isOpenToAll = (path: string): boolean => {
  const { mode } = statSync(path);
  const needed = statSync(path).isDirectory() ? 0o001 : 0o004;
  return (mode & needed) !== 0 && (path === '/' || isOpenToAll(dirname(path)));
};

const makeUser = (user: string, say: (line: string) => void): void => {
  if (Bun.spawnSync(['id', '-u', user]).success) return;
  const options = ['--system', '--user-group', '--home-dir', STATE, '--shell', '/usr/sbin/nologin'];
  const made = Bun.spawnSync(['useradd', ...options, user]);
  if (!made.success) {
    throw refuse(`The user ${user} could not be made: ${made.stderr.toString().trim() || 'useradd failed'}.`);
  }
  say(`made the user ${user}`);
};

/** Before the first start, so that a restore finds a folder of the right owner. */
const makeState = (user: string): void => {
  if (existsSync(STATE)) return;
  mkdirSync(STATE, { mode: 0o700 });
  const [uid = 0, gid = 0] = ['-u', '-g'].map((what) =>
    Number(Bun.spawnSync(['id', what, user]).stdout.toString()),
  );
  chownSync(STATE, uid, gid);
};

const writeUnlessSame = (path: string, text: string, mode: number): boolean => {
  if (existsSync(path) && readFileSync(path, 'utf8') === text && (statSync(path).mode & 0o777) === mode)
    return false;
  mkdirSync(dirname(path), { recursive: true });
  const making = `${path}.making-${process.pid}`;
  rmSync(making, { force: true });
  // A file is never there by halves, nor for a moment open to others.
  writeFileSync(making, text, { mode, flag: 'wx' });
  renameSync(making, path);
  return true;
};

const readOr = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
