import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../process/started.ts';

/** Debian puts it where only root's PATH leads. */
const PROGRAM = Bun.which('pgbouncer') ?? Bun.which('pgbouncer', { PATH: '/usr/sbin:/sbin' });
/** Why a test that needs PgBouncer is left out; undefined where it is installed. */
export const whyNoPgBouncer = PROGRAM === null ? 'pgbouncer is not installed' : undefined;

export type PgBouncer = { url: string; stop(): Promise<void> };

const NOBODY = 65534;

/** Stands between the program and that database, in transaction mode, with at most so many connections to it. */
export const pgBouncerTo = async (databaseUrl: string, poolSize: number): Promise<PgBouncer> => {
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'edgars-pgbouncer-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, settingsOf(databaseUrl, { port, poolSize }), { mode: 0o600 });
  if (identity !== undefined) await chown(file, identity.uid, identity.gid);
  const child = Bun.spawn([PROGRAM ?? '', '-q', file], {
    ...identity,
    cwd: '/',
    stderr: 'pipe',
    stdout: 'ignore',
  });
  await until('pgbouncer', async () => {
    if (child.exitCode === null) return answers(port);
    throw new Error(`pgbouncer ended: ${await child.stderr.text()}`);
  });
  const { username, password, pathname } = new URL(databaseUrl);
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`,
    stop: async () => {
      child.kill('SIGKILL');
      await child.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The lines of the README's runbook, with this machine's addresses. */
const settingsOf = (databaseUrl: string, { port, poolSize }: { port: number; poolSize: number }): string => {
  const { username, password, pathname, searchParams, hostname, port: serverPort } = new URL(databaseUrl);
  const name = pathname.slice(1);
  const host = searchParams.get('host') ?? hostname;
  return [
    '[databases]',
    `${name} = host=${host} port=${serverPort || 5432} dbname=${name} user=${username} password=${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'max_client_conn = 500',
    `default_pool_size = ${poolSize}`,
    '',
  ].join('\n');
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
