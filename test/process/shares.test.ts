import { expect, setDefaultTimeout, test } from 'bun:test';
import { statusOf } from './requests.ts';
import { household, until } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve } = household();
const REPLACED = /^a worker has had its share and is replaced$/;

test.each([
  ['MAX_REQUESTS', 'requests'],
  ['MAX_RSS_MB', 'memory'],
])('a worker over %s is replaced once its replacement answers', async (name, reason) => {
  const server = serve({ DATA_DIR: folder(), DATABASE_URL: await database(), [name]: '5' });
  const address = await server.ready();
  const [first = 0] = await server.workers(1);
  const told = server.logs(REPLACED);
  const statuses = new Set<number>();
  let isReplaced = false;
  void told.then(() => {
    isReplaced = true;
  });
  while (!isReplaced) {
    // A connection that stood in the queue of the listener that closes is reset: a client tries again.
    const ask = () => fetch(`${address}/health/live`, { keepalive: false });
    statuses.add((await ask().catch(ask)).status);
    await Bun.sleep(20);
  }
  expect([...statuses]).toEqual([200]);
  expect(await told).toMatchObject({ worker: 1, pid: first, reason });
  const { restarts, workers } = await until('the new one', async () => {
    const status = await statusOf(server);
    return status.workers[0]?.pid === first ? undefined : status;
  });
  expect(restarts[reason]).toBeGreaterThanOrEqual(1);
  expect(restarts.crash ?? 0).toBe(0);
  expect(workers[0]).toMatchObject({ worker: 1, ready: true });
});
