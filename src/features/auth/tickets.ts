import type { Sql } from '../../database/sql.ts';
import type { VerifyToken } from '../../http/authenticate.ts';
import { hashed, newToken } from '../../values/token.ts';
import { findActors } from './queries.ts';
import { wrongToken } from './tokens.ts';

export type Ticket = { ticket: string; expires_at: string };

/** A ticket stands for the session that asks for it: 30 seconds, once, at any worker of any box. */
export const issueTicket = async (tx: Sql, sessionId: string): Promise<Ticket> => {
  const ticket = newToken();
  const [row] = await tx<{ expires_at: string }>`
    insert into board_tickets (token_hash, session_id, expires_at)
    values (${hashed(ticket)}, ${sessionId}, now() + interval '30 seconds')
    returning iso(expires_at) as expires_at`;
  if (row === undefined) throw new Error('a ticket was not kept');
  return { ticket, ...row };
};

/** Of two who come with one ticket, one is let in. */
export const redeemTicket: VerifyToken = async (sql, ticket) => {
  const [used] = await sql<{ session_id: string }>`
    delete from board_tickets where token_hash = ${hashed(ticket)} and expires_at > now() returning session_id`;
  const found = used && (await findActors(sql, () => [used.session_id])).get(used.session_id);
  if (found === undefined) throw wrongToken();
  return found;
};
