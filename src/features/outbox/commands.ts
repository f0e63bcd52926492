import type { Json, Sql, Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import type { Channel } from '../../shapes/message.ts';
import { newId } from '../../values/id.ts';
import {
  cancelMails,
  cancelQueuedTexts,
  insertMail,
  insertNotices,
  insertWritten,
  lockDelivery,
  setQueuedAgain,
  setRefusedLater,
  shapeDelivery,
} from './queries.ts';
import type { Mail } from './types.ts';

/**
 * Puts a mail into the outbox, to be sent after the commit. Without a recipient the same statement puts nothing there:
 * for those who must not be told by the time it takes whether there was one.
 */
export const queueMail = (tx: Sql, recipient: string | null, { estimateId, ...mail }: Mail): Promise<void> =>
  insertMail(tx, { ...mail, id: newId(), recipient, estimate_id: estimateId ?? null });

/** The mails about this estimate that still wait: their link opens nothing any more. */
export const callBackMails = (tx: Sql, estimateId: string): Promise<void> => cancelMails(tx, estimateId);

type Written = {
  appointmentId: string;
  messageId: string;
  channel: Channel;
  subject: string | null;
  now: string;
};

/** What somebody wrote to a customer: it goes as it was written, to the address that counts then. */
export const queueWritten = (
  tx: Sql,
  { appointmentId, messageId, channel, subject, now }: Written,
): Promise<void> =>
  insertWritten(tx, {
    ...{ id: newId(), appointment_id: appointmentId, message_id: messageId, channel, subject, due_at: now },
  });

/** To be called by whatever changes the state or the start of a job, in its transaction. */
export const queueNotices = (tx: Sql, appointmentId: string, now: string): Promise<void> =>
  insertNotices(tx, appointmentId, now);

/** Nothing that somebody wrote goes to these customers as a text any more, but for what is under way. */
export const cancelTexts = (tx: Sql, customerIds: readonly string[]): Promise<void> =>
  cancelQueuedTexts(tx, customerIds);

export const refusedLater = (tx: Sql, messageId: string, error: string): Promise<void> =>
  setRefusedLater(tx, messageId, error);

/** Throws outbox.not_failed (409) for one that has not failed, or whose text is gone. */
export const retryDelivery = async (tx: Transaction, id: string, now: string): Promise<Json> => {
  const found = await lockDelivery(tx, id);
  if (found === undefined) throw notFound('outbox');
  const { status, is_emptied: isEmptied } = found;
  if (status !== 'failed' || isEmptied) {
    throw fail(
      'outbox.not_failed',
      status === 'failed'
        ? 'Its text was deleted, for it held a secret. Ask for a new one.'
        : `Only what has failed can be tried again: this delivery is ${status}.`,
      { details: { status } },
    );
  }
  await setQueuedAgain(tx, id, now);
  const shape = await shapeDelivery(tx, id);
  if (shape === undefined) throw notFound('outbox');
  return shape;
};
