import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../observe/log.ts';

export type Loop = {
  name: string;
  /** From the end of one round to the beginning of the next. */
  everyMs: number;
  work(signal: AbortSignal): Promise<void>;
};

/** What a worker does beside answering, until `stop`: then each ends the round that it is in. */
export const startBackground = (loops: readonly Loop[], log: Log): { stop(): Promise<void> } => {
  const end = new AbortController();
  const running = loops.map((loop) => run(loop, end.signal, log));
  return {
    stop: async () => {
      end.abort();
      await Promise.all(running);
    },
  };
};

const run = async ({ name, everyMs, work }: Loop, signal: AbortSignal, log: Log): Promise<void> => {
  let isFailing = false;
  while (!signal.aborted) {
    try {
      await work(signal);
      isFailing = false;
    } catch (error) {
      // Once: an outage is told by the pool, and lasts.
      if (!isFailing) log.warn({ error }, `${name} failed and is tried again`);
      isFailing = true;
    }
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
};
