import type { Pool } from '../database/pool.ts';
import type { Log } from '../observe/log.ts';

export interface Phase {
  isReady: boolean;
  isDraining: boolean;
}

interface Draining {
  phase: Phase;
  server: { stop(closeActiveConnections?: boolean): Promise<void> };
  /** Lets no new connection knock, where that can be done and is needed. */
  turnAway: () => boolean;
  /** What is done beside answering: it ends the round that it is in. */
  background: { stop(): Promise<void> };
  pool: Pick<Pool, 'close'>;
  log: Log;
}

// Long enough for a load balancer and for keep-alive clients to hear that they should go elsewhere.
const LAME_DUCK_MS = 1_000;
const POOL_CLOSE_MS = 500;
// What a round leaves undone another process does.
const LAST_ROUND_MS = 2_000;
// The kernel shows a connection only once its first bytes are there: for those of who has knocked already.
const LAST_KNOCKS_MS = 500;
const LONGEST_SETTLING_MS = 500;
const SHORT_TURN_MS = 2;

/**
 * Not ready first, while every answer says `Connection: close`; then no new connections, and what is in flight is
 * finished within the grace; then the pool. `stop()` stays pending while a handler hangs, so it is raced.
 */
export const drain = async (
  { phase, server, turnAway, background, pool, log }: Draining,
  graceMs: number,
): Promise<void> => {
  const deadline = performance.now() + graceMs;
  phase.isReady = false;
  phase.isDraining = true;
  const rounds = background.stop();
  await Bun.sleep(Math.min(LAME_DUCK_MS, graceMs / 2));
  if (turnAway()) await Bun.sleep(Math.min(LAST_KNOCKS_MS, graceMs / 4));
  await settle();
  const finished = await within(server.stop(), deadline - performance.now());
  if (!finished) {
    log.warn({ grace_ms: graceMs }, 'requests were still in flight at the end of the grace: cut');
    await within(server.stop(true), POOL_CLOSE_MS);
  }
  await within(rounds, Math.min(deadline - performance.now(), LAST_ROUND_MS));
  await within(pool.close(), POOL_CLOSE_MS);
  log.flush();
};

/**
 * `stop()` cuts kept connections that look idle, also one whose next request has arrived and was not read yet. After a
 * few short turns of the loop nothing is unread.
 */
const settle = async (): Promise<void> => {
  const deadline = performance.now() + LONGEST_SETTLING_MS;
  for (let short = 0; short < 3 && performance.now() < deadline; ) {
    const began = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    short = performance.now() - began < SHORT_TURN_MS ? short + 1 : 0;
  }
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
