import { isRetryable } from '../database/failures.ts';
import type { Transaction } from '../database/sql.ts';
import type { Act, Ctx } from './context.ts';

const MAX_ATTEMPTS = 4;
const BACKOFF_MS = 10;

/**
 * The one door of every write: opens the ONE transaction, runs the command in it, commits.
 * A deadlock or a serialization failure runs it again, a few times, on a transaction of its own.
 */
export const write = async <T>(c: Ctx, command: (tx: Transaction, act: Act) => Promise<T>): Promise<T> => {
  const act: Act = { actor: c.get('actor'), correlationId: c.get('correlationId') };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await c.get('sql').transaction((tx) => command(tx, act));
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isRetryable(error)) throw error;
      await Bun.sleep(BACKOFF_MS * attempt * (0.5 + Math.random()));
    }
  }
};
