import { fail, invalid } from '../../errors.ts';
import { assertTemplate } from '../templates/rules.ts';
import type { NewMessage } from './schema.ts';

type Reach = { phone: string | null; email: string | null; sms_consent: boolean };

/** Throws message.no_recipient, message.no_consent (409). */
export const assertReachable = (channel: NewMessage['channel'], to: Reach): void => {
  const address = channel === 'sms' ? to.phone : to.email;
  if (address === null) {
    const what = channel === 'sms' ? 'phone number' : 'e-mail address';
    throw fail('message.no_recipient', `The customer has no ${what}. Add one, or take the other channel.`);
  }
  if (channel === 'sms' && !to.sms_consent) {
    throw fail(
      'message.no_consent',
      'The customer has not agreed to text messages. Ask them, note their sms_consent, or write an e-mail.',
    );
  }
};

/** How many went to the customer in the last hour, and when one more may go. */
export type Lately = { count: number; frees_in_s: number | null };

/** Throws message.too_many (429) with the time until one more may go. */
export const assertFew = (lately: Lately, most: number): void => {
  if (lately.count < most) return;
  throw fail(
    'message.too_many',
    `This customer was sent ${lately.count} messages within an hour, and ${most} are the limit (settings).`,
    { retryAfterS: lately.frees_in_s ?? 1 },
  );
};

/** Throws 422 unless there is one text, and no more, which could be sent. */
export const assertOneText = ({ channel, body, template_id, subject }: NewMessage): void => {
  if (body === undefined && template_id === undefined)
    throw invalid('body', 'is required where there is no template_id');
  if (body !== undefined && template_id !== undefined)
    throw invalid('template_id', 'must be left out where there is a body');
  if (channel === 'sms' && subject !== undefined) throw invalid('subject', 'is for e-mails alone');
  // What is left out comes from the template, or is the shop's name.
  assertTemplate({ channel, body: body ?? '', subject: channel === 'email' ? (subject ?? '') : null });
};

// What the carriers of text messages go by, in any case, between any spaces and stops.
const STOP_WORDS = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'];
const START_WORDS = ['START', 'UNSTOP'];

/** What the customer decides with it, if it is one of the words and nothing else. */
export const consentIn = (text: string): boolean | undefined => {
  const word = text.replaceAll(/[\s\p{P}]+/gu, '').toUpperCase();
  if (STOP_WORDS.includes(word)) return false;
  return START_WORDS.includes(word) ? true : undefined;
};
