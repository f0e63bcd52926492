import type { Late, Sql } from './sql.ts';
import type { Trace } from './timing.ts';

export type Found<Row> = ReadonlyMap<string, Row>;

/**
 * One statement for all who ask while it stands in the line for a connection. It is sent after the last of them has
 * asked, so each sees what was true when they came, or later; with a free connection everybody has a look of their own.
 */
export const shareLook = <Row>(find: (sql: Sql, keys: Late) => Promise<Found<Row>>) => {
  let inLine: { keys: Set<string>; found: Promise<Found<Row>> } | undefined;

  const begin = (sql: Sql, key: string): Promise<Found<Row>> => {
    const keys = new Set([key]);
    let isSent = false;
    const found = find(sql, () => {
      isSent = true;
      inLine = undefined;
      return [...keys];
    });
    if (isSent) return found;
    const look = { keys, found };
    inLine = look;
    // One that is refused in the line was never sent.
    return found.finally(() => {
      if (inLine === look) inLine = undefined;
    });
  };

  const join = (look: { keys: Set<string>; found: Promise<Found<Row>> }, trace: Trace, key: string) => {
    const askedAt = performance.now();
    look.keys.add(key);
    trace.statements += 1;
    return look.found.finally(() => {
      trace.waitingMs += performance.now() - askedAt;
    });
  };

  return async (sql: Sql, trace: Trace, key: string): Promise<Row | undefined> =>
    (await (inLine === undefined ? begin(sql, key) : join(inLine, trace, key))).get(key);
};
