import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { Estimate } from './queries.ts';
import type { AuthorizationList, Decision, Method } from './schema.ts';

export type AuthorizationRow = {
  id: string;
  line_id: string;
  decision: Decision;
  line_name: string;
  amount_cents: number;
};
export type Said = {
  name: string;
  method: Method;
  contact: string | null;
  text: string;
  /** Who of the staff wrote it down; null: nobody, the customer has the link. */
  recordedBy: string | null;
};

export const insertAuthorizations = async (
  tx: Sql,
  estimate: Pick<Estimate, 'id' | 'version'>,
  { rows, said }: { rows: readonly AuthorizationRow[]; said: Said },
): Promise<void> => {
  await tx`
    insert into estimate_authorizations (id, estimate_id, line_id, version, decision, line_name, amount_cents, name,
      method, contact, text, recorded_by)
    select id, ${estimate.id}, line_id, ${estimate.version}, decision, line_name, amount_cents, ${said.name},
      ${said.method}, ${said.contact}, ${said.text}, ${said.recordedBy}
    from jsonb_to_recordset(${tx.json(rows)}) as row(
      id uuid, line_id uuid, decision text, line_name text, amount_cents bigint)`;
};

export const shapeAuthorizations = async (
  tx: Sql,
  { id, version }: Pick<Estimate, 'id' | 'version'>,
): Promise<string> => {
  const rows = await tx<{ shape: Json }>`
    select shape from authorization_shapes where estimate_id = ${id} and version = ${version} order by id`;
  return `[${rows.map(({ shape }) => shape).join(',')}]`;
};

export const listAuthorizations = (
  sql: Sql,
  query: AuthorizationList & { id: string },
): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { created_at: sql.part`created_at` });
  return sql<ListRow>`
    select id, shape, ${page.key} from authorization_shapes where estimate_id = ${query.id} ${page.after}
    ${page.order} limit ${page.limit}`;
};
