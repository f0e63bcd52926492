import { Hono } from 'hono';
import type { Json, Sql } from '../../database/sql.ts';
import { accept } from '../../http/accept.ts';
import { answerText } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { MessageUsage } from '../../shapes/message.ts';
import { type UsageQuery, usageQuery } from './schema.ts';

export const templateUsage = new Hono<Env>().get(
  '/messages',
  accept({
    summary: 'Counts what was sent with each template, retired ones too, and what became of it',
    query: usageQuery,
    answers: MessageUsage,
  }),
  async (c) => answerText(c, await readUsage(c.get('sql'), c.req.valid('query'))),
);

/** By when the message was written. */
const readUsage = async (sql: Sql, { from, to }: UsageQuery): Promise<string> => {
  const items = await sql<{ shape: Json }>`
    select to_json(x) as shape from (
      select t.id as template_id, t.name, t.kind, t.channel,
        count(*) filter (where m.status = 'queued') as queued,
        count(*) filter (where m.status = 'sent') as sent,
        count(*) filter (where m.status = 'delivered') as delivered,
        count(*) filter (where m.status = 'failed') as failed,
        count(*) filter (where m.status = 'canceled') as canceled
      from message_templates t left join messages m on m.template_id = t.id
        ${from === undefined ? sql.part`` : sql.part`and m.created_at >= ${from}`}
        ${to === undefined ? sql.part`` : sql.part`and m.created_at < ${to}`}
      group by t.id order by lower(t.name), t.channel, t.id
    ) x`;
  return `{"items":[${items.map(({ shape }) => shape).join(',')}],"next_cursor":null}`;
};
