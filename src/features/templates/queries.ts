import type { Json, Sql } from '../../database/sql.ts';
import { keyset, type ListRow, pageOf } from '../../http/page.ts';
import type { TemplateFields, TemplateList } from './schema.ts';

export type TemplateShape = { id: string; version: number; shape: Json };
export type LockedTemplate = TemplateFields & { id: string; version: number; deleted_at: string | null };

export const findTemplate = async (sql: Sql, id: string): Promise<TemplateShape | undefined> => {
  const [row] = await sql<TemplateShape>`
    select id, version, shape from message_template_shapes where id = ${id} and deleted_at is null`;
  return row;
};

export const listTemplates = (sql: Sql, query: TemplateList): Promise<ListRow[]> => {
  const page = keyset(sql, pageOf(query), { name: sql.part`name_key` });
  const { kind, channel, deleted } = query;
  return sql<ListRow>`
    select id, shape, ${page.key} from message_template_shapes
    where deleted_at is ${deleted ? sql.part`not null` : sql.part`null`}
      ${kind === undefined ? sql.part`` : sql.part`and kind = any(${kind}::text[])`}
      ${channel === undefined ? sql.part`` : sql.part`and channel = ${channel}`}
      ${page.after}
    ${page.order} limit ${page.limit}`;
};

/** Deleted ones too. */
export const lockTemplate = async (tx: Sql, id: string): Promise<LockedTemplate | undefined> => {
  const [row] = await tx<LockedTemplate>`
    select id, name, kind, channel, subject, body, is_active, deleted_at, version
    from message_templates where id = ${id} for no key update`;
  return row;
};

export const insertTemplate = async (tx: Sql, id: string, one: TemplateFields): Promise<void> => {
  await tx`
    insert into message_templates (id, name, kind, channel, subject, body, is_active)
    values (${id}, ${one.name}, ${one.kind}, ${one.channel}, ${one.subject}, ${one.body}, ${one.is_active})`;
};

export const updateTemplate = async (tx: Sql, id: string, next: TemplateFields): Promise<void> => {
  await tx`
    update message_templates set name = ${next.name}, kind = ${next.kind}, subject = ${next.subject},
      body = ${next.body}, is_active = ${next.is_active}, updated_at = now(), version = version + 1
    where id = ${id}`;
};

export const setTemplateDeleted = async (tx: Sql, id: string, isDeleted: boolean): Promise<void> => {
  await tx`
    update message_templates set deleted_at = case when ${isDeleted}::boolean then now() end,
      updated_at = now(), version = version + 1
    where id = ${id}`;
};

/** The shape as it stands in this transaction, deleted or not. */
export const shapeTemplate = async (tx: Sql, id: string): Promise<TemplateShape | undefined> => {
  const [row] =
    await tx<TemplateShape>`select id, version, shape from message_template_shapes where id = ${id}`;
  return row;
};

export const findHolder = async (
  tx: Sql,
  { kind, channel }: TemplateFields,
): Promise<{ id: string } | undefined> => {
  const [row] = await tx<{ id: string }>`
    select id from message_templates
    where kind = ${kind} and channel = ${channel} and is_active and deleted_at is null`;
  return row;
};
