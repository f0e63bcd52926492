import type { Log } from '../observe/log.ts';
import type { Assignment, Report, Vitals } from './messages.ts';
import { refuse } from './refusal.ts';
import { within } from './shutdown.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export interface FleetOptions {
  command: string[];
  assignment: Omit<Assignment, 'worker'>;
  log: Log;
}

export interface WorkerStatus extends Partial<Vitals> {
  worker: number;
  pid: number | undefined;
  isReady: boolean;
  uptimeS: number;
}

export interface Fleet {
  /** All workers answer; refused when they keep ending before they do. */
  ready: Promise<void>;
  /** Every worker finishes what it has in flight; who has not ended at the end of the grace is killed. */
  drain(): Promise<void>;
  /**
   * One worker at a time: its replacement answers before it is drained. Gives the reason when a replacement does not
   * come up, and how many were rolled before: the others stay as they are.
   */
  roll(assignment?: FleetOptions['assignment']): Promise<string | undefined>;
  kill(): void;
  status(): WorkerStatus[];
  reports(): Promise<Report[]>;
  /** How often a worker was replaced, by reason. */
  restarts(): ReadonlyMap<Restart, number>;
}

export type Restart = 'crash' | 'hang' | 'memory' | 'requests' | 'reload';

interface Slot {
  number: number;
  worker: WorkerProcess | undefined;
  /** Times MAX_REQUESTS and MAX_RSS_MB: so that not all reach them together. */
  share: number;
  delayMs: number;
  restart: ReturnType<typeof setTimeout> | undefined;
  isBeingRenewed: boolean;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
const STEADY_AFTER_MS = 30_000;
const CRASHES_AT_START = 5;
// A hung worker is to be replaced within a second after its time: most of that is for its replacement to begin.
const LOOK_EVERY_MS = 250;
const HELD_UP_MS = 1_000;
// Whatever its memory: a limit below what a worker starts with must not replace it again and again.
const LEAST_LIFE_MS = 10_000;
// A replacement that says neither ready nor failed.
const READY_WITHIN_MS = 60_000;
// What a worker may take beyond its grace: the pool, and the end of the process.
const OVERTIME_MS = 1_500;
const JITTER = 0.1;
const MIB = 2 ** 20;

/** Starts the workers and keeps them: whoever ends unasked is started again, after a growing pause. */
export const startFleet = ({ command, assignment, log }: FleetOptions): Fleet => {
  const slots = Array.from({ length: assignment.config.workers }, (_, index) => newSlot(index + 1));
  const leaving = new Set<WorkerProcess>();
  const coming = new Set<WorkerProcess>();
  const restarts = new Map<Restart, number>();
  const ready = Promise.withResolvers<void>();
  let orders = assignment;
  let turn: Promise<unknown> = Promise.resolve();
  let isEnding = false;
  let isStarted = false;
  let crashesAtStart = 0;
  // Since a worker ended before it was ready, its place tries alone: the others would end the same way, and as often.
  let trial: Slot | undefined;

  const start = (slot: Slot): WorkerProcess => {
    const worker = startWorker(command, { ...orders, worker: slot.number });
    void worker.ready.then(() => log.info({ worker: slot.number, pid: worker.pid }, 'worker ready'));
    void worker.ended.then((reason) => gone(slot, worker, reason));
    return worker;
  };

  const launch = (slot: Slot): void => {
    if (isEnding) return;
    slot.restart = undefined;
    slot.worker = start(slot);
    void slot.worker.ready.then(() => {
      releaseHeld();
      if (!slots.every(({ worker }) => worker?.isReady())) return;
      isStarted = true;
      ready.resolve();
    });
  };

  const gone = (slot: Slot, worker: WorkerProcess, reason: string): void => {
    if (leaving.delete(worker) || slot.worker !== worker) return;
    slot.worker = undefined;
    if (isEnding) return;
    if (!isStarted && ++crashesAtStart >= CRASHES_AT_START) {
      ready.reject(refuse(`The workers end before they are ready: ${reason}`));
      return;
    }
    count(reason.startsWith(SILENCE) ? 'hang' : 'crash');
    if (performance.now() - worker.startedAt >= STEADY_AFTER_MS) slot.delayMs = FIRST_DELAY_MS;
    if (!worker.wasReady()) trial ??= slot;
    const isHeld = trial !== undefined && trial !== slot;
    const again = isHeld ? { after_worker: trial?.number } : { again_in_ms: slot.delayMs };
    log.warn(
      { worker: slot.number, pid: worker.pid, reason, ...again },
      'a worker ended and is started again',
    );
    if (isHeld) return;
    slot.restart = setTimeout(() => launch(slot), slot.delayMs);
    slot.delayMs = Math.min(slot.delayMs * 2, LONGEST_DELAY_MS);
  };

  const releaseHeld = (): void => {
    if (trial === undefined) return;
    trial = undefined;
    for (const slot of slots) if (slot.worker === undefined && slot.restart === undefined) launch(slot);
  };

  const count = (reason: Restart): void => {
    restarts.set(reason, (restarts.get(reason) ?? 0) + 1);
  };

  /** Gives the reason when no replacement came up. */
  const renew = async (slot: Slot): Promise<string | undefined> => {
    if (isEnding) return 'the server is ending';
    const replacement = start(slot);
    coming.add(replacement);
    const timeout = Bun.sleep(READY_WITHIN_MS).then(() => `not ready within ${READY_WITHIN_MS / 1000} s`);
    const fault = await Promise.race([replacement.ready, replacement.ended, timeout]);
    coming.delete(replacement);
    // Whoever ends the server has it among the living, and sees to its end.
    if (isEnding) return 'the server is ending';
    if (fault !== undefined) {
      replacement.kill(fault);
      return fault;
    }
    const old = slot.worker;
    clearTimeout(slot.restart);
    slot.restart = undefined;
    slot.worker = replacement;
    slot.delayMs = FIRST_DELAY_MS;
    releaseHeld();
    if (old !== undefined) await dismiss(old);
    return undefined;
  };

  const dismiss = async (worker: WorkerProcess): Promise<void> => {
    leaving.add(worker);
    worker.drain();
    if (await within(worker.ended, graceMs())) return;
    log.error({ pid: worker.pid }, 'a worker did not end within the grace and is killed');
    worker.kill('the end of the grace');
    await worker.ended;
  };

  const graceMs = (): number => orders.config.graceS * 1_000 + OVERTIME_MS;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const roll = (next = orders): Promise<string | undefined> =>
    inTurn(async () => {
      const before = orders;
      orders = next;
      for (const [rolled, slot] of slots.entries()) {
        const fault = await renew(slot);
        if (fault !== undefined) {
          // What has been rolled serves; a worker that ends now must not come back as what just failed.
          if (rolled === 0) orders = before;
          return `${rolled} of ${slots.length} workers were rolled, then ${fault}`;
        }
        count('reload');
      }
      return undefined;
    });

  const replaceFull = (slot: Slot, reason: 'memory' | 'requests'): void => {
    if (slot.isBeingRenewed) return;
    slot.isBeingRenewed = true;
    const { pid } = slot.worker ?? {};
    const again = (): void => {
      slot.isBeingRenewed = false;
    };
    void inTurn(() => renew(slot)).then((fault) => {
      if (fault === undefined) {
        again();
        count(reason);
        log.info({ worker: slot.number, pid, reason }, 'a worker has had its share and is replaced');
      } else if (!isEnding) {
        setTimeout(again, LONGEST_DELAY_MS);
        log.warn(
          { worker: slot.number, pid, reason, fault },
          'a worker over its share could not be replaced',
        );
      }
    });
  };

  let lookedAt = performance.now();
  let patientUntil = 0;
  const look = (): void => {
    const now = performance.now();
    // When this process itself was held up, the signs of life are still on their way.
    if (now - lookedAt - LOOK_EVERY_MS > HELD_UP_MS) patientUntil = now + HELD_UP_MS;
    lookedAt = now;
    if (now < patientUntil || isEnding) return;
    const { workerTimeoutS, maxRequests, maxRssMb } = orders.config;
    for (const slot of slots) {
      const { worker } = slot;
      if (worker === undefined) continue;
      const isYoung = performance.now() - worker.startedAt < LEAST_LIFE_MS;
      if (worker.silentMs() > workerTimeoutS * 1_000) worker.kill(`${SILENCE} ${workerTimeoutS} s`);
      const { rssBytes = 0, requests = 0 } = worker.vitals() ?? {};
      if (isYoung) continue;
      if (maxRssMb > 0 && rssBytes > maxRssMb * MIB * slot.share) replaceFull(slot, 'memory');
      else if (maxRequests > 0 && requests > maxRequests * slot.share) replaceFull(slot, 'requests');
    }
  };
  const watch = setInterval(look, LOOK_EVERY_MS);

  const living = (): WorkerProcess[] => [
    ...slots.flatMap(({ worker }) => worker ?? []),
    ...leaving,
    ...coming,
  ];
  const kill = (): void => {
    isEnding = true;
    clearInterval(watch);
    for (const worker of living()) worker.kill('the end of the server');
  };
  const drain = async (): Promise<void> => {
    isEnding = true;
    clearInterval(watch);
    for (const { restart } of slots) clearTimeout(restart);
    await Promise.all(living().map(dismiss));
  };

  for (const slot of slots) launch(slot);
  return {
    ready: ready.promise,
    drain,
    roll,
    kill,
    status: () => slots.map(statusOf),
    reports: async () =>
      (await Promise.all(slots.map(({ worker }) => worker?.report()))).flatMap((report) => report ?? []),
    restarts: () => restarts,
  };
};

const SILENCE = 'no sign of life for';

const newSlot = (number: number): Slot => ({
  number,
  worker: undefined,
  share: 1 + Math.random() * JITTER,
  delayMs: FIRST_DELAY_MS,
  restart: undefined,
  isBeingRenewed: false,
});

const statusOf = ({ number, worker }: Slot): WorkerStatus => ({
  worker: number,
  pid: worker?.pid,
  isReady: worker?.isReady() ?? false,
  uptimeS: worker === undefined ? 0 : Math.round((performance.now() - worker.startedAt) / 1000),
  ...worker?.vitals(),
});
