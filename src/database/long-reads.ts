import { fail } from '../errors.ts';
import { createGate } from './gate.ts';
import type { Replica } from './replica.ts';
import type { Database } from './sql.ts';
import type { Trace } from './timing.ts';

type Asker = { trace: Trace; sql: Database };

/** What reads much: so many at once, so that the connections are left to the day's work; from a replica that has all. */
export type LongReads = {
  /** For a file, which holds its place for as long as its reader takes: throws database.busy when none is free. */
  atOnce<T>(asker: Asker, read: (database: Database) => Promise<T>): Promise<T>;
  /** For figures: waits in line for a place, as a statement does for a connection, and no longer. */
  inLine<T>(asker: Asker, read: (database: Database) => Promise<T>): Promise<T>;
};

type Options = { max: number; queueMax: number; acquireTimeoutMs: number; replica: Replica | undefined };

const RETRY_AFTER_S = 5;

export const createLongReads = ({ replica, ...places }: Options): LongReads => {
  const gate = createGate(places);
  const inPlace = async <T>({ trace, sql }: Asker, read: (database: Database) => Promise<T>): Promise<T> => {
    try {
      return await read((await replica?.caughtUp(trace, sql)) ?? sql);
    } finally {
      gate.leave('read');
    }
  };
  return {
    atOnce: async (asker, read) => {
      if (!gate.tryEnter('read')) throw taken();
      return inPlace(asker, read);
    },
    inLine: async (asker, read) => {
      if (!gate.tryEnter('read')) await gate.wait('read');
      return inPlace(asker, read);
    },
  };
};

const taken = (): Error =>
  fail('database.busy', 'Other reports are being made. Ask for this one again in a few seconds.', {
    retryAfterS: RETRY_AFTER_S,
  });
