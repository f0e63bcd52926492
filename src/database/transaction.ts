import type { Driver, DriverQuery, DriverRows, DriverSession } from './driver.ts';
import { DatabaseError } from './failures.ts';
import type { Transaction, Value } from './sql.ts';
import type { Meter, Trace } from './timing.ts';

export type TransactionOptions = {
  driver: Driver;
  meter: Meter;
  trace: Trace;
  askedAt: number;
  /** The simple statements that open a transaction: `begin`, and settings where they cannot stand at the connection. */
  opening: string;
  /** The line and all locks of a transaction together are waited for no longer than `totalMs`. */
  patience: { lockTimeoutMs: number; totalMs: number };
};

/** Below this nothing has been waited for. */
const UNHURRIED_MS = 100;
const LEAST_LOCK_WAIT_MS = 50;

/**
 * One transaction on one session of the server. Once that session is gone, or the transaction has ended,
 * every further statement of its handle is refused by the patched driver: it never runs in somebody else's.
 */
export const runTransaction = async <T>(
  options: TransactionOptions,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> => {
  const { driver, meter } = options;
  const session = await meter.bound(driver.reserve(), (late) => late.release());
  const { lockTimeoutMs } = options.patience;
  const state: State = { session, askedAt: options.askedAt, savepoints: 0, lockTimeoutMs };
  try {
    await control(options, state, options.opening);
    const result = await work(transactionOf(options, state));
    await commit(options, state);
    return result;
  } catch (error) {
    // A session that is gone has rolled back by itself, and the first error tells more than this one.
    await control(options, state, 'rollback').catch(() => undefined);
    throw error;
  } finally {
    session.release();
  }
};

type State = {
  session: DriverSession;
  askedAt: number | undefined;
  savepoints: number;
  lockTimeoutMs: number;
};

const transactionOf = (options: TransactionOptions, state: State): Transaction => {
  const { driver } = options;
  const tx = (text: TemplateStringsArray, ...values: readonly Value[]): Promise<DriverRows> => {
    const query = () => send(options, state, state.session.query(text, values));
    return performance.now() - options.askedAt < UNHURRIED_MS ? query() : hurry(options, state).then(query);
  };
  const savepoint = async <T>(work: () => Promise<T>): Promise<T> => {
    state.savepoints += 1;
    const name = `s${state.savepoints}`;
    await control(options, state, `savepoint ${name}`);
    try {
      const result = await work();
      await control(options, state, `release savepoint ${name}`);
      return result;
    } catch (error) {
      // When this fails too, the transaction cannot be committed any more: the first error tells why.
      await control(options, state, `rollback to savepoint ${name}; release savepoint ${name}`).catch(
        () => undefined,
      );
      throw error;
    }
  };
  // The rows are what the statement's text selects: only its author can name their type.
  return Object.assign(tx, {
    part: (text: TemplateStringsArray, ...values: readonly Value[]) => driver.part(text, values),
    json: driver.json,
    savepoint,
  }) as unknown as Transaction;
};

/** PostgreSQL's limit is for each lock by itself: who has waited already waits the less for the next one. */
const hurry = async (options: TransactionOptions, state: State): Promise<void> => {
  const { lockTimeoutMs, totalMs } = options.patience;
  // Work of its own pace, such as an import: its locks may take longer than a request's.
  if (lockTimeoutMs > totalMs) return;
  const leftMs = Math.round(totalMs - (performance.now() - options.askedAt));
  const nextMs = Math.max(LEAST_LOCK_WAIT_MS, leftMs);
  if (nextMs >= state.lockTimeoutMs) return;
  state.lockTimeoutMs = nextMs;
  await control(options, state, `set local lock_timeout = ${nextMs}`);
};

/** PostgreSQL answers COMMIT with ROLLBACK when a statement had failed and its error was passed over. */
const commit = async (options: TransactionOptions, state: State): Promise<void> => {
  const { command } = await control(options, state, 'commit');
  if (command !== 'ROLLBACK') return;
  throw new DatabaseError('A statement had failed, so the transaction was rolled back instead of committed', {
    code: '25P02',
    statement: 'commit',
    constraint: '',
    table: '',
  });
};

const control = (options: TransactionOptions, state: State, text: string): Promise<DriverRows> =>
  send(options, state, state.session.simple(text), true);

const send = (
  { meter, trace }: TransactionOptions,
  state: State,
  query: DriverQuery,
  isControl = false,
): Promise<DriverRows> => {
  const askedAt = state.askedAt ?? performance.now();
  // Only the first statement has stood in the line for a connection.
  state.askedAt = undefined;
  return meter.run(query, { trace, askedAt, isControl });
};
