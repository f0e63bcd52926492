/**
 * The keeper of a test run's PostgreSQL: a process of its own that every test process of the run connects to.
 * When the last connection has been gone for a second (also after a kill -9 of the runner) it stops the server
 * and removes the folder.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Postgres } from '../../src/process/postgres.ts';
import { startPostgres } from '../../src/process/postgres.ts';
import { makeTemplate } from './template.ts';

const GONE_MS = 1_000;
const FIRST_CONNECTION_MS = 15_000;

const folder = process.argv[2] ?? '';
const ready = Promise.withResolvers<string>();
let connections = 0;

const main = async (): Promise<void> => {
  // Several test processes may start a keeper at once: the one that makes the folder is it.
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (!isFirst) return;
  // PostgreSQL may run as another user than the tests: it must be able to pass through.
  await chmod(folder, 0o711);
  const server = await listen();
  const empty = emptyWatch();
  server.on('connection', empty.look);
  empty.look();
  const postgres = await start();
  await empty.happened;
  server.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
};

const listen = async (): Promise<Server> => {
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections -= 1;
    });
    socket.resume();
    void ready.promise.then((line) => socket.write(`${line}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(join(folder, 'keeper'), resolve);
  });
  return server;
};

const start = async (): Promise<Postgres | undefined> => {
  try {
    const postgres = await startPostgres({
      dataDir: join(folder, 'data'),
      maxConnections: 400,
      say: () => undefined,
      settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', shared_buffers: '256MB' },
    });
    await makeTemplate(postgres.url);
    ready.resolve(JSON.stringify({ url: postgres.url, adminUrl: postgres.adminUrl }));
    return postgres;
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    ready.resolve(JSON.stringify({ fault }));
    return undefined;
  }
};

const emptyWatch = () => {
  const { promise: happened, resolve } = Promise.withResolvers<void>();
  let emptySince = performance.now() + FIRST_CONNECTION_MS;
  const timer = setInterval(() => {
    if (connections > 0) emptySince = performance.now();
    if (performance.now() - emptySince < GONE_MS) return;
    clearInterval(timer);
    resolve();
  }, 100);
  const look = () => {
    if (connections > 0) emptySince = performance.now();
  };
  return { happened, look };
};

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
if (folder !== '' && !existsSync(folder)) await main();
