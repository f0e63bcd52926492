import { sumsOf } from '../../features/invoices/rules.ts';
import { linesOf } from './bill-lines.ts';
import { drawWork, type Sold } from './catalog.ts';
import { DAY_MS, iso, isoOnce, MINUTE_MS } from './days.ts';
import type { Job, Shop } from './jobs.ts';
import { idOf, type Random, randomOf } from './random.ts';

export type Estimated = {
  estimate: { id: string; number: number; created_at: string };
  lines: object[];
  authorizations: object[];
};

const SHARE = 0.05;
/** What becomes of one. The first was booked: it is the estimate of a job; the others are for more work after one. */
const FATES = [
  ['converted', 36],
  ['draft', 14],
  ['sent', 14],
  ['approved', 12],
  ['partly_approved', 14],
  ['declined', 10],
] as const;
type Fate = (typeof FATES)[number][0];

const ROOM_MINUTES = 150;
const LEAD_MS = 180 * MINUTE_MS;

/** For most jobs there is none. */
export const makeEstimates = (shop: Shop, job: Job): Estimated[] => {
  const random = randomOf(`estimate of ${job.label}`);
  const { now } = shop.days;
  if (!random.chance(SHARE)) return [];
  const fate = random.pickWeighted(FATES);
  const times = fate === 'converted' ? timesBefore(random, job) : timesAfter(random, job);
  if (times === undefined || times.writtenAt > now) return [];
  const { skills } = job.technician;
  const work =
    fate === 'converted'
      ? job.work
      : drawWork(random, shop.catalog, { skills, power: job.car.power, room: ROOM_MINUTES });
  return work.length === 0 ? [] : [estimated({ job, work, fate, times, now })];
};

type Times = { writtenAt: number; sentAt: number; saidAt: number };

/** None for a customer who came only when they booked. */
const timesBefore = (random: Random, { bookedAt, car }: Job): Times | undefined => {
  if (bookedAt - Date.parse(car.owner.row.created_at) < LEAD_MS) return undefined;
  const saidAt = bookedAt - random.whole(2, 20) * MINUTE_MS;
  const sentAt = saidAt - random.whole(10, 90) * MINUTE_MS;
  return { writtenAt: sentAt - random.whole(3, 30) * MINUTE_MS, sentAt, saidAt };
};

const timesAfter = (random: Random, { story: { completedAt } }: Job): Times | undefined => {
  if (completedAt === undefined) return undefined;
  const writtenAt = completedAt + random.whole(5, 60) * MINUTE_MS;
  const sentAt = writtenAt + random.whole(3, 60) * MINUTE_MS;
  return { writtenAt, sentAt, saidAt: sentAt + Math.round(random.unit() * 2 * DAY_MS) };
};

type Told = { job: Job; work: readonly Sold[]; fate: Fate; times: Times; now: number };

const estimated = ({ job, work, fate, times, now }: Told): Estimated => {
  const { writtenAt, sentAt, saidAt } = times;
  const id = idOf(`estimate of ${job.label}`, writtenAt);
  const lines = linesOfWork(work).map((line, at) => ({
    ...{ ...line, id: idOf(`estimated line ${at} of ${job.label}`, writtenAt), estimate_id: id },
    ...{ position: at + 1, since_version: 1 },
  }));
  const isSent = fate !== 'draft' && sentAt <= now;
  const isSaid = isSent && fate !== 'sent' && saidAt <= now;
  // Who agrees to the first of one line agrees to all of it.
  const end = fate === 'partly_approved' && lines.length === 1 ? 'approved' : fate;
  const status = isSaid ? end : isSent ? 'sent' : 'draft';
  const isBooked = status === 'converted';
  const estimate = {
    ...{ id, number: 0, status, ...sumsOf(lines) },
    ...{ customer_id: job.car.owner.row.id, vehicle_id: job.car.row.id },
    appointment_id: isBooked ? job.id : null,
    sent_at: isSent ? iso(sentAt) : null,
    converted_at: isBooked ? isoOnce(job.bookedAt, now) : null,
    created_at: iso(writtenAt),
    updated_at: iso(isBooked ? job.bookedAt : isSaid ? saidAt : isSent ? sentAt : writtenAt),
    version: isBooked ? 4 : isSaid ? 3 : isSent ? 2 : 1,
  };
  const said = saying(job);
  const authorizations = lines.map((line, at) => ({
    ...{
      ...said,
      id: idOf(`word ${at} of ${job.label}`, saidAt),
      estimate_id: id,
      line_id: line.id,
      version: 3,
    },
    decision: end === 'declined' || (end === 'partly_approved' && at > 0) ? 'declined' : 'approved',
    ...{ line_name: line.name, amount_cents: line.total_cents, created_at: iso(saidAt) },
  }));
  return { estimate, lines, authorizations: isSaid ? authorizations : [] };
};

/** The pieces of a package name no service: the demo's catalog knows them by their names alone. */
const linesOfWork = (work: readonly Sold[]) =>
  work.flatMap((sold) =>
    linesOf([sold], 0).map((line) => ({
      ...line,
      service_id: sold.service.items.length === 0 ? sold.service.id : null,
    })),
  );

/** By the link: the demo has nobody of the staff who would have written another word down. */
const saying = ({ car: { owner } }: Job) => ({
  ...{ name: owner.row.name, method: 'link', contact: null },
  text: 'The lines as estimated, and nothing else without asking again',
});

/** In the order in which they were written, from 1 on. */
export const numberEstimates = (all: readonly Estimated[]): void => {
  const key = ({ estimate }: Estimated): string => `${estimate.created_at}${estimate.id}`;
  const sorted = [...all].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  for (const [at, { estimate }] of sorted.entries()) estimate.number = at + 1;
};
