import type { Driver, DriverQuery, DriverRows, DriverSession } from './driver.ts';
import { DatabaseError } from './failures.ts';
import type { Late, Transaction, Value } from './sql.ts';
import type { Meter, Trace } from './timing.ts';

export type TransactionOptions = {
  driver: Driver;
  meter: Meter;
  trace: Trace;
  askedAt: number;
  /** The simple statements that open a transaction: `begin`, and settings where they cannot stand at the connection. */
  opening: string;
  /** `since` then lines and locks together are waited for no longer than `totalMs`. */
  patience: { lockTimeoutMs: number; totalMs: number; since: number };
};

/** A limit that is too long by less is left as it is: to change it costs a turn to the server and back. */
const COARSE_MS = 100;
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
  const lockTimeoutMs = lockPatience(options.patience);
  const state: State = { session, askedAt: options.askedAt, savepoints: 0, lockTimeoutMs };
  try {
    const isHurried = lockTimeoutMs < options.patience.lockTimeoutMs;
    await control(
      options,
      state,
      isHurried ? `${options.opening}; ${limited(lockTimeoutMs)}` : options.opening,
    );
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
  const tx = (text: TemplateStringsArray, ...values: readonly (Value | Late)[]): Promise<DriverRows> => {
    const query = () => send(options, state, state.session.query(text, values));
    const hurried = hurry(options, state);
    return hurried === undefined ? query() : hurried.then(query);
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
const hurry = (options: TransactionOptions, state: State): Promise<DriverRows> | undefined => {
  const nextMs = lockPatience(options.patience);
  if (nextMs > state.lockTimeoutMs - COARSE_MS) return undefined;
  state.lockTimeoutMs = nextMs;
  return control(options, state, limited(nextMs));
};

const lockPatience = ({ lockTimeoutMs, totalMs, since }: TransactionOptions['patience']): number => {
  // Work of its own pace, such as an import: its locks may take longer than a request's.
  if (lockTimeoutMs > totalMs) return lockTimeoutMs;
  const leftMs = Math.round(totalMs - (performance.now() - since));
  return Math.min(lockTimeoutMs, Math.max(LEAST_LOCK_WAIT_MS, leftMs));
};

const limited = (ms: number): string => `set local lock_timeout = ${ms}`;

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
