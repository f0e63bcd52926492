import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { isAnswering } from './requests.ts';
import { household, isRunning, kill, until } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();
const ENDED = /^a worker ended and is started again$/;

describe('a worker that ends', () => {
  test('is started again at once by the same supervisor, while the other one answers', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '2' });
    const address = await server.ready();
    const [first = 0, other = 0] = await server.workers(2);
    kill(first, 'SIGKILL');
    expect(await server.logs(ENDED)).toMatchObject({
      ...{ pid: first, reason: 'signal SIGKILL', again_in_ms: 100, level: 'warn' },
    });
    await until('an answer', () => isAnswering(address));
    const workers = await server.workers(2);
    expect(workers).toContain(other);
    expect(workers).not.toContain(first);
    expect(isRunning(server.pid)).toBe(true);
  });

  test('is started again after a growing pause when it ends again and again', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database() });
    const address = await server.ready();
    for (const [at, pause] of [100, 200, 400].entries()) {
      const [worker = 0] = await server.workers(1);
      kill(worker, 'SIGKILL');
      expect(await server.logs(ENDED, at)).toMatchObject({ pid: worker, again_in_ms: pause, worker: 1 });
    }
    await server.workers(1);
    expect(await isAnswering(address)).toBe(true);
  });

  test('is started again also when all end, more often than a start would bear', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '3' });
    const address = await server.ready();
    for (let round = 0; round < 2; round++) {
      for (const worker of await server.workers(3)) kill(worker, 'SIGKILL');
      await server.logs(ENDED, 3 * round + 2);
    }
    await server.workers(3);
    expect(await isAnswering(address)).toBe(true);
    expect(isRunning(server.pid)).toBe(true);
  });

  test('because somebody asked it to, in good order, is started again as well', async () => {
    const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database() });
    await server.ready();
    const [worker = 0] = await server.workers(1);
    kill(worker, 'SIGTERM');
    expect(await server.logs(ENDED)).toMatchObject({ pid: worker, reason: 'exit code 0' });
    expect(await server.workers(1)).not.toContain(worker);
  });
});
