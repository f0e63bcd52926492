import type { Database, Transaction } from '../../database/sql.ts';
import { readPhoneRegion } from '../../features/settings/queries.ts';
import { refuse } from '../../process/refusal.ts';
import type { Signals } from '../../process/signals.ts';
import type { Columns } from './columns.ts';
import { customerBatches } from './customers.ts';
import { type Line, readLines } from './lines.ts';
import type { Report } from './report.ts';
import { type Outcome, refusedLine } from './settle.ts';
import { beginImport, cancelImport } from './tables.ts';
import { vehicleBatches } from './vehicles.ts';

export type Tally = { lines: number; added: number; known: number; refused: number; examples: Outcome[] };

export type Work = {
  path: string;
  delimiter: string;
  columns: Columns;
  isVinUnchecked: boolean;
  isDryRun: boolean;
  report: Report;
  tally: Tally;
  signals: Pick<Signals, 'asked' | 'check'>;
};

const BATCH_LINES = 500;
const MAX_EXAMPLES = 5;

export const newTally = (): Tally => ({ lines: 0, added: 0, known: 0, refused: 0, examples: [] });

/** The whole file in one transaction: it is in, or nothing of it is. */
export const importLines = async (database: Database, work: Work): Promise<void> => {
  try {
    await database.transaction(async (tx) => {
      const { isAlone, pid } = await beginImport(tx);
      if (!isAlone) throw refuse('Another import is under way. Start this one when it is done.');
      // Where there is no statement to end, the next check ends the work.
      void work.signals.asked.then(() => cancelImport(database, pid)).catch(() => undefined);
      const settleBatch = await batchesOf(tx, work);
      for await (const batch of batches(readLines(work.path, work.delimiter))) {
        work.signals.check();
        note(work, await settleBatch(tx, batch));
      }
      work.signals.check();
      await tx`set constraints all immediate`;
      if (work.isDryRun) throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
};

/** Thrown out of a transaction to end it without a trace. */
class RollBack extends Error {}

const batchesOf = async (tx: Transaction, { columns, isVinUnchecked }: Work) => {
  const region = await readPhoneRegion(tx);
  const settle =
    columns.kind === 'customers'
      ? customerBatches(columns, region)
      : vehicleBatches(columns, region, isVinUnchecked);
  const width = columns.header.length;
  return async (inside: Transaction, lines: readonly Line[]): Promise<Outcome[]> => {
    const { whole = [], wide = [] } = Object.groupBy(lines, ({ cells }) =>
      cells.slice(width).some((cell) => cell !== '') ? 'wide' : 'whole',
    );
    const refused = wide.map(({ line, cells }) =>
      refusedLine(line, `has ${cells.length} cells where the header has ${width}: is a quote missing?`),
    );
    return [...refused, ...(await settle(inside, whole))].sort((one, other) => one.line - other.line);
  };
};

async function* batches(lines: AsyncIterable<Line>): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH_LINES) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const note = ({ tally, report, isDryRun }: Work, outcomes: readonly Outcome[]): void => {
  for (const one of outcomes) {
    tally.lines += 1;
    tally[one.outcome] += 1;
    if (one.outcome === 'refused' && tally.examples.length < MAX_EXAMPLES) tally.examples.push(one);
  }
  // The ids of a dry run name nothing.
  report.add(
    isDryRun ? outcomes.map((one) => (one.outcome === 'added' ? { ...one, id: null } : one)) : outcomes,
  );
};
