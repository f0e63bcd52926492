import type { Json, Sql } from '../../database/sql.ts';
import { cursorInvalid, feedCursor, positionOf } from '../../http/page.ts';
import { placeAll } from './places.ts';
import type { ChangeList } from './schema.ts';

// Of a rare type there may be none for long: so many places are looked through for a page.
const WINDOW = 50_000;

type Row = { position: number; shape: Json };

/** {items, next_cursor}: what was committed before it was asked for is in it, or behind next_cursor. */
export const readFeed = async (sql: Sql, query: ChangeList): Promise<string> => {
  const after = positionOf(query);
  const head = await placeAll(sql, { isPatient: true });
  // Of a database that a backup has brought back to an earlier day.
  if (after > head) throw cursorInvalid('is ahead of this feed; start again without a cursor');
  const until = query.types === undefined ? head : Math.min(head, after + WINDOW);
  const rows = await listChanges(sql, query, { after, until });
  const last = rows.length < query.limit ? until : (rows.at(-1)?.position ?? until);
  const items = rows.map(
    ({ position, shape }) => `{"cursor":"${feedCursor(position, query)}",${shape.slice(1)}`,
  );
  return `{"items":[${items.join(',')}],"next_cursor":"${feedCursor(last, query)}"}`;
};

const listChanges = (
  sql: Sql,
  { types, limit }: ChangeList,
  { after, until }: { after: number; until: number },
): Promise<Row[]> => sql<Row>`
  select f.position, (select to_json(x) from (
    select f.type, f.entity, f.entity_id, f.version, iso(f.at) as at, f.deleted) x) as shape
  from changes f
  where f.position > ${after} and f.position <= ${until}
    ${types === undefined ? sql.part`` : sql.part`and array['*', f.entity || '.*', f.type] && ${types}::text[]`}
  order by f.position limit ${limit}`;
