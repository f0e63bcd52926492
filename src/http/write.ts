import { isRetryable } from '../database/failures.ts';
import type { Sql, Transaction } from '../database/sql.ts';
import { Failure, fail } from '../errors.ts';
import { answerWhole, envelope, type Outcome } from './answers.ts';
import type { Act, Ctx } from './context.ts';
import { type Answered, type Kept, keyedWrite, once } from './idempotency.ts';

const MAX_ATTEMPTS = 4;
const BACKOFF_MS = 10;

/**
 * Thrown by a command that lacks something from outside, for which no transaction is kept open: it is rolled back, `fetch`
 * runs, and the command begins again.
 */
export class FetchFirst extends Failure {
  readonly fetch: (sql: Sql) => Promise<void>;

  constructor(fetch: (sql: Sql) => Promise<void>) {
    super('database.contention', 'The calendar changed again and again at the same moment. Try again.');
    this.fetch = fetch;
  }
}

type Command = (tx: Transaction, act: Act) => Promise<Outcome>;

/**
 * The one door of every write: opens the ONE transaction, runs the command in it, keeps its answer under the
 * request's Idempotency-Key, commits. With dry_run it rolls back instead.
 * A deadlock, a serialization failure or FetchFirst runs it again, a few times, on a transaction of its own.
 */
export const write = async (c: Ctx, command: Command): Promise<Response> => {
  const { key, isKeyDemanded, given, isDryRun } = c.get('writing');
  if (isKeyDemanded && key === undefined) throw keyMissing();
  const act: Act = { actor: c.get('actor'), correlationId: c.get('correlationId') };
  const run = async (tx: Transaction): Promise<Answered> => {
    const { status, json, headers, kept } = await command(tx, act);
    const text = envelope(json, act.correlationId);
    return {
      status,
      headers,
      text,
      keptText: kept === undefined ? text : envelope(kept, act.correlationId),
    };
  };
  if (isDryRun) return send(c, await repeated(c, () => rolledBack(c, run)));
  if (key === undefined) return send(c, await repeated(c, () => c.get('sql').transaction(run)));
  const keyed = keyedWrite(c, key, given);
  const { isReplay, ...kept } = await repeated(c, () =>
    c.get('sql').transaction((tx) => once(tx, keyed, () => run(tx))),
  );
  if (isReplay) c.header('Idempotency-Replayed', 'true');
  return send(c, kept);
};

const keyMissing = (): Failure =>
  fail(
    'idempotency.key_missing',
    'Send an Idempotency-Key of your own making, and the same one when you try again: so nobody pays twice.',
  );

const send = (c: Ctx, { status, text, headers }: Kept): Response => {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return answerWhole(c, text, status);
};

const repeated = async <T>(c: Ctx, work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isRetryable(error)) throw error;
      if (error instanceof FetchFirst) await error.fetch(c.get('sql'));
      else await Bun.sleep(BACKOFF_MS * attempt * (0.5 + Math.random()));
    }
  }
};

/** Every check of the write, those at its end included; then nothing of it is kept. */
const rolledBack = async (c: Ctx, run: (tx: Transaction) => Promise<Kept>): Promise<Kept> => {
  try {
    return await c.get('sql').transaction(async (tx) => {
      const tried = await run(tx);
      await tx`set constraints all immediate`;
      throw new RollBack(tried);
    });
  } catch (error) {
    if (error instanceof RollBack) return error.tried;
    throw error;
  }
};

/** Thrown out of a transaction to end it without a trace. */
class RollBack extends Error {
  readonly tried: Kept;

  constructor(tried: Kept) {
    super('a dry run ends here');
    this.tried = tried;
  }
}
