import type { Transaction } from '../../database/sql.ts';
import { insertLines, type Match } from './tables.ts';

export type Outcome = {
  line: number;
  outcome: 'added' | 'known' | 'refused';
  id: string | null;
  message: string;
};

type Row = { line: number; id: string };

export type Ways<One extends Row> = {
  find(tx: Transaction, rows: readonly One[]): Promise<Match[]>;
  /** Gives the rows that went in, and leaves out those that the constraints refuse. */
  insert(tx: Transaction, rows: readonly One[]): Promise<{ id: string }[]>;
  /** Whether two lines are one thing although no constraint would say so. */
  isSame(one: One, other: One): boolean;
};

export const refusedLine = (line: number, message: string): Outcome => ({
  line,
  outcome: 'refused',
  id: null,
  message,
});

/**
 * Adds the lines of a batch as if they had come one by one, in a few statements for all. A line that meets another,
 * of this batch or of somebody who writes at the same moment, goes round again and finds it.
 */
export const settle = async <One extends Row>(
  tx: Transaction,
  rows: readonly One[],
  ways: Ways<One>,
): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  let pending = rows;
  while (pending.length > 0) {
    const matches = Map.groupBy(await ways.find(tx, pending), ({ line }) => line);
    const fresh: One[] = [];
    const waiting: One[] = [];
    const known = new Map<string, number>();
    for (const row of pending) {
      const found = matches.get(row.line);
      if (found !== undefined) outcomes.push(outcomeOf(row, found, known));
      else if (fresh.some((one) => ways.isSame(one, row))) waiting.push(row);
      else fresh.push(row);
    }
    const added = new Set((fresh.length > 0 ? await ways.insert(tx, fresh) : []).map(({ id }) => id));
    const done = fresh.filter(({ id }) => added.has(id));
    await insertLines(tx, [...done, ...[...known].map(([id, line]) => ({ id, line }))]);
    outcomes.push(...done.map(({ line, id }): Outcome => ({ line, outcome: 'added', id, message: '' })));
    pending = [...fresh.filter(({ id }) => !added.has(id)), ...waiting].sort((a, b) => a.line - b.line);
  }
  return outcomes;
};

/** `known` holds what the lines of this round have named so far, and takes what this one names. */
const outcomeOf = ({ line }: Row, found: readonly Match[], known: Map<string, number>): Outcome => {
  for (const { id, by, first_line } of found) {
    const first = first_line ?? known.get(id);
    if (first !== undefined) return refusedLine(line, `is the same as line ${first}: both have one ${by}`);
  }
  const [one, other] = found;
  if (one === undefined) throw new Error('a line was matched with nothing');
  if (other !== undefined && other.id !== one.id) {
    return refusedLine(
      line,
      `could be two: its ${one.by} is that of ${one.id}, its ${other.by} that of ${other.id}`,
    );
  }
  known.set(one.id, line);
  const message = `known by its ${one.by}${one.is_elsewhere ? '; it belongs to another customer' : ''}`;
  return { line, outcome: 'known', id: one.id, message };
};
