import type { Log } from '../observe/log.ts';
import type { Pool } from './pool.ts';
import type { Database } from './sql.ts';
import { newTrace, type Trace } from './timing.ts';

export type ReplicaStatus = {
  /** `other`: it answers, and is no standby of this database. */
  state: 'up' | 'away' | 'other';
  /** The age of the last transaction that it has, while there are later ones; null when that cannot be known. */
  lagS: number | null;
};

export type Replica = {
  /** The replica, once it has all that is committed by now; undefined when it has not within a second. */
  caughtUp(trace: Trace, primary: Database): Promise<Database | undefined>;
  status(): Promise<ReplicaStatus>;
  close(): Promise<void>;
};

type Position = { lsn: string; cluster: string };
type Standing = { isStandby: boolean; hasAll: boolean | null; lagS: number | null };

/** A report that waits longer had better ask the primary. */
const CATCH_UP_MS = 1_000;
const LOOK_EVERY_MS = 20;
const AWAY: ReplicaStatus = { state: 'away', lagS: null };

/** A standby beside the primary, for what reads much; it never answers with less than the primary would have. */
export const createReplica = (pool: Pool, primaryPool: Pool, log: Log): Replica => {
  let isUsed = true;

  const catchUp = async (trace: Trace, primary: Database): Promise<Database | undefined> => {
    if (!(await pool.probe())) return undefined;
    const position = await findPosition(primary);
    const database = pool.database(trace);
    for (const deadline = performance.now() + CATCH_UP_MS; performance.now() < deadline; ) {
      const { isStandby, hasAll } = await findStanding(database, position);
      if (isStandby && hasAll) return database;
      if (!isStandby) return undefined;
      await Bun.sleep(LOOK_EVERY_MS);
    }
    return undefined;
  };

  const note = (found: boolean): void => {
    if (found === isUsed) return;
    isUsed = found;
    if (found) log.info({}, 'reports read the replica again');
    else log.warn({}, 'the replica is away, behind, or none of this database: reports read the primary');
  };

  return {
    caughtUp: async (trace, primary) => {
      const found = await inTime(catchUp(trace, primary));
      note(found !== undefined);
      return found;
    },
    status: async () => {
      const look = async (): Promise<ReplicaStatus> => {
        if (!(await pool.probe())) return AWAY;
        const position = await findPosition(primaryPool.database(newTrace('status')));
        const { isStandby, hasAll, lagS } = await findStanding(pool.database(newTrace('status')), position);
        return isStandby ? { state: 'up', lagS: hasAll ? 0 : lagS } : { state: 'other', lagS: null };
      };
      return (await inTime(look())) ?? AWAY;
    },
    close: pool.close,
  };
};

/** Undefined when it fails or takes too long: a standby that hangs must not hold a report up. */
const inTime = async <Found>(work: Promise<Found>): Promise<Found | undefined> => {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), CATCH_UP_MS);
  const found = work.catch(() => undefined);
  return Promise.race([found, late.promise]).finally(() => clearTimeout(timer));
};

const findPosition = async (primary: Database): Promise<Position> => {
  const [row] = await primary<Position>`
    select pg_current_wal_lsn()::text as lsn, system_identifier::text as cluster from pg_control_system()`;
  if (row === undefined) throw new Error('The primary did not tell its position');
  return row;
};

const findStanding = async (replica: Database, { lsn, cluster }: Position): Promise<Standing> => {
  const [row] = await replica<Standing>`
    select pg_is_in_recovery() and system_identifier::text = ${cluster} as "isStandby",
      pg_last_wal_replay_lsn() >= ${lsn}::text::pg_lsn as "hasAll",
      extract(epoch from now() - pg_last_xact_replay_timestamp())::float8 as "lagS"
    from pg_control_system()`;
  if (row === undefined) throw new Error('The replica did not tell its position');
  return row;
};
