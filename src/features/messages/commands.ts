import type { Json, Transaction } from '../../database/sql.ts';
import { fail, invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { queueWritten, refusedLater } from '../outbox/commands.ts';
import { templateNamed } from '../templates/commands.ts';
import { readJobs } from '../templates/facts.ts';
import { rendered, valuesOf } from '../templates/rules.ts';
import {
  countLately,
  insertMessage,
  insertReceived,
  isReceived,
  lockRecipient,
  type Outcome,
  type Received,
  setOutcome,
  shapeMessage,
} from './queries.ts';
import { assertFew, assertOneText, assertReachable } from './rules.ts';
import type { NewMessage } from './schema.ts';

type Written = { id: string; expected: Expected; now: string; input: NewMessage };

/** Writes to the customer of a job: it stands in the thread, and is sent after the commit. */
export const writeMessage = async (tx: Transaction, { id, expected, now, input }: Written): Promise<Json> => {
  assertOneText(input);
  const to = await lockRecipient(tx, id);
  if (to === undefined) throw notFound('appointment');
  assertFresh('appointment', expected, to.version);
  const { channel } = input;
  const template = await textOf(tx, input, to.shop_name);
  const [job] = await readJobs(tx, [id]);
  if (job === undefined) throw notFound('appointment');
  const { subject, body } = rendered(template, { ...valuesOf(job), ...input.variables });
  assertReachable(channel, to);
  assertFew(await countLately(tx, to.customer_id), to.messages_per_hour);
  const messageId = newId();
  await insertMessage(tx, { id: messageId, appointment_id: id, channel, body, template_id: template.id });
  await queueWritten(tx, { appointmentId: id, messageId, channel, subject, now });
  const shape = await shapeMessage(tx, messageId);
  if (shape === undefined) throw notFound('appointment');
  return shape;
};

type Text = { id: string | null; subject: string | null; body: string };

/** What somebody types may name variables as a template does. */
const textOf = async (tx: Transaction, input: NewMessage, shopName: string): Promise<Text> => {
  const { channel, template_id, body } = input;
  if (template_id === undefined) {
    const subject = channel === 'email' ? (input.subject ?? shopName) : null;
    return { id: null, subject, body: body ?? '' };
  }
  const template = await templateNamed(tx, template_id);
  if (template.channel !== channel) throw invalid('template_id', `names a template for ${template.channel}`);
  return { id: template.id, subject: input.subject ?? template.subject, body: template.body };
};

/** What the provider says became of a text. False: it was known already. Throws message.not_found (404). */
export const noteOutcome = async (
  tx: Transaction,
  { providerId, status, error }: { providerId: string; status: Outcome; error: string },
): Promise<boolean> => {
  const found = await setOutcome(tx, providerId, status);
  if (found === undefined)
    throw fail('message.not_found', 'No text of this shop is known by that id. Try again.');
  if (found.is_new && status === 'failed') await refusedLater(tx, found.id, error);
  return found.is_new;
};

/** A text from a customer, in the thread that it answers. False: it was known already. */
export const receiveText = async (tx: Transaction, received: Received): Promise<boolean> =>
  (await insertReceived(tx, newId(), received)) || !(await isReceived(tx, received.providerId));
