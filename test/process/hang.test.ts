import { expect, setDefaultTimeout, test } from 'bun:test';
import { isAnswering } from './requests.ts';
import { household, isRunning, kill, until } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();
const ENDED = /^a worker ended and is started again$/;

test('a worker that hangs is killed after WORKER_TIMEOUT_S and started again, while the other one answers', async () => {
  const server = serve({
    ...{ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '2', WORKER_TIMEOUT_S: '2' },
  });
  const address = await server.ready();
  const [hanging = 0, other = 0] = await server.workers(2);
  const hungAt = performance.now();
  kill(hanging, 'SIGSTOP');
  const line = await server.logs(ENDED);
  expect(line).toMatchObject({ pid: hanging, reason: 'no sign of life for 2 s' });
  // Never early; how late depends on the machine.
  expect(performance.now() - hungAt).toBeGreaterThan(1_000);
  await until('an answer', () => isAnswering(address));
  expect(await server.workers(2)).toContain(other);
  expect(isRunning(hanging)).toBe(false);
});

test('a supervisor that was held up itself takes its workers for living', async () => {
  const server = serve({
    ...{ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '2', WORKER_TIMEOUT_S: '2' },
  });
  await server.ready();
  const before = await server.workers(2);
  server.signal('SIGSTOP');
  await Bun.sleep(4_000);
  server.signal('SIGCONT');
  await Bun.sleep(3_000);
  expect(await server.workers(2)).toEqual(before);
  expect(server.printed.filter((line) => line.includes('no sign of life'))).toEqual([]);
});
