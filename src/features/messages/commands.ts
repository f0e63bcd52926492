import type { Sql } from '../../database/sql.ts';
import { newId } from '../../values/id.ts';
import { insertMail } from './queries.ts';

export type Mail = { template: 'password_reset' | 'invoice'; subject: string; body: string };

/**
 * Puts a mail into the outbox, to be sent after the commit. Without a recipient the same statement puts nothing there:
 * for those who must not be told by the time it takes whether there was one.
 */
export const queueMail = (tx: Sql, recipient: string | null, mail: Mail): Promise<void> =>
  insertMail(tx, { ...mail, id: newId(), recipient });
