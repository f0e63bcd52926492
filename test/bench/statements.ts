import type postgres from 'postgres';
import { settled } from '../../src/database/driver.ts';
import type { JsonParameter, Late, Part, Sql, Value } from '../../src/database/sql.ts';
import { connect } from '../helpers/connection.ts';

/** A statement of ours as a peer runs it: the same text, its columns as text, so that nobody decodes JSON. */
export type Statement = {
  /** With $1, $2 … */
  text: string;
  columns: readonly string[];
  /** For each id that is asked for. */
  values: Readonly<Record<string, readonly unknown[]>>;
};

type Sent = { text: string; values: readonly unknown[] };

/** What a query of ours sends for each id, and the columns that it gets. */
export const record = async (
  url: string,
  { ids, columns }: { ids: readonly string[]; columns: readonly string[] },
  query: (sql: Sql, id: string) => Promise<unknown>,
): Promise<Statement> => {
  const { sent, sql, session } = await recorder(url);
  for (const id of ids) await query(sql, id);
  await session.end();
  const [text, ...others] = new Set(sent.map((one) => one.text));
  if (text === undefined || others.length > 0 || sent.length !== ids.length)
    throw new Error('the route of a peer is one statement');
  const shown = columns.map((name) => `q.${name}::text as ${name}`).join(', ');
  return {
    text: `select ${shown} from (${text}) q`,
    columns,
    values: Object.fromEntries(ids.map((id, at) => [id, sent[at]?.values ?? []])),
  };
};

/** One session of the bare driver, and what is sent on it. */
export const recorder = async (url: string): Promise<{ sent: Sent[]; sql: Sql; session: postgres.Sql }> => {
  const sent: Sent[] = [];
  const session = connect(url, 1, { debug: (_, text, values) => sent.push({ text, values }) });
  // At its first statement it reads the types.
  await session`select 1`;
  sent.length = 0;
  // The driver's own tag is a fragment as long as nobody waits for it.
  const sql = Object.assign(
    async <Row extends object>(text: TemplateStringsArray, ...values: readonly (Value | Late)[]) =>
      (await session(text, ...(values.map(settled) as never[]))) as unknown as Row[],
    {
      part: (text: TemplateStringsArray, ...values: readonly Value[]) =>
        session(text, ...(values as never[])) as unknown as Part,
      json: (value: unknown) => session.json(value as never) as unknown as JsonParameter,
    },
  );
  return { sent, sql, session };
};

/** The text with its values in it, as pgbench prepares it. */
export const written = ({ text, values }: Statement, id: string): string =>
  text
    .replace(/\$(\d+)/g, (_, place: string) => literal(values[id]?.[Number(place) - 1]))
    .replace(/\s+/g, ' ');

export const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `'${String(value).replaceAll("'", "''")}'`;
};
