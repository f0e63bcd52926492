import type { Log } from '../observe/log.ts';
import { parseAddress } from './address.ts';
import { openDriver } from './driver.ts';
import { away, DatabaseError, isAway } from './failures.ts';
import { createGate, type GateCounters } from './gate.ts';
import { type Place, watchDatabase } from './outage.ts';
import type { TextCost } from './slowest.ts';
import type { Database, Late, Transaction, Value } from './sql.ts';
import { createMeter, type MeterCounters, newTrace, type Trace } from './timing.ts';
import { runTransaction } from './transaction.ts';

export type PoolOptions = {
  url: string;
  max: number;
  min: number;
  acquireTimeoutMs: number;
  queueMax: number;
  lockTimeoutMs: number;
  statementTimeoutMs: number;
  slowQueryMs: number;
  /** False behind a PgBouncer: it refuses limits of time at the connection, so each statement brings its own. */
  prepare: boolean;
  applicationName: string;
};

export type PoolCounters = GateCounters & MeterCounters & { isAway: boolean };

export type Pool = {
  /** Cheap: once per request. Its statements are measured into the trace. */
  database(trace: Trace): Database;
  /** Whether the database answers, asked on a connection of its own; the answer is shared for 200 ms. */
  probe(): Promise<boolean>;
  counters(): PoolCounters;
  slowest(limit?: number): TextCost[];
  /** Opens DB_POOL_MIN connections; a database that is away is no error here. */
  warm(): Promise<void>;
  /** Ends the idle connections at once and the busy ones after 5 s at most. */
  close(): Promise<void>;
};

const CONNECT_TIMEOUT_S = 5;
const CLOSE_TIMEOUT_S = 5;
/** The server's own statement_timeout comes first, unless it cannot be heard any more. */
const DEADLINE_MARGIN_MS = 1000;
const REWARM_AFTER_MS = 1000;
const SLOWEST_SHOWN = 20;
const WAY_BACK_SHARE = 0.05;
const READ_ONLY = '25006';

/** When it was asked for, and how much of the request's patience was spent by then. */
type Asked = { trace: Trace; askedAt: number; spentMs: number };

