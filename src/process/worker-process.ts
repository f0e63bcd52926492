import { PROJECT } from '../config.ts';
import { type Assignment, isFromWorker, type Report, type ToWorker, type Vitals } from './messages.ts';

/** One worker as its supervisor sees it. */
export interface WorkerProcess {
  readonly pid: number;
  /** `performance.now()` of its start. */
  readonly startedAt: number;
  readonly isReady: () => boolean;
  /** Also after its end. */
  readonly wasReady: () => boolean;
  /** Resolved once it answers requests; never, when it ends before. */
  readonly ready: Promise<void>;
  /** Resolved with the reason. */
  readonly ended: Promise<string>;
  /** Milliseconds since its last sign of life, by a clock that nobody can set. */
  silentMs(): number;
  vitals(): Vitals | undefined;
  /** Undefined when it does not answer in time. */
  report(): Promise<Report | undefined>;
  /** Asks it to finish what it has in flight and to end. */
  drain(): void;
  kill(reason: string): void;
}

const REPORT_WITHIN_MS = 2_000;
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

export const startWorker = (command: string[], assignment: Assignment): WorkerProcess => {
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const reports = new Map<number, (report: Report | undefined) => void>();
  let isReady = false;
  let wasReady = false;
  let lastReason: string | undefined;
  let lastSignAt = performance.now();
  let vitals: Vitals | undefined;
  let asked = 0;

  const child = Bun.spawn(command, {
    cwd: PROJECT,
    env: environment(),
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (message) => {
      lastSignAt = performance.now();
      if (!isFromWorker(message)) return;
      if (message.type === 'hello') send(assignment);
      else if (message.type === 'failed') lastReason = message.reason;
      else if (message.type === 'beat') vitals = message;
      else if (message.type === 'report') reports.get(message.id)?.(message.report);
      else {
        isReady = true;
        wasReady = true;
        ready.resolve();
      }
    },
    onExit: (_, code, signal) => {
      isReady = false;
      for (const done of reports.values()) done(undefined);
      ended.resolve(lastReason ?? (signal === null ? `exit code ${code}` : `signal ${signal}`));
    },
  });

  const send = (message: ToWorker): void => {
    try {
      child.send(message);
    } catch {
      // It is ending: its exit is what counts.
    }
  };

  const report = (): Promise<Report | undefined> =>
    new Promise((resolve) => {
      asked += 1;
      const id = asked;
      const done = (found: Report | undefined): void => {
        clearTimeout(timer);
        reports.delete(id);
        resolve(found);
      };
      const timer = setTimeout(() => done(undefined), REPORT_WITHIN_MS);
      reports.set(id, done);
      send({ type: 'report', id });
    });

  return {
    pid: child.pid,
    startedAt: performance.now(),
    isReady: () => isReady,
    wasReady: () => wasReady,
    ready: ready.promise,
    ended: ended.promise,
    silentMs: () => performance.now() - lastSignAt,
    vitals: () => vitals,
    report,
    drain: () => send({ type: 'drain' }),
    kill: (reason) => {
      lastReason = reason;
      child.kill('SIGKILL');
    },
  };
};

const environment = (): Record<string, string> =>
  Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
