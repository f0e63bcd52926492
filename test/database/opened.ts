import { openPool, type Pool, type PoolOptions } from '../../src/database/pool.ts';
import type { Database } from '../../src/database/sql.ts';
import { newTrace } from '../../src/database/timing.ts';
import { createLog, type Log } from '../../src/observe/log.ts';

export type Opened = { pool: Pool; sql: Database; lines: Record<string, unknown>[] };

const OPTIONS = {
  max: 4,
  min: 0,
  acquireTimeoutMs: 2000,
  queueMax: 100,
  lockTimeoutMs: 1500,
  statementTimeoutMs: 5000,
  slowQueryMs: 1000,
  prepare: true,
  applicationName: 'edgars-test',
};

/** A pool on a database of the test's own, with what it logged. */
export const openTestPool = (url: string, options: Partial<PoolOptions> = {}): Opened => {
  const { log, lines } = logToLines();
  const pool = openPool({ ...OPTIONS, url, ...options }, log);
  return { pool, sql: pool.database(newTrace('test')), lines };
};

export const logToLines = (): { log: Log; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = [];
  return { log: createLog({ level: 'debug', write: (line) => lines.push(JSON.parse(line)) }), lines };
};

export const until = async (holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> => {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`The condition did not hold within ${withinMs} ms`);
    await Bun.sleep(5);
  }
};

/** What a promise was rejected with; a promise that is kept fails the test. */
export const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`Expected a rejection, but got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );

/** How much slower than idle this machine is at the moment: five times the longest time that a 10 ms timer was late. */
export const watchLoad = (): { allowanceMs(): number; stop(): void } => {
  let last = performance.now();
  let longestMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last - 10);
    last = now;
  }, 10);
  return { allowanceMs: () => longestMs * 5, stop: () => clearInterval(timer) };
};
