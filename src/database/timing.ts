import type { Log } from '../observe/log.ts';
import type { DriverQuery, DriverRows } from './driver.ts';
import { away, databaseError, isAway } from './failures.ts';
import { createSlowest, readable, type TextCost } from './slowest.ts';

/** What one request has asked of the database. */
export type Trace = {
  readonly correlationId: string;
  /** Somebody waits for the answer: all lines and locks of it together share one patience. */
  readonly isAwaited: boolean;
  /** Who asks, once that is known: the journal names them. */
  actor: { id: string; role: string } | undefined;
  statements: number;
  waitingMs: number;
  runningMs: number;
  slow: number;
};

export type MeterOptions = {
  slowQueryMs: number;
  deadlineMs: number;
  onFailure: (error: unknown) => void;
  onAcquired?: ((ms: number) => void) | undefined;
};
export type MeterCounters = {
  statements: number;
  slow: number;
  failed: number;
  overdue: number;
  inFlight: number;
};

export type Call = {
  trace: Trace;
  /** When the caller asked, so that the time in line is told apart from the time on the server. */
  askedAt: number;
  /** Begin, commit and the like cost time, but are not among the route's statements. */
  isControl?: boolean;
  /** Runs once the server has answered or the statement was given up. */
  after?: () => void;
};

export type Meter = {
  run(query: DriverQuery, call: Call): Promise<DriverRows>;
  /** Puts the same deadline on something that is no statement; what comes after it is handed to `tooLate`. */
  bound<T>(promise: Promise<T>, tooLate: (value: T) => void): Promise<T>;
  counters(): MeterCounters;
  slowest(limit: number): TextCost[];
  stop(): void;
};

type Flight = { query: Pick<DriverQuery, 'active' | 'state' | 'reject'>; dueAt: number };

const SWEEP_EVERY_MS = 200;

export const newTrace = (correlationId: string, { isAwaited = false } = {}): Trace => ({
  correlationId,
  isAwaited,
  actor: undefined,
  statements: 0,
  waitingMs: 0,
  runningMs: 0,
  slow: 0,
});

/** Measures every statement, marks the slow ones, and gives up those that outlive their deadline. */
export const createMeter = (options: MeterOptions, log: Log): Meter => {
  const { slowQueryMs, deadlineMs, onFailure, onAcquired } = options;
  const flights = new Set<Flight>();
  const table = createSlowest();
  const counts = { statements: 0, slow: 0, failed: 0, overdue: 0 };

  const settle = (query: DriverQuery, call: Call, rows: number): void => {
    const { trace, askedAt } = call;
    const now = performance.now();
    const sentAt = query.sentAt ?? now;
    const waitingMs = sentAt - askedAt;
    const runningMs = now - sentAt;
    trace.waitingMs += waitingMs;
    trace.runningMs += runningMs;
    if (call.isControl !== true) {
      trace.statements += 1;
      counts.statements += 1;
      onAcquired?.(waitingMs);
    }
    // Begin and commit stand under no text of their own: begin holds who acts, so each would be another one.
    if (call.isControl !== true && query.string !== undefined) table.add(query.string, runningMs);
    if (runningMs > slowQueryMs) {
      trace.slow += 1;
      counts.slow += 1;
      const times = { waiting_ms: rounded(waitingMs), running_ms: rounded(runningMs), rows };
      const statement = readable((query.string ?? '').replace(/; set local shop\.act.*$/s, ''));
      log.warn({ correlation_id: trace.correlationId, statement, ...times }, 'a statement was slow');
    }
    call.after?.();
  };

  const run = (query: DriverQuery, call: Call): Promise<DriverRows> => {
    const flight = { query, dueAt: performance.now() + deadlineMs };
    flights.add(flight);
    return query.then(
      (rows) => {
        flights.delete(flight);
        settle(query, call, rows.count ?? rows.length);
        return rows;
      },
      (error: unknown) => {
        flights.delete(flight);
        settle(query, call, 0);
        throw failed(error, query.string);
      },
    );
  };

  const failed = (error: unknown, text = ''): unknown => {
    counts.failed += 1;
    const known = databaseError(error, readable(text));
    onFailure(known);
    return isAway(known) ? away(known) : known;
  };

  const bound = <T>(promise: Promise<T>, tooLate: (value: T) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const query = { active: false, state: null, reject };
      const flight = { query, dueAt: performance.now() + deadlineMs };
      flights.add(flight);
      promise.then(
        (value) => (flights.delete(flight) ? resolve(value) : tooLate(value)),
        (error: unknown) => {
          flights.delete(flight);
          reject(error);
        },
      );
    }).catch((error: unknown) => {
      throw failed(error);
    }) as Promise<T>;

  const sweep = (): void => {
    const now = performance.now();
    // The deadline is the same for all: the set is in the order in which they fall due.
    for (const flight of flights) {
      if (flight.dueAt > now) return;
      flights.delete(flight);
      counts.overdue += 1;
      giveUp(flight.query);
    }
  };
  const timer = setInterval(sweep, SWEEP_EVERY_MS);
  timer.unref();

  return {
    run,
    bound,
    counters: () => ({ ...counts, inFlight: flights.size }),
    slowest: table.list,
    stop: () => clearInterval(timer),
  };
};

/** The session is cut first, for a late answer on it must not meet another statement. */
export const giveUp = (query: Flight['query']): void => {
  if (query.active) query.state?.drop();
  query.reject(
    Object.assign(new Error('The statement outlived its deadline'), { code: 'STATEMENT_DEADLINE' }),
  );
};

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
