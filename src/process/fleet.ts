import type { Subprocess } from 'bun';
import { PROJECT } from '../config.ts';
import type { Log } from '../observe/log.ts';
import { type Assignment, type FromWorker, isFromWorker, type ToWorker } from './messages.ts';
import { refuse } from './refusal.ts';
import { within } from './shutdown.ts';

export interface FleetOptions {
  command: string[];
  assignment: Assignment;
  log: Log;
}

export interface Fleet {
  /** All workers answer; refused when they keep ending before they do. */
  ready: Promise<void>;
  /** Every worker finishes what it has in flight; who has not ended at the end of the grace is killed. */
  drain(): Promise<void>;
  /** Ends one worker gently; a new one takes its place. */
  replace(): void;
  kill(): void;
}

interface Slot {
  number: number;
  child: Subprocess | undefined;
  startedAt: number;
  delayMs: number;
  isReady: boolean;
  lastReason: string | undefined;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
const STEADY_AFTER_MS = 30_000;
const CRASHES_AT_START = 5;
// What a worker may take beyond its grace: the pool, and the end of the process.
const OVERTIME_MS = 1_500;
// Nothing secret: what a program needs to find its files, and how times and words are shown.
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'NODE_ENV',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
];

/** Starts the workers and keeps them: whoever ends unasked is started again, after a growing pause. */
export const startFleet = ({ command, assignment, log }: FleetOptions): Fleet => {
  const slots = Array.from({ length: assignment.config.workers }, (_, index) => newSlot(index + 1));
  const ready = Promise.withResolvers<void>();
  const drained = Promise.withResolvers<void>();
  let isEnding = false;
  let isStarted = false;
  let crashesAtStart = 0;

  const launch = (slot: Slot): void => {
    if (isEnding) return;
    slot.startedAt = performance.now();
    slot.lastReason = undefined;
    slot.child = Bun.spawn(command, {
      cwd: PROJECT,
      env: environment(),
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
      ipc: (message, child) => {
        if (isFromWorker(message)) hear(slot, child, message);
      },
      onExit: (child, code, signal) => gone(slot, { pid: child.pid, code, signal }),
    });
  };

  const hear = (slot: Slot, child: Subprocess, message: FromWorker): void => {
    if (message.type === 'hello') send(child, assignment);
    if (message.type === 'failed') slot.lastReason = message.reason;
    if (message.type !== 'ready') return;
    slot.isReady = true;
    log.info({ worker: slot.number, pid: child.pid }, 'worker ready');
    if (!slots.every(({ isReady }) => isReady)) return;
    isStarted = true;
    ready.resolve();
  };

  const gone = (slot: Slot, end: { pid: number; code: number | null; signal: unknown }): void => {
    slot.child = undefined;
    slot.isReady = false;
    if (isEnding) {
      if (living().length === 0) drained.resolve();
      return;
    }
    const reason = slot.lastReason ?? (end.signal ? `signal ${end.signal}` : `exit code ${end.code}`);
    if (!isStarted && ++crashesAtStart >= CRASHES_AT_START) {
      ready.reject(refuse(`The workers end before they are ready: ${reason}`));
      return;
    }
    if (performance.now() - slot.startedAt >= STEADY_AFTER_MS) slot.delayMs = FIRST_DELAY_MS;
    const fields = { worker: slot.number, pid: end.pid, reason, again_in_ms: slot.delayMs };
    log.warn(fields, 'a worker ended and is started again');
    setTimeout(() => launch(slot), slot.delayMs);
    slot.delayMs = Math.min(slot.delayMs * 2, LONGEST_DELAY_MS);
  };

  const living = (): Subprocess[] => slots.flatMap(({ child }) => child ?? []);
  const kill = (): void => {
    isEnding = true;
    for (const child of living()) child.kill('SIGKILL');
  };
  const drain = async (): Promise<void> => {
    isEnding = true;
    if (living().length === 0) return;
    for (const child of living()) send(child, { type: 'drain' });
    const graceMs = assignment.config.graceS * 1_000 + OVERTIME_MS;
    if (await within(drained.promise, graceMs)) return;
    log.error({ workers: living().length }, 'workers did not end within the grace and are killed');
    kill();
    await drained.promise;
  };
  const replace = (): void => {
    for (const slot of slots) slot.delayMs = FIRST_DELAY_MS;
    for (const child of living()) send(child, { type: 'drain' });
  };

  for (const slot of slots) launch(slot);
  return { ready: ready.promise, drain, replace, kill };
};

const newSlot = (number: number): Slot => ({
  number,
  child: undefined,
  startedAt: 0,
  delayMs: FIRST_DELAY_MS,
  isReady: false,
  lastReason: undefined,
});

const send = (child: Subprocess, message: ToWorker): void => {
  try {
    child.send(message);
  } catch {
    // It is ending: its exit is what counts.
  }
};

const environment = (): Record<string, string> =>
  Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
