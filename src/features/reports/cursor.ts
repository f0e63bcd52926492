import type { Part, Transaction } from '../../database/sql.ts';

/** Some 50 KB: small enough for the memory of many, large enough that the way to the server hardly counts. */
const BATCH = 250;

/**
 * The statements of a cursor. A prepared FETCH remembers the columns of the cursor that it first met: so each has a
 * name of its own. Their text cannot take a number as a parameter: it is BATCH.
 */
const CURSORS = {
  appointments: {
    declare: (tx: Transaction, query: Part) => tx`declare appointment_report no scroll cursor for ${query}`,
    fetch: <Row extends object>(tx: Transaction) => tx<Row>`fetch 250 from appointment_report`,
  },
  payments: {
    declare: (tx: Transaction, query: Part) => tx`declare payment_report no scroll cursor for ${query}`,
    fetch: <Row extends object>(tx: Transaction) => tx<Row>`fetch 250 from payment_report`,
  },
};

type Read<Row> = { of: keyof typeof CURSORS; query: Part; take(rows: readonly Row[]): Promise<void> };

/** Hands over the rows of a query batch by batch, all as they were at one moment; the first batch may be empty. */
export const readInBatches = async <Row extends object>(
  tx: Transaction,
  { of, query, take }: Read<Row>,
): Promise<void> => {
  const { declare, fetch } = CURSORS[of];
  await declare(tx, query);
  for (;;) {
    const rows = await fetch<Row>(tx);
    await take(rows);
    if (rows.length < BATCH) return;
  }
};
