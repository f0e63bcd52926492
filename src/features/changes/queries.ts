import type { Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { AuditList } from './schema.ts';

export const listAudit = (sql: Sql, query: AuditList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { at: sql.part`at` });
  const { actor_id, entity, entity_id, from, to } = query;
  const all = sql.part``;
  return sql<ListRow>`
    select id, shape, ${page.key} from audit_shapes
    where true
      ${actor_id === undefined ? all : sql.part`and actor_id = ${actor_id}`}
      ${entity === undefined ? all : sql.part`and entity = ${entity}`}
      ${entity_id === undefined ? all : sql.part`and entity_id = ${entity_id}`}
      ${from === undefined ? all : sql.part`and at >= ${from}`}
      ${to === undefined ? all : sql.part`and at < ${to}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** Of these sessions those that live, with the role of whoever they belong to. */
export const listLivingSessions = (
  sql: Sql,
  ids: readonly string[],
): Promise<{ id: string; role: string }[]> => sql<{ id: string; role: string }>`
  select s.id, p.role from sessions s join staff p on p.id = s.staff_id
  where s.id = any(${ids}::uuid[]) and s.ended_at is null and s.expires_at > now() and p.is_active`;
