import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Statement } from './statements.ts';

/** One that is measured: started, answering, and what its processes are. */
export type Contender = {
  name: string;
  address: string;
  pids: number[];
  /** The routes that it has; all, when it does not say. */
  routes?: readonly string[];
  stop(): Promise<void>;
};

type Peer = Pick<Contender, 'name' | 'routes'> & {
  /** The command, or the sentence why there is none on this machine. */
  command(port: number): string[] | string;
};

const PEERS = join(import.meta.dir, 'peers');
const READY_WITHIN_MS = 30_000;
const SYSTEM_PYTHON = '/usr/bin/python3';

/** Its packages are the system's: nothing of pip. */
const hasFlask = (): boolean =>
  existsSync(SYSTEM_PYTHON) &&
  Bun.which('gunicorn') !== null &&
  Bun.spawnSync([SYSTEM_PYTHON, '-c', 'import flask, psycopg2, gunicorn']).success;

const flask: Peer = {
  name: 'Flask, gunicorn (4), psycopg2',
  command: (port) =>
    hasFlask()
      ? [
          'gunicorn',
          '--chdir',
          PEERS,
          '-w',
          '4',
          '-b',
          `127.0.0.1:${port}`,
          '--log-level',
          'warning',
          '--keep-alive',
          '75',
          'flask_peer:app',
        ]
      : 'apt-get install python3-flask gunicorn python3-psycopg2',
};

const fastify: Peer = {
  name: 'Fastify, pg (2)',
  command: () => {
    const node = Bun.which('node');
    return node === null ? 'Node.js' : [node, join(PEERS, 'fastify.js')];
  },
};

const elysia: Peer = {
  name: 'Elysia, Bun.sql (2)',
  command: () => [process.execPath, join(PEERS, 'elysia.js')],
};
const bare: Peer = {
  name: 'bare Bun.serve (1)',
  routes: ['health'],
  command: () => [process.execPath, join(PEERS, 'bare.js')],
};
/** Elysia is two processes on one port; the others divide themselves. */
const PROCESSES = new Map([[elysia, 2]]);

/** Starts every peer that this machine can run; says which cannot be, and what it lacks. */
export const startPeers = async (
  { databaseUrl, statements }: { databaseUrl: string; statements: Record<string, Statement> },
  say: (line: string) => void,
): Promise<Contender[]> => {
  const started: Contender[] = [];
  for (const peer of [flask, fastify, elysia, bare]) {
    const port = await freePort();
    const command = peer.command(port);
    if (typeof command === 'string') {
      say(`${peer.name}: left out, it needs ${command}`);
      continue;
    }
    const env = {
      ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', NODE_ENV: 'production' },
      ...{ PORT: String(port), DATABASE_URL: databaseUrl, STATEMENTS: JSON.stringify(statements) },
    };
    const children = Array.from({ length: PROCESSES.get(peer) ?? 1 }, () =>
      Bun.spawn(command, { env, stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' }),
    );
    const address = `http://127.0.0.1:${port}`;
    const stop = async (): Promise<void> => {
      for (const child of children) child.kill();
      await Promise.all(children.map(({ exited }) => exited));
    };
    const { name, routes } = peer;
    started.push({
      name,
      ...(routes === undefined ? {} : { routes }),
      address,
      pids: children.map(({ pid }) => pid),
      stop,
    });
    await answering(address);
  }
  return started;
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const answering = async (address: string): Promise<void> => {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    const isThere = await fetch(`${address}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await Bun.sleep(100);
  }
  throw new Error(`${address} does not answer`);
};
