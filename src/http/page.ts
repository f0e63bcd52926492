import * as v from 'valibot';
import type { Json, Part, Sql } from '../database/sql.ts';
import type { Issue } from '../errors.ts';
import { isId } from '../values/id.ts';
import { wholeText } from '../values/number.ts';
import { parameterInvalid } from './accept.ts';
import { answerText } from './answers.ts';
import type { Ctx } from './context.ts';

export type ListRow = { shape: Json; id: string; sort_key: string };
export type Page = {
  limit: number;
  sort: string;
  isDescending: boolean;
  after: { key: string; id: string } | undefined;
};

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;
const MAX_CURSOR_LENGTH = 2_000;

export const limitParameter = () => v.optional(wholeText(1, MAX_LIMIT), String(DEFAULT_LIMIT));
export const cursorParameter = () =>
  v.optional(v.pipe(v.string(), v.maxLength(MAX_CURSOR_LENGTH, 'must be a next_cursor of this list')));

/** The parameters that every list takes; `sorts` is closed, its first is the default ('-' turns it round). */
export const pageParameters = <const S extends readonly [string, ...string[]]>(sorts: S) => ({
  limit: limitParameter(),
  cursor: cursorParameter(),
  sort: v.optional(
    v.picklist(
      sorts.flatMap((sort) => (sort.startsWith('-') ? [sort, sort.slice(1)] : [sort, `-${sort}`])),
      `must be one of ${sorts.map((sort) => sort.replace('-', '')).join(', ')}, with - in front for descending`,
    ),
    sorts[0],
  ),
});

type PageQuery = { limit: number; sort: string; cursor?: string | undefined };

/** Where to go on reading. A cursor holds for the filters and the sort that it was made with (400 otherwise). */
export const pageOf = (query: PageQuery & Record<string, unknown>): Page => {
  const { cursor, limit, sort } = query;
  const after = cursor === undefined ? undefined : decoded(cursor, fingerprint(query));
  return { limit, sort: sort.replace('-', ''), isDescending: sort.startsWith('-'), after };
};

/** The parts of a list's statement: `columns` names the column behind each sort. Read limit + 1 rows. */
export const keyset = (sql: Sql, page: Page, columns: Readonly<Record<string, Part>>) => {
  const column = columns[page.sort];
  if (column === undefined) throw new Error(`no column for the sort ${page.sort}`);
  const { after, isDescending } = page;
  return {
    key: sql.part`${column} as sort_key`,
    order: isDescending ? sql.part`order by ${column} desc, id desc` : sql.part`order by ${column}, id`,
    after:
      after === undefined
        ? sql.part``
        : isDescending
          ? sql.part`and (${column}, id) < (${after.key}, ${after.id})`
          : sql.part`and (${column}, id) > (${after.key}, ${after.id})`,
    limit: page.limit + 1,
  };
};

/** Answers {items, next_cursor} from limit + 1 rows. */
export const answerPage = (
  c: Ctx,
  rows: readonly ListRow[],
  query: PageQuery & Record<string, unknown>,
): Response => answerText(c, pageJson(rows, query));

export const pageJson = (rows: readonly ListRow[], query: PageQuery & Record<string, unknown>): string => {
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  const next = last === undefined ? 'null' : `"${nextCursor(last, query)}"`;
  return `{"items":[${shown.map((row) => row.shape).join(',')}],"next_cursor":${next}}`;
};

export const nextCursor = (
  { sort_key, id }: Pick<ListRow, 'sort_key' | 'id'>,
  query: PageQuery & Record<string, unknown>,
): string => Buffer.from(JSON.stringify([sort_key, id, fingerprint(query)])).toString('base64url');

/** Where to go on reading a feed, behind that place; the first is behind 0. */
export const feedCursor = (position: number, filters: Record<string, unknown>): string =>
  Buffer.from(JSON.stringify([position, fingerprint(filters)])).toString('base64url');

export const positionOf = ({ cursor, ...filters }: { cursor?: string | undefined }): number =>
  cursor === undefined ? 0 : opened(cursor, FeedCursorText, fingerprint(filters))[0];

const FeedCursorText = v.strictTuple([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.string()]);
const CursorText = v.strictTuple([
  v.pipe(v.string(), v.maxLength(1_000)),
  v.pipe(v.string(), v.check(isId)),
  v.string(),
]);

const decoded = (cursor: string, print: string): { key: string; id: string } => {
  const [key, id] = opened(cursor, CursorText, print);
  return { key, id };
};

const opened = <Parts extends unknown[]>(
  cursor: string,
  form: v.GenericSchema<unknown, Parts>,
  print: string,
): Parts => {
  const outcome = v.safeParse(form, jsonOf(Buffer.from(cursor, 'base64url').toString()));
  if (!outcome.success) throw cursorInvalid('is not a next_cursor of this list');
  // The last part is the fingerprint of the filters.
  if (outcome.output.at(-1) !== print)
    throw cursorInvalid('was made with other filters; start again without a cursor');
  return outcome.output;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const cursorInvalid = (message: string): Error => {
  const issues: Issue[] = [{ path: 'cursor', message }];
  return parameterInvalid(issues);
};

const fingerprint = ({ limit: _limit, cursor: _cursor, ...filters }: Record<string, unknown>): string =>
  Bun.hash(JSON.stringify(Object.entries(filters).sort(([one], [other]) => (one < other ? -1 : 1)))).toString(
    36,
  );
