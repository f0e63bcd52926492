import { DAY_MS, iso, MINUTE_MS } from './days.ts';
import type { Job } from './jobs.ts';
import { idOf, type Random, randomOf } from './random.ts';
import type { Technician } from './team.ts';

type Channel = 'sms' | 'email';

type MessageRow = {
  id: string;
  appointment_id: string;
  channel: Channel;
  direction: 'in' | 'out';
  body: string;
  status: string;
  sent_at: string | null;
  created_at: string;
};

type Letter = {
  subject: string;
  at: number;
  body: string;
  channel?: Channel;
  isIn?: boolean;
  status?: string;
};

export type Sender = { shopName: string; zone: string; now: number };

/** What was written about a job up to now: booking, reminder and its answer, arrival, thanks, regrets. */
export const makeMessages = (job: Job, sender: Sender): MessageRow[] => {
  const random = randomOf(`messages of ${job.label}`);
  const { row } = job.car.owner;
  // Nobody gets a text without having said yes to texts.
  const mayText = row.phone !== null && row.sms_consent;
  const usual: Channel | undefined = mayText ? 'sms' : row.email !== null ? 'email' : undefined;
  if (usual === undefined) return [];
  return lettersOf(random, job, { ...sender, mayText }).flatMap((letter) => {
    const channel = letter.channel ?? usual;
    if (letter.at > sender.now || (channel === 'email' && row.email === null)) return [];
    return [messageRow(random, job, { ...letter, channel })];
  });
};

type Telling = Sender & { mayText: boolean };

const lettersOf = (random: Random, job: Job, telling: Telling): Letter[] => {
  const { shopName, zone, mayText } = telling;
  const { enRouteAt, completedAt, noShowAt, canceledAt } = job.story;
  const { given } = job.car.owner;
  const car = `${job.car.row.make} ${job.car.row.model}`;
  const first = firstName(job.technician);
  const when = momentIn(zone, job.startsAt);
  const letters: (Letter | false)[] = [
    booked(job, `${shopName}: ${given}, your ${car} is booked for ${when}.`),
    ...reminders(random, job, { ...telling, when }),
    // Quiet hours: no text before eight in the morning.
    mayText &&
      (enRouteAt ?? 0) >= job.opensAt &&
      letter('arrival', enRouteAt, `${shopName}: ${first} is on the way to your ${car}.`),
    thanks(completedAt, `Thank you, ${given}! Your ${car} is done. The invoice follows by e-mail.`),
    letter('missed', noShowAt, `${shopName}: we missed you today. Call us for a new time.`),
    letter('canceled', canceledAt, `${shopName}: your visit on ${when} is canceled.`),
  ];
  return letters.filter((one) => one !== false);
};

const firstName = ({ name }: Technician): string => name.split(' ')[0] ?? name;

const letter = (subject: string, after: number | undefined, body: string): Letter | false =>
  after !== undefined && { subject, at: after + PREPARATION_MS, body };

const booked = ({ bookedAt }: Job, body: string): Letter => ({
  subject: 'booking',
  at: bookedAt + MINUTE_MS,
  body,
});

const thanks = (completedAt: number | undefined, body: string): Letter | false =>
  completedAt !== undefined && { subject: 'thanks', at: completedAt + 3 * MINUTE_MS, body, channel: 'email' };

/** A day before the start; those of the coming hours wait in line already, those of canceled jobs left it. */
const reminders = (random: Random, job: Job, telling: Telling & { when: string }): Letter[] => {
  const { shopName, when, now, mayText } = telling;
  const at = job.startsAt - DAY_MS + random.whole(0, 9) * 1000;
  if (at < job.bookedAt + DAY_MS) return [];
  const isReplied = mayText && random.chance(0.35);
  const replyAt = at + random.whole(2, 90) * MINUTE_MS;
  const reply = random.pick(ANSWERS);
  const body = `${shopName}: see you ${when}, ${firstName(job.technician)} comes to you. Reply C to confirm.`;
  const waiting = { subject: 'reminder', at: job.bookedAt + 2 * MINUTE_MS, body };
  const canceledAt = job.story.canceledAt ?? Number.POSITIVE_INFINITY;
  if (canceledAt <= Math.min(at, now)) return [{ ...waiting, status: 'canceled' }];
  if (at > now) return at - now < QUEUED_BEFORE_MS ? [{ ...waiting, status: 'queued' }] : [];
  const reminder = { subject: 'reminder', at, body };
  return isReplied
    ? [
        reminder,
        { subject: 'answer', at: replyAt, body: reply, channel: 'sms', isIn: true, status: 'delivered' },
      ]
    : [reminder];
};

const messageRow = (random: Random, job: Job, letter: Letter & { channel: Channel }): MessageRow => {
  const status = letter.status ?? random.pickWeighted(STATUSES[letter.channel]);
  const isSent = status === 'sent' || status === 'delivered';
  return {
    id: idOf(`message ${letter.subject} ${job.label}`, letter.at),
    appointment_id: job.id,
    channel: letter.channel,
    direction: letter.isIn === true ? 'in' : 'out',
    body: letter.body,
    status,
    sent_at: isSent ? iso(letter.at + random.whole(300, 2_500)) : null,
    created_at: iso(letter.at),
  };
};

const PREPARATION_MS = 20_000;
const QUEUED_BEFORE_MS = DAY_MS / 2;

const STATUSES: Readonly<Record<Channel, readonly (readonly [string, number])[]>> = {
  sms: [
    ['delivered', 95],
    ['sent', 3],
    ['failed', 2],
  ],
  email: [
    ['delivered', 72],
    ['sent', 27],
    ['failed', 1],
  ],
};

const ANSWERS = [
  'C',
  'C',
  'Yes, thanks!',
  'ok see you then',
  'Sí, gracias',
  'Can you text when you are close?',
  '네 감사합니다',
];

const formats = new Map<string, Intl.DateTimeFormat>();

const momentIn = (zone: string, at: number): string => {
  const known = formats.get(zone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, weekday: 'short', month: 'short', day: 'numeric' },
      ...{ hour: 'numeric', minute: '2-digit' },
    });
  if (known === undefined) formats.set(zone, format);
  return format.format(at);
};
