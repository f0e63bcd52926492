import type { Pool } from '../database/pool.ts';
import type { Log } from '../observe/log.ts';

export interface Phase {
  isReady: boolean;
  isDraining: boolean;
}

interface Draining {
  phase: Phase;
  server: { stop(closeActiveConnections?: boolean): Promise<void> };
  pool: Pick<Pool, 'close'>;
  log: Log;
}

// Long enough for a load balancer and for keep-alive clients to hear that they should go elsewhere.
const LAME_DUCK_MS = 1_000;
const POOL_CLOSE_MS = 500;

/**
 * Not ready first, while every answer says `Connection: close`; then no new connections, and what is in flight is
 * finished within the grace; then the pool. `stop()` stays pending while a handler hangs, so it is raced.
 */
export const drain = async ({ phase, server, pool, log }: Draining, graceMs: number): Promise<void> => {
  const deadline = performance.now() + graceMs;
  phase.isReady = false;
  phase.isDraining = true;
  await Bun.sleep(Math.min(LAME_DUCK_MS, graceMs / 2));
  const finished = await within(server.stop(), deadline - performance.now());
  if (!finished) {
    log.warn({ grace_ms: graceMs }, 'requests were still in flight at the end of the grace: cut');
    await within(server.stop(true), POOL_CLOSE_MS);
  }
  await within(pool.close(), POOL_CLOSE_MS);
  log.flush();
};

/** False when the time was up first, or when the work failed: at the end there is nobody left to tell. */
export const within = async (work: Promise<unknown>, timeoutMs: number): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), Math.max(0, timeoutMs));
  work.then(
    () => resolve(true),
    () => resolve(false),
  );
  const finished = await promise;
  clearTimeout(timer);
  return finished;
};
