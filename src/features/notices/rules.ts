import type { Channel, NoticeKind } from '../../shapes/message.ts';
import { isBefore } from '../../values/time.ts';
import { filledIn, type JobFacts, valuesOf } from '../templates/rules.ts';
import { quietUntil } from './quiet.ts';

/** What is due of a job, with all that a decision about it needs, as it stands in the claim. */
export type Errand = {
  id: string;
  kind: string;
  /** The start for which a notice was put down. */
  meant_start: string | null;
  attempts: number;
  recipient: string | null;
  subject: string | null;
  /** The text of the attempt before, or what somebody wrote; null once that has failed: then another one is written. */
  message: {
    id: string;
    channel: Channel;
    body: string;
    kind: NoticeKind | null;
    starts_at: string | null;
  } | null;
  appointment_id: string;
  customer_id: string;
  status: string;
  starts_at: string;
  /** The job, or its customer. */
  is_deleted: boolean;
  is_customer_deleted: boolean;
  phone: string | null;
  email: string | null;
  sms_consent: boolean;
  /** What the customer was told last of the start, but for the text above. */
  told: { kind: NoticeKind; starts_at: string } | null;
  /** The last hour's messages to the customer, but for the attempt before. */
  lately: number;
  lately_frees_at: string | null;
  messages_per_hour: number;
  /** Something else of this job is on its way: what follows must arrive behind it. */
  is_busy: boolean;
  zone: string;
  now: string;
};

export type Template = {
  id: string;
  kind: NoticeKind;
  channel: Channel;
  subject: string | null;
  body: string;
};

export type Text = {
  kind: NoticeKind | null;
  /** The start that it tells. */
  starts_at: string | null;
  template_id: string | null;
  channel: Channel;
  recipient: string;
  subject: string | null;
  body: string;
};

export type Decision =
  | { outcome: 'wait' }
  | { outcome: 'hold'; until: string; why: string }
  | { outcome: 'cancel' | 'fail'; why: string }
  | { outcome: 'send'; text: Text };

export const MAX_ATTEMPTS = 8;

/** What becomes of something that is due, by the job as it stands. */
export const decide = (errand: Errand, templates: readonly Template[], job: JobFacts): Decision => {
  if (errand.is_busy) return { outcome: 'wait' };
  if (errand.attempts >= MAX_ATTEMPTS) return fail('No attempt came to its end');
  if (errand.is_customer_deleted) return cancel('The customer was deleted');
  const text = errand.kind === 'written' ? writtenText(errand) : noticeText(errand, templates, job);
  if ('outcome' in text) return text;
  const isSent = isSameText(errand, text);
  const night = text.channel === 'sms' ? quietUntil(errand.now, errand.zone) : undefined;
  if (night !== undefined) return { outcome: 'hold', until: night, why: 'No texts go out at night' };
  // A second attempt is no second message, and what somebody wrote was counted when they wrote it.
  if (errand.kind !== 'written' && !isSent && errand.lately >= errand.messages_per_hour)
    return { outcome: 'hold', until: errand.lately_frees_at ?? errand.now, why: 'Too many within an hour' };
  return { outcome: 'send', text };
};

/** The attempt before had these very words for this very recipient: so it is the same message, under the same id. */
export const isSameText = ({ message, recipient, kind }: Errand, text: Text): boolean => {
  if (message === null) return false;
  if (kind === 'written') return true;
  return (
    recipient === text.recipient &&
    message.channel === text.channel &&
    message.body === text.body &&
    message.kind === text.kind &&
    message.starts_at === text.starts_at
  );
};

const writtenText = ({ message, subject, phone, email, sms_consent }: Errand): Text | Decision => {
  if (message === null) return cancel('There is no text');
  const { channel, body } = message;
  if (channel === 'sms' && !sms_consent) return cancel('The customer wants no texts');
  const recipient = channel === 'sms' ? phone : email;
  if (recipient === null) return cancel('The customer has no such address any more');
  return { kind: null, starts_at: null, template_id: null, channel, recipient, subject, body };
};

const noticeText = (errand: Errand, templates: readonly Template[], job: JobFacts): Text | Decision => {
  const notice = noticeOf(errand);
  if (notice === undefined)
    return cancel('There is nothing to tell: the job has changed since, or was told of');
  const way = wayTo(errand, templates, notice.kind);
  if (way === undefined) return cancel('The customer cannot be reached, or no template tells this');
  const { template, recipient } = way;
  const values = valuesOf({ ...job, starts_at: notice.starts_at ?? job.starts_at });
  const filled = filledIn({ subject: template.subject, body: template.body }, values);
  if ('missing' in filled)
    return fail(`The template ${template.id} names what the job lacks: ${filled.missing.join(', ')}`);
  return { ...notice, ...filled, template_id: template.id, channel: template.channel, recipient };
};

type Notice = { kind: NoticeKind; starts_at: string | null };

/** What is true now, of all that this was put down for; undefined: nothing. */
const noticeOf = (errand: Errand): Notice | undefined => {
  if (errand.kind === 'news') return newsOf(errand);
  const { kind, meant_start, status, starts_at, is_deleted, now } = errand;
  const wanted = WANTED[kind];
  if (wanted === undefined || is_deleted || status !== wanted.status) return undefined;
  const isLate = starts_at !== meant_start || !isBefore(now, starts_at);
  if (wanted.tellsStart && isLate) return undefined;
  return { kind: wanted.kind, starts_at: wanted.tellsStart ? starts_at : null };
};

/** Each with the state that the job must still be in. */
const WANTED: Readonly<Record<string, { kind: NoticeKind; status: string; tellsStart: boolean }>> = {
  reminder_day: { kind: 'reminder_day', status: 'scheduled', tellsStart: true },
  reminder_soon: { kind: 'reminder_soon', status: 'scheduled', tellsStart: true },
  on_the_way: { kind: 'on_the_way', status: 'en_route', tellsStart: false },
  ready: { kind: 'ready', status: 'ready', tellsStart: false },
  thanks: { kind: 'thanks', status: 'completed', tellsStart: false },
};

/** What the customer believes, and what is so: the difference is the news. */
const newsOf = ({ status, starts_at, is_deleted, told, now }: Errand): Notice | undefined => {
  const expected = told?.kind === 'canceled' ? undefined : told?.starts_at;
  if (is_deleted || status === 'canceled') {
    const isAwaited = expected !== undefined && isBefore(now, expected);
    return isAwaited ? { kind: 'canceled', starts_at: expected } : undefined;
  }
  if (status !== 'scheduled' || !isBefore(now, starts_at) || expected === starts_at) return undefined;
  return { kind: expected === undefined ? 'booked' : 'moved', starts_at };
};

/** A text where the customer wants them, else an e-mail: whichever has a template. */
const wayTo = ({ phone, email, sms_consent }: Errand, templates: readonly Template[], kind: NoticeKind) => {
  const ways: [Channel, string | null][] = [
    ['sms', sms_consent ? phone : null],
    ['email', email],
  ];
  for (const [channel, recipient] of ways) {
    const template = templates.find((one) => one.kind === kind && one.channel === channel);
    if (template !== undefined && recipient !== null) return { template, recipient };
  }
  return undefined;
};

const cancel = (why: string): Decision => ({ outcome: 'cancel', why });
const fail = (why: string): Decision => ({ outcome: 'fail', why });
