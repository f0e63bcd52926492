import type { Log } from '../observe/log.ts';
import type { SessionKind } from './address.ts';
import { type Driver, type DriverOptions, openDriver } from './driver.ts';
import { databaseError } from './failures.ts';
import { giveUp } from './timing.ts';

export type WatchOptions = {
  driver: Omit<DriverOptions, 'max' | 'connectTimeoutS'>;
  /** Another host has taken over: connections to the former one are to be closed. */
  onMoved: () => void;
  onAway: () => void;
  onBack: () => void;
};

export type Watch = {
  isAway(): boolean;
  /** A statement failed as if the database were gone: find out. */
  suspect(): void;
  /** Whether the database answers, on a connection of its own; never throws. */
  probe(): Promise<boolean>;
  close(): Promise<void>;
};

type Role = { is_standby: boolean; is_read_only: boolean };
type Answer = 'present' | 'gone' | 'late';

const SHARED_MS = 200;
const KNOCK_EVERY_MS = 100;
const TIMEOUT_MS = 1000;
const CONNECT_TIMEOUT_S = 1;
/** One late answer may be a busy machine; only so many in a row are an outage. */
const LATE_ANSWERS_OF_AN_OUTAGE = 2;
const ROLE = `select pg_is_in_recovery() as is_standby, current_setting('transaction_read_only') = 'on' as is_read_only`;

/**
 * Knows whether the database is there. While it is away one probe knocks ten times a second and every
 * statement is refused at once, so that no request stands in line for nothing and the first one after is served.
 */
export const watchDatabase = (options: WatchOptions, log: Log): Watch => {
  const { address, host, port } = options.driver;
  const inUse = (): string => `${host[0]}:${port[0]}`;
  const driver = openDriver({ ...options.driver, max: 1, connectTimeoutS: CONNECT_TIMEOUT_S });
  const state = {
    // With several hosts nobody is served before it is known which of them is the right one.
    isAway: address.hosts.length > 1,
    awaySince: undefined as number | undefined,
    lateAnswers: 0,
    elected: inUse(),
    isClosed: false,
  };
  let running: Promise<boolean> | undefined;
  let last = { at: -Infinity, isPresent: false };
  let knock: ReturnType<typeof setTimeout> | undefined;

  const settle = (answer: Answer, code: string): void => {
    state.lateAnswers = answer === 'late' ? state.lateAnswers + 1 : 0;
    if (answer === 'present') {
      if (state.elected !== inUse()) options.onMoved();
      state.elected = inUse();
      if (state.isAway) back();
    } else if (!state.isAway && (answer === 'gone' || state.lateAnswers >= LATE_ANSWERS_OF_AN_OUTAGE)) {
      state.isAway = true;
      state.awaySince = performance.now();
      log.warn({ code }, 'the database is away: requests that need it are refused until it is back');
      options.onAway();
    }
    if (answer !== 'present' && !state.isClosed) {
      clearTimeout(knock);
      knock = setTimeout(fresh, KNOCK_EVERY_MS);
      knock.unref();
    }
  };

  const back = (): void => {
    state.isAway = false;
    if (state.awaySince !== undefined) {
      log.info({ away_ms: Math.round(performance.now() - state.awaySince) }, 'the database is back');
    }
    options.onBack();
  };

  const fresh = (): Promise<boolean> => {
    running ??= ask(driver, options.driver).then(({ answer, code }) => {
      running = undefined;
      last = { at: performance.now(), isPresent: answer === 'present' };
      if (!state.isClosed) settle(answer, code);
      return last.isPresent;
    });
    return running;
  };

  return {
    isAway: () => state.isAway || state.isClosed,
    suspect: () => void (state.isClosed || fresh()),
    probe: () => {
      const isFresh = state.isClosed || performance.now() - last.at < SHARED_MS;
      return isFresh ? Promise.resolve(last.isPresent && !state.isClosed) : fresh();
    },
    close: () => {
      state.isClosed = true;
      clearTimeout(knock);
      return driver.end(1);
    },
  };
};

/** Asks each host once, beginning with the one in use; leaves the first that fits in use. */
const ask = async (driver: Driver, place: Place): Promise<{ answer: Answer; code: string }> => {
  let outcome = { answer: 'gone' as Answer, code: 'no host has the wanted role' };
  for (const _ of place.address.hosts) {
    try {
      const role = await askRole(driver);
      if (fits(place.address.sessionKind, role)) return { answer: 'present', code: '' };
      await driver.renew();
    } catch (error) {
      const { code } = databaseError(error, ROLE);
      outcome = { answer: code === 'STATEMENT_DEADLINE' ? 'late' : 'gone', code };
    }
    turnToNext(place);
  }
  return outcome;
};

export type Place = Pick<DriverOptions, 'address' | 'host' | 'port'>;

const askRole = async (driver: Driver): Promise<Role> => {
  const query = driver.simple(ROLE);
  const timer = setTimeout(() => {
    // When this process itself was held up, the answer may be here already: let it be read first.
    setImmediate(() => giveUp(query));
  }, TIMEOUT_MS);
  try {
    const [role] = await query;
    // The statement selects exactly these two columns.
    return role as Role;
  } finally {
    clearTimeout(timer);
  }
};

export const fits = (wanted: SessionKind, { is_standby, is_read_only }: Role): boolean => {
  if (wanted === 'primary') return !is_standby;
  if (wanted === 'standby') return is_standby;
  if (wanted === 'read-write') return !is_read_only;
  if (wanted === 'read-only') return is_read_only;
  return true;
};

const turnToNext = ({ address, host, port }: Place): void => {
  const { hosts } = address;
  const now = hosts.findIndex((each) => each.host === host[0] && each.port === port[0]);
  const next = hosts[(now + 1) % hosts.length] ?? hosts[0];
  host[0] = next.host;
  port[0] = next.port;
};
