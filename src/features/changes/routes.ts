import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { AuditRow } from '../../shapes/audit.ts';
import { listOf } from '../../shapes/parts.ts';
import { listAudit } from './queries.ts';
import { auditList } from './schema.ts';

export const audit = new Hono<Env>().get(
  '/',
  accept({
    summary: 'Lists who changed what, the newest first',
    query: auditList,
    answers: listOf(AuditRow),
  }),
  async (c) => {
    const query = c.req.valid('query');
    return answerPage(c, await listAudit(c.get('sql'), query), query);
  },
);
