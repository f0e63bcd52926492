import { type Days, OPEN_MINUTES, REACH_DAYS } from './days.ts';
import { type Random, randomOf } from './random.ts';

export type DayQuota = { day: number; count: number };

/** Minutes from the opening hour; `drive` is the time on the road before the start. */
export type Gap = { start: number; room: number; drive: number };

export const MIN_JOB_MINUTES = 30;
const MIN_DRIVE_MINUTES = 15;
/** The shortest job, the shortest drive, and the wait for the next quarter of an hour. */
const MIN_SLOT_MINUTES = 60;
const USUAL_SLOT_MINUTES = 85;
const MOST_PER_TECHNICIAN = OPEN_MINUTES / MIN_SLOT_MINUTES;
const QUARTER = 15;

/** How many jobs each open day has; together exactly `total`. The far future is booked less. */
export const dayQuotas = (total: number, days: Days): DayQuota[] => {
  const random = randomOf('quotas');
  const open = Array.from({ length: 2 * REACH_DAYS + 1 }, (_, index) => index - REACH_DAYS).filter(
    days.isOpen,
  );
  const weights = open.map(
    (day) => (day <= 0 ? 1 : 1 - (0.2 * day) / REACH_DAYS) * (0.93 + 0.14 * random.unit()),
  );
  const sum = weights.reduce((one, other) => one + other, 0);
  let weight = 0;
  let given = 0;
  return open.map((day, index) => {
    weight += weights[index] ?? 0;
    const count = Math.round((total * weight) / sum) - given;
    given += count;
    return { day, count };
  });
};

/** Who does how many of a day's jobs. */
export const sharesOf = (random: Random, count: number, technicians: number): number[] => {
  if (count > technicians * MOST_PER_TECHNICIAN) {
    throw new RangeError(`${technicians} technicians cannot do ${count} jobs in a day.`);
  }
  const shares = Array.from({ length: technicians }, () => Math.floor(count / technicians));
  const order = random.shuffle(shares.map((_, index) => index));
  for (const index of order.slice(0, count % technicians)) shares[index] = (shares[index] ?? 0) + 1;
  for (const [index, from] of order.entries()) {
    const to = order[index + 1];
    if (to === undefined) break;
    const [less, more] = [shares[from] ?? 0, shares[to] ?? 0];
    if (less === 0 || more >= MOST_PER_TECHNICIAN || !random.chance(0.3)) continue;
    shares[from] = less - 1;
    shares[to] = more + 1;
  }
  return shares;
};

/**
 * Goes through a technician's day: `book` is told how many minutes there are and answers how many it takes.
 * What is left is always enough for the jobs that follow, so that the day never runs past its end.
 */
export const walkDay = (random: Random, count: number, book: (gap: Gap, place: number) => number): void => {
  let at = quarter(random.unit() * spareAt(0, count));
  let free = at - random.whole(MIN_DRIVE_MINUTES + 5, 40);
  for (let place = 0; place < count; place += 1) {
    const room = OPEN_MINUTES - at - (count - place - 1) * MIN_SLOT_MINUTES;
    const end = at + book({ start: at, room, drive: at - free }, place);
    const next = Math.ceil((end + MIN_DRIVE_MINUTES) / QUARTER) * QUARTER;
    free = end;
    at = next + quarter(random.unit() * spareAt(next, count - place - 1));
  }
};

/** This job's share of the minutes that remain without work when the jobs to come are of the usual length. */
const spareAt = (at: number, jobs: number): number =>
  Math.max(0, OPEN_MINUTES - at - jobs * USUAL_SLOT_MINUTES) / Math.max(1, jobs / 2);

const quarter = (minutes: number): number => Math.floor(minutes / QUARTER) * QUARTER;
