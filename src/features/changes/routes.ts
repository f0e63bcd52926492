import { Hono } from 'hono';
import { accept } from '../../http/accept.ts';
import { added, answerText } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { write } from '../../http/write.ts';
import { AuditRow } from '../../shapes/audit.ts';
import { BoardTicket, Feed } from '../../shapes/change.ts';
import { listOf } from '../../shapes/parts.ts';
import { issueTicket } from '../auth/tickets.ts';
import { readFeed } from './feed.ts';
import { listAudit } from './queries.ts';
import { auditList, ChangeList, StreamQuery } from './schema.ts';
import type { Streams } from './streams.ts';

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

export const changes = new Hono<Env>().get(
  '/',
  accept({
    summary: 'Tells what changed, the oldest first; next_cursor leads on for ever',
    query: ChangeList,
    answers: Feed,
  }),
  async (c) => answerText(c, await readFeed(c.get('sql'), c.req.valid('query'))),
);

// A proxy that gathers answers would keep the events to itself.
const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};

export const boardEvents = (streams: Streams) =>
  new Hono<Env>()
    .post(
      '/tickets',
      accept({
        summary: 'Makes a ticket that opens one stream of the board within 30 seconds, for EventSource',
        answers: BoardTicket,
        status: 201,
        isUnkept: true,
      }),
      async (c) =>
        write(c, async (tx, { actor }) => {
          const made = await issueTicket(tx, actor.sessionId);
          return added(JSON.stringify(made), `/v1/board/events?ticket=${made.ticket}`);
        }),
    )
    .get(
      '/events',
      accept({
        summary: 'Streams what changes on the board, from Last-Event-ID on',
        query: StreamQuery,
        answers: 'text/event-stream',
        refuses: [
          ...(['server.draining', 'board.too_many_streams'] as const),
          // A ticket is taken out of use.
          ...(['database.read_only', 'database.storage_full'] as const),
        ],
      }),
      (c) => {
        // Hono answers HEAD with the headers of GET: nobody would take the events.
        if (c.req.method === 'HEAD') return c.body(null, 200, STREAM_HEADERS);
        const client = { actor: c.get('actor'), correlationId: c.get('correlationId'), after: lastSeen(c) };
        return c.body(streams.open(client), 200, STREAM_HEADERS);
      },
    );

const PLACE = /^\d{1,15}$/;

/** EventSource names it by a header when it comes back, and by nothing else; so its page may in the address. */
const lastSeen = (c: Ctx): number | undefined => {
  const named = c.req.header('last-event-id') ?? c.req.query('last_event_id') ?? '';
  if (named === '') return undefined;
  return PLACE.test(named) ? Number(named) : Number.NaN;
};
