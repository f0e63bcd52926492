import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { refuse } from '../refusal.ts';
import { BARE_ENVIRONMENT, type Binaries } from './binaries.ts';
import { give, type Home } from './home.ts';

export type Settings = Readonly<Record<string, string | number>>;

const PASSWORD_FILE = 'shop.password';
const SETTINGS_FILE = 'shop.conf';
const MEBIBYTE = 2 ** 20;

/** Makes the cluster when there is none; says whether it did. A kill in the middle leaves no half of one. */
export const makeCluster = async (home: Home, binaries: Binaries, isDurable: boolean): Promise<boolean> => {
  const cluster = clusterOf(home);
  await removeHalfMade(home.folder);
  if (existsSync(cluster)) {
    await refuseOtherMajor(cluster, binaries);
    return false;
  }
  const making = join(home.folder, `cluster.making-${process.pid}`);
  await mkdir(making, { mode: 0o700 });
  await give(making, home.identity);
  const password = randomBytes(24).toString('hex');
  await initialize({ home, binaries, making, password, isDurable });
  await createShop({ home, binaries, making, password });
  await rename(making, cluster);
  return true;
};

export const clusterOf = (home: Home): string => join(home.folder, 'cluster');

export const readPassword = async (home: Home): Promise<string> =>
  (await readFile(join(clusterOf(home), PASSWORD_FILE), 'utf8')).trim();

/** Settings of a small shop's server; a person's own go to postgresql.conf, below our include. */
export const writeSettings = async (home: Home, settings: Settings): Promise<void> => {
  const all: Settings = { ...defaults(), ...settings };
  const lines = Object.entries(all).map(
    ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`,
  );
  const path = join(clusterOf(home), SETTINGS_FILE);
  await writeFile(path, `# Written at every start.\n${lines.join('\n')}\n`, { mode: 0o600 });
  await give(path, home.identity);
};

const defaults = (): Settings => ({
  listen_addresses: '',
  unix_socket_permissions: '0700',
  shared_buffers: `${Math.min(1024, Math.max(128, Math.floor(totalmem() / 16 / MEBIBYTE)))}MB`,
  random_page_cost: 1.1,
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements and details hold people's names and numbers: refusals are logged by the application, without them.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
  log_checkpoints: 'off',
  logging_collector: 'off',
});

const refuseOtherMajor = async (cluster: string, binaries: Binaries): Promise<void> => {
  const major = Number((await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim());
  if (major === binaries.major) return;
  throw refuse(
    `The data in ${cluster} was made by PostgreSQL ${major}, and this program brings ${binaries.major}: dump it with pg_dump of version ${major} or later, move the folder away, start, and load the dump; or set DATABASE_URL to a server of version ${major} that runs on it.`,
  );
};

const removeHalfMade = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!/^(?:cluster|password)\.making-/.test(name)) continue;
    // The initdb of a killed start may still be writing there: the next start takes what is left.
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

interface Making {
  home: Home;
  binaries: Binaries;
  making: string;
  password: string;
}

const initialize = async (input: Making & { isDurable: boolean }): Promise<void> => {
  const { home, binaries, making, password, isDurable } = input;
  const passwordFile = join(home.folder, `password.making-${process.pid}`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await give(passwordFile, home.identity);
  // Nothing of the operating system's locales: the same order and the same upper case on every machine.
  const locale = ['--locale=C', '--encoding=UTF8'];
  if (binaries.major >= 17) locale.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const rest = [
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--username=postgres',
    '--data-checksums',
  ];
  if (!isDurable) rest.push('--no-sync');
  await run(input, ['initdb', `--pgdata=${making}`, ...locale, ...rest], '');
  await appendFile(join(making, 'postgresql.conf'), `\ninclude_if_exists '${SETTINGS_FILE}'\n`);
  await rename(passwordFile, join(making, PASSWORD_FILE));
};

// The server's single-user mode reads one statement a line. The shop's role is not a superuser, as on a managed server.
const createShop = async (input: Making): Promise<void> => {
  const statements = [
    `create role shop login createdb password '${input.password}'`,
    'create database shop owner shop',
  ];
  const command = ['postgres', '--single', '-D', input.making, '-F', '-c', 'exit_on_error=true', 'postgres'];
  await run(input, command, `${statements.join('\n')}\n`);
};

const run = async (input: Making, command: string[], lines: string): Promise<void> => {
  const [program = '', ...parameters] = command;
  const child = Bun.spawn([join(input.binaries.folder, 'bin', program), ...parameters], {
    ...input.home.identity,
    cwd: '/',
    env: BARE_ENVIRONMENT,
    // In a session of its own: Ctrl-C ends the start, not a half-made file in it.
    detached: true,
    stdin: new TextEncoder().encode(lines),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [said, complained, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (code === 0) return;
  const reason = (complained || said).trim().split('\n').at(-1) ?? `exit code ${code}`;
  throw refuse(`The embedded PostgreSQL could not make its data in ${input.home.folder}: ${reason}`);
};
