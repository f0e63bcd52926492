import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure } from '../drills/figures.ts';
import { copyProject } from './copy.ts';
import { adminOf, statusOf } from './requests.ts';
import { household, isRunning, until } from './started.ts';

setDefaultTimeout(180_000);

const house = household();
const { folder, database, serve, start, own } = house;

describe('SIGHUP', () => {
  test('rolls one worker after the other, and no request is lost to a client that tries once more', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '2' });
    const address = await server.ready();
    const before = await server.workers(2);
    const clients = startClients(address, 2);
    server.signal('SIGHUP');
    await server.hears(/^reloaded$/);
    const { answers, failures } = await clients.stop();
    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThan(100);
    const after = await server.workers(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    await until('the old ones to be gone', () => before.every((pid) => !isRunning(pid)));
    expect((await statusOf(server)).restarts).toEqual({ reload: 2 });
  });

  test('an end that is asked for meanwhile reaches the worker that is on its way, too', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database() });
    await server.ready();
    await server.workers(1);
    const said = server.said.length;
    server.signal('SIGHUP');
    // The replacement is started right after this line.
    await until('the reload', () => server.said.slice(said).find((line) => line === 'tables are up to date'));
    server.signal('SIGTERM');
    await until('its end', () => !isRunning(server.pid));
    // At once: a worker that was forgotten ends by itself a moment later.
    expect(livingIn(server.pid)).toEqual([]);
    expect(await server.exit).toBe(0);
  });

  test('R7: keeps the old workers, and says why: a bad variable, a migration that fails, a broken build', async () => {
    const project = copyProject(folder());
    own(project);
    const DATABASE_URL = await database();
    const server = start(
      [],
      { DATA_DIR: folder(), DATABASE_URL, HOST: '127.0.0.1', PORT: '0', WORKERS: '1', GRACE_S: '5' },
      { cwd: project },
    );
    const address = await server.ready();
    await adminOf(server);
    const before = await server.workers(1);
    const clients = startClients(address);
    const refused = async (path: string, text: string, why: RegExp): Promise<void> => {
      const file = join(project, path);
      const said = server.said.length;
      writeFileSync(file, text);
      server.signal('SIGHUP');
      const line = await until(`a line like ${why}`, () =>
        server.said.slice(said).find((one) => why.test(one)),
      );
      expect(line).toMatch(/stay as they are/);
      expect(await server.workers(1)).toEqual(before);
      rmSync(file);
    };
    const migrations = readdirSync(join(project, 'src/database/migrations')).filter((name) =>
      /sql$/.test(name),
    );
    const next = String(migrations.length + 1).padStart(4, '0');
    await refused('.env', 'SLOW_QUERY_MS=quick\n', /^reload refused.*SLOW_QUERY_MS/);
    await refused(
      `src/database/migrations/${next}-broken.sql`,
      'select nothing from nowhere;',
      /^reload refused.*broken.*nowhere/,
    );
    await refused('src/values/id.ts', 'const broken = ;\n', /^reload stopped/);
    const { answers, failures } = await clients.stop();
    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThan(100);
    figure('R7', `failed of ${answers} requests over three reloads that are refused`, failures.length, '0');
  });
});

/** Five that ask again and again, each request so often; three of them keep their connections. */
const startClients = (address: string, tries = 1) => {
  let isOver = false;
  const failures: string[] = [];
  let answers = 0;
  const ask = (keepalive: boolean, left: number): Promise<string> =>
    fetch(`${address}/health/live`, { keepalive }).then(
      ({ status }) => String(status),
      (error: Error) => (left > 1 ? ask(keepalive, left - 1) : error.message),
    );
  const client = async (keepalive: boolean): Promise<void> => {
    while (!isOver) {
      const outcome = await ask(keepalive, tries);
      answers += 1;
      if (outcome !== '200') failures.push(outcome);
    }
  };
  const clients = [true, true, true, false, false].map(client);
  const stop = async (): Promise<{ answers: number; failures: string[] }> => {
    isOver = true;
    await Promise.all(clients);
    return { answers, failures };
  };
  return { stop };
};

/** The processes of the group that the server and its workers make up, but for those that have ended. */
const livingIn = (group: number): string[] =>
  Bun.spawnSync(['ps', '-eo', 'pgid=,stat=,args='])
    .stdout.toString()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith(`${group} `) && !/^\d+ +Z/.test(line));
