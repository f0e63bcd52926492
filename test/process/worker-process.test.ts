import { afterEach, expect, test } from 'bun:test';
import { readConfig } from '../../src/config.ts';
import { startWorker, type WorkerProcess } from '../../src/process/worker-process.ts';

let worker: WorkerProcess | undefined;
afterEach(() => worker?.kill('the end of the test'));

/** A worker that hears everything and answers nothing. */
const startSilent = (): WorkerProcess => {
  const silent = [process.execPath, '-e', "process.on('message', () => undefined)"];
  worker = startWorker(silent, {
    ...{
      type: 'begin',
      config: readConfig({}),
      databaseUrl: '',
      secrets: { jwt: [] },
      hasReadableLogs: false,
    },
    worker: 1,
  });
  return worker;
};

const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work.then((found) => ({ found })), Bun.sleep(ms).then(() => 'still waiting')]);

test('reports that a worker took along when it ended are given up at once, all of them', async () => {
  const { report, kill, ended } = startSilent();
  const asked = [report(), report(), report()];
  expect(await within(100, Promise.race(asked))).toBe('still waiting');
  kill('its end');
  expect(await ended).toBe('its end');
  // Far below the two seconds that a living one has.
  expect(await within(500, Promise.all(asked))).toEqual({ found: [undefined, undefined, undefined] });
});

test('a report that a living worker does not give is given up after two seconds', async () => {
  const { report } = startSilent();
  const began = performance.now();
  expect(await report()).toBeUndefined();
  expect(performance.now() - began).toBeGreaterThan(1_900);
});
