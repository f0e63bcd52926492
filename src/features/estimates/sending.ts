import type { Transaction } from '../../database/sql.ts';
import { hashed, newToken } from '../../values/token.ts';
import { callBackMails, queueMail } from '../outbox/commands.ts';
import { lockNamed, type OnEstimate, shapeNow } from './commands.ts';
import { type EstimateShape, endLink, insertLink, readLetter, setSent } from './queries.ts';
import { assertSendable, letterOf } from './rules.ts';

/** `url` is told once, for only its hash is kept; a path where the shop has set no address of its own. */
export type Sent = EstimateShape & { url: string };

/**
 * Gives it to its customer: a link of theirs, in the place of the one that there was. To whom has an e-mail address it
 * goes by mail; to the others by whatever way the shop has.
 */
export const sendEstimate = async (
  tx: Transaction,
  { publicUrl, now, ...on }: OnEstimate & { publicUrl: string; now: string },
): Promise<Sent> => {
  const { id, ...estimate } = await lockNamed(tx, on);
  assertSendable(estimate, now);
  const token = newToken();
  const url = `${publicUrl}/v1/public/estimates/${token}`;
  await setSent(tx, id);
  await insertLink(tx, id, hashed(token));
  await callBackMails(tx, id);
  const { email, ...letter } = await readLetter(tx, id);
  // A path is of no use in a mail.
  await queueMail(tx, email, {
    kind: 'estimate',
    estimateId: id,
    ...letterOf({ ...letter, url: publicUrl === '' ? null : url }),
  });
  return { ...(await shapeNow(tx, id)), url };
};

/** The link that was given out opens the estimate no more. */
export const endLinks = async (tx: Transaction, on: OnEstimate): Promise<void> => {
  const { id } = await lockNamed(tx, on);
  await endLink(tx, id);
  await callBackMails(tx, id);
};
