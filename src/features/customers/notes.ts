import type { Json, Sql, Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { lockLiving } from './commands.ts';
import type { NoteList } from './schema.ts';

type Written = { id: string; body: string; authorId: string; expected: Expected };

/** A note is never changed: what was known when stays readable. */
export const addNote = async (tx: Transaction, { id, body, authorId, expected }: Written): Promise<Json> => {
  const { version } = await lockLiving(tx, id);
  assertFresh('customer', expected, version);
  const noteId = newId();
  await insertNote(tx, { id: noteId, customerId: id, authorId, body });
  return shapeNote(tx, noteId);
};

export const listNotes = (sql: Sql, query: NoteList & { id: string }): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from customer_note_shapes where customer_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};

export const moveNotes = async (tx: Sql, from: string, to: string): Promise<void> => {
  await tx`update customer_notes set customer_id = ${to} where customer_id = ${from}`;
};

const insertNote = async (
  tx: Sql,
  note: { id: string; customerId: string; authorId: string; body: string },
): Promise<void> => {
  await tx`
    insert into customer_notes (id, customer_id, author_id, body)
    values (${note.id}, ${note.customerId}, ${note.authorId}, ${note.body})`;
};

const shapeNote = async (tx: Sql, id: string): Promise<Json> => {
  const [row] = await tx<{ shape: Json }>`select shape from customer_note_shapes where id = ${id}`;
  if (row === undefined) throw notFound('customer');
  return row.shape;
};