/** `onAcquired` hears how long each statement stood in the line. The only way to the database: gate, timing, deadline and outage watch around the driver's pool. */
export const openPool = (options: PoolOptions, log: Log, onAcquired?: (ms: number) => void): Pool => {
  const address = parseAddress(options.url);
  const place: Place = { address, host: [address.hosts[0].host], port: [address.hosts[0].port] };
  const common = { ...place, prepare: options.prepare, parameters: parametersOf(options) };
  const opening = options.prepare ? 'begin' : `begin; ${localSettings(options)}`;
  const { lockTimeoutMs, acquireTimeoutMs } = options;
  let rewarm: ReturnType<typeof setTimeout> | undefined;

  const driver = openDriver({
    ...common,
    max: options.max,
    connectTimeoutS: CONNECT_TIMEOUT_S,
    onClose: () => warmLater(),
  });
  const gate = createGate(options);
  const watch = watchDatabase(
    { driver: common, onMoved: driver.renew, onAway: () => gate.clear(away()), onBack: () => warmLater(0) },
    log,
  );
  const meter = createMeter(
    {
      slowQueryMs: options.slowQueryMs,
      deadlineMs: options.statementTimeoutMs + DEADLINE_MARGIN_MS,
      onAcquired,
      onFailure: (error) => {
        if (isAway(error) || isReadOnly(error)) watch.suspect();
      },
    },
    log,
  );
  const leaveRead = (): void => gate.leave('read');
  const inTransaction = <T>(asked: Asked, work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const { trace, askedAt, spentMs } = asked;
    const patience = { lockTimeoutMs, totalMs: acquireTimeoutMs, since: askedAt - spentMs };
    return runTransaction({ driver, meter, trace, askedAt, patience, opening: opening + actOf(trace) }, work);
  };

  const statement = (trace: Trace, text: TemplateStringsArray, values: readonly (Value | Late)[]) => {
    const asked: Asked = { trace, askedAt: performance.now(), spentMs: spentBy(trace, acquireTimeoutMs) };
    if (watch.isAway()) return Promise.reject(away());
    const send = () =>
      options.prepare
        ? meter.run(driver.query(text, values), { ...asked, after: leaveRead })
        : inTransaction(asked, (tx) => tx(text, ...values)).finally(leaveRead);
    return gate.tryEnter('read') ? send() : gate.wait('read', asked.spentMs).then(send);
  };

  const transaction = async <T>(trace: Trace, work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const asked: Asked = { trace, askedAt: performance.now(), spentMs: spentBy(trace, acquireTimeoutMs) };
    if (watch.isAway()) throw away();
    if (!gate.tryEnter('write')) await gate.wait('write', asked.spentMs);
    return inTransaction(asked, work).finally(() => gate.leave('write'));
  };

  const database = (trace: Trace): Database => {
    const sql = (text: TemplateStringsArray, ...values: readonly (Value | Late)[]) =>
      statement(trace, text, values);
    // The rows are what the statement's text selects: only its author can name their type.
    return Object.assign(sql, {
      part: (text: TemplateStringsArray, ...values: readonly Value[]) => driver.part(text, values),
      json: driver.json,
      transaction: <T>(work: (tx: Transaction) => Promise<T>) => transaction(trace, work),
    }) as unknown as Database;
  };

  const warm = async (): Promise<void> => {
    if (!(await watch.probe())) return;
    const sql = database(newTrace('warm'));
    await Promise.allSettled(Array.from({ length: Math.min(options.min, options.max) }, () => sql`select 1`));
  };

  const warmLater = (afterMs = REWARM_AFTER_MS): void => {
    clearTimeout(rewarm);
    rewarm = setTimeout(() => watch.isAway() || warm(), afterMs);
    rewarm.unref();
  };

  const close = async (): Promise<void> => {
    clearTimeout(rewarm);
    gate.clear(away());
    await Promise.all([watch.close(), driver.end(CLOSE_TIMEOUT_S)]);
    clearTimeout(rewarm);
    meter.stop();
  };

  return {
    database,
    probe: watch.probe,
    counters: () => ({ ...gate.counters(), ...meter.counters(), isAway: watch.isAway() }),
    slowest: (limit = SLOWEST_SHOWN) => meter.slowest(limit),
    warm,
    close,
  };
};

/** Understood, and passed on, by every PgBouncer; the timeouts are not. */
const parametersOf = (options: PoolOptions): Record<string, string | number> => ({
  application_name: options.applicationName,
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  ...(options.prepare ? timeoutsOf(options) : {}),
});

const timeoutsOf = ({ statementTimeoutMs, lockTimeoutMs }: PoolOptions): Record<string, number> => ({
  statement_timeout: statementTimeoutMs,
  lock_timeout: lockTimeoutMs,
  // A command never pauses between its statements: one that does has lost its process, and holds locks.
  idle_in_transaction_session_timeout: statementTimeoutMs * 2,
});

/** For the journal's triggers: who changes things in this transaction. */
const actOf = ({ correlationId, actor }: Trace): string => {
  const act = JSON.stringify({ actor: actor?.id, role: actor?.role, correlation: correlationId });
  return `; set local shop.act = '${act.replaceAll("'", "''")}'`;
};

const localSettings = (options: PoolOptions): string =>
  Object.entries(timeoutsOf(options))
    .map(([name, value]) => `set local ${name} = ${value}`)
    .join('; ');

/**
 * What the database has cost a request so far, and what the way back will, is taken off its patience in lines and with
 * locks. Work that nobody waits for has all of it each time.
 */
const spentBy = ({ isAwaited, waitingMs, runningMs }: Trace, acquireTimeoutMs: number): number =>
  isAwaited ? waitingMs + runningMs + acquireTimeoutMs * WAY_BACK_SHARE : 0;

const isReadOnly = (error: unknown): boolean => error instanceof DatabaseError && error.code === READ_ONLY;
