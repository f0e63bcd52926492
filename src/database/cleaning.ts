import type { Log } from '../observe/log.ts';
import type { Database, Part, Sql } from './sql.ts';

const EVERY_MS = 3_600_000;
const BATCH = 1_000;
const LOCK_ID = 0x636c65616e;

/** What may go, and after how long. */
const OLD = (sql: Sql): readonly (readonly [table: Part, isOld: Part])[] => [
  [sql.part`idempotency_keys`, sql.part`created_at < now() - interval '24 hours'`],
  [sql.part`refresh_tokens`, sql.part`used_at < now() - interval '30 days'`],
  [sql.part`sessions`, sql.part`least(ended_at, expires_at) < now() - interval '30 days'`],
  [sql.part`password_resets`, sql.part`expires_at < now() - interval '1 day'`],
  [
    sql.part`outbox`,
    // A reminder may wait for longer. The message itself stays in its thread.
    sql.part`created_at < now() - interval '90 days' and status not in ('queued', 'sending')`,
  ],
  // The next booking of that technician takes them away too.
  [sql.part`appointments`, sql.part`status = 'held' and hold_expires_at < now()`],
  [
    sql.part`appointment_links`,
    sql.part`appointment_id in (select id from appointments where ends_at < now() - interval '31 days')`,
  ],
  // Later than anybody could still open one; a longer one is kept until its time is over.
  [
    sql.part`estimate_links`,
    sql.part`estimate_id in (select l.estimate_id from estimate_links l join estimates e on e.id = l.estimate_id
      where coalesce(e.valid_until, l.created_at + interval '30 days') < now() - interval '1 day')`,
  ],
  [sql.part`travel_times`, sql.part`fetched_at < now() - interval '30 days'`],
  [sql.part`webhook_deliveries`, sql.part`created_at < now() - interval '90 days'`],
  [sql.part`board_tickets`, sql.part`expires_at < now()`],
  [sql.part`attempts`, sql.part`window_ends_at < now()`],
];

/** Deletes what is too old, in batches that hold no lock for long; gives the number of rows. */
export const clean = async (sql: Database): Promise<number> => {
  let deleted = 0;
  let failure: unknown;
  for (const [table, isOld] of OLD(sql)) {
    const [count, fault] = await cleanTable(sql, table, isOld);
    deleted += count;
    failure ??= fault;
  }
  if (failure !== undefined) throw failure;
  return deleted;
};

/** A table that fails keeps no other one from being cleaned: its fault is given back, not thrown. */
const cleanTable = async (sql: Database, table: Part, isOld: Part): Promise<[number, unknown]> => {
  let deleted = 0;
  try {
    for (;;) {
      const count = await sql.transaction((tx) => deleteBatch(tx, table, isOld));
      deleted += count;
      if (count < BATCH) return [deleted, undefined];
    }
  } catch (error) {
    return [deleted, error];
  }
};

/** Of several workers one cleans; the others find nothing to do. */
const deleteBatch = async (tx: Sql, table: Part, isOld: Part): Promise<number> => {
  const [turn] = await tx<{
    isMine: boolean;
  }>`select pg_try_advisory_xact_lock(${LOCK_ID}::bigint) as "isMine"`;
  if (turn?.isMine !== true) return 0;
  const rows = await tx`
    delete from ${table} where ctid = any(array(select ctid from ${table} where ${isOld} limit ${BATCH})) returning 1`;
  return rows.length;
};

/** Every hour, at a minute of its own. */
export const cleanHourly = (sql: Database, log: Log): void => {
  const work = async (): Promise<void> => {
    const deleted = await clean(sql);
    if (deleted > 0) log.info({ rows: deleted }, 'what was too old was deleted');
  };
  const attempt = (): void => {
    setTimeout(attempt, EVERY_MS).unref();
    work().catch((error: unknown) => log.warn({ error }, 'cleaning failed and is tried again in an hour'));
  };
  setTimeout(attempt, Math.random() * EVERY_MS).unref();
};
