import type { Sql } from '../../database/sql.ts';

const BATCH = 500;
// Nobody waits for more than this of what a large import left without places.
const MAX_BATCHES = 20;

/** Gives places in the feed to some of the changes that have none: the last place, and whether that was all. */
export const placeSome = async (
  sql: Sql,
  { isPatient }: { isPatient: boolean },
): Promise<{ last: number; isDone: boolean }> => {
  const [row] = await sql<{ last: number; isDone: boolean }>`
    select last, is_done as "isDone" from place_journal(${BATCH}, ${isPatient})`;
  if (row === undefined) throw new Error('the journal has no head');
  return row;
};

/** The last place, once everything that was committed has its own, or much of it. */
export const placeAll = async (sql: Sql, how: { isPatient: boolean }): Promise<number> => {
  for (let batch = 1; ; batch += 1) {
    const { last, isDone } = await placeSome(sql, how);
    if (isDone || batch === MAX_BATCHES) return last;
  }
};
