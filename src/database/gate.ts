import { fail } from '../errors.ts';

/** `write` is a transaction: they never take more than three quarters, so that a held lock cannot starve the reads. */
export type Purpose = 'read' | 'write';
export type GateOptions = { max: number; queueMax: number; acquireTimeoutMs: number };
export type GateCounters = { max: number; inUse: number; writing: number; waiting: number; refused: number };

export type Gate = {
  /** Takes a place at once, or says no. */
  tryEnter(purpose: Purpose): boolean;
  /**
   * Waits in line for a place, for `acquireTimeoutMs` less what was spent on waiting before; the failure is
   * `database.busy`. Call it only after `tryEnter` said no.
   */
  wait(purpose: Purpose, spentMs?: number): Promise<void>;
  leave(purpose: Purpose): void;
  /** Sends everybody who waits away with this error. */
  clear(reason: unknown): void;
  counters(): GateCounters;
};

const WRITE_SHARE = 0.75;
const RETRY_AFTER_S = 1;

type Waiter = {
  place: number;
  timer: ReturnType<typeof setTimeout>;
  admit: () => void;
  refuse: (reason: unknown) => void;
};
type Line = Set<Waiter>;

/** A semaphore of `max` in front of the pool, so that a statement always meets an idle connection. */
export const createGate = ({ max, queueMax, acquireTimeoutMs }: GateOptions): Gate => {
  const writeMax = Math.max(1, Math.floor(max * WRITE_SHARE));
  const lines: Record<Purpose, Line> = { read: new Set(), write: new Set() };
  const used = { read: 0, write: 0 };
  let nextPlace = 0;
  let refused = 0;

  const isFree = (purpose: Purpose): boolean =>
    used.read + used.write < max && (purpose === 'read' || used.write < writeMax);

  const tryEnter = (purpose: Purpose): boolean => {
    // Nobody is overtaken: a place that is free for this purpose means that nobody waits for one.
    if (!isFree(purpose)) return false;
    used[purpose] += 1;
    return true;
  };

  const wait = (purpose: Purpose, spentMs = 0): Promise<void> => {
    if (lines.read.size + lines.write.size >= queueMax) {
      refused += 1;
      return Promise.reject(busy());
    }
    return new Promise((admit, refuse) => {
      const giveUp = (): void => {
        lines[purpose].delete(waiter);
        refused += 1;
        refuse(busy());
      };
      nextPlace += 1;
      const waiter = {
        place: nextPlace,
        timer: setTimeout(giveUp, acquireTimeoutMs - spentMs),
        admit,
        refuse,
      };
      lines[purpose].add(waiter);
    });
  };

  const admit = (purpose: Purpose, waiter: Waiter): void => {
    lines[purpose].delete(waiter);
    clearTimeout(waiter.timer);
    used[purpose] += 1;
    waiter.admit();
  };

  const leave = (purpose: Purpose): void => {
    used[purpose] -= 1;
    if (lines.read.size + lines.write.size === 0) return;
    for (;;) {
      const reader = isFree('read') ? first(lines.read) : undefined;
      const writer = isFree('write') ? first(lines.write) : undefined;
      if (writer && (!reader || writer.place < reader.place)) admit('write', writer);
      else if (reader) admit('read', reader);
      else return;
    }
  };

  const clear = (reason: unknown): void => {
    for (const line of [lines.read, lines.write]) {
      for (const waiter of line) {
        clearTimeout(waiter.timer);
        waiter.refuse(reason);
      }
      line.clear();
    }
  };

  const counters = (): GateCounters => ({
    max,
    inUse: used.read + used.write,
    writing: used.write,
    waiting: lines.read.size + lines.write.size,
    refused,
  });

  return { tryEnter, wait, leave, clear, counters };
};

const first = (line: Line): Waiter | undefined => line.values().next().value;

const busy = () =>
  fail('database.busy', 'The server is busy with other requests. Send this one again in a second.', {
    retryAfterS: RETRY_AFTER_S,
  });
