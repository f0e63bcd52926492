import { DAY_MS, MINUTE_MS } from './days.ts';
import type { Random } from './random.ts';

/** The moments of a job, as they will be or were; what does not happen to it is left out. */
export type Story = {
  enRouteAt?: number;
  startedAt?: number;
  readyAt?: number;
  completedAt?: number;
  noShowAt?: number;
  canceledAt?: number;
};

export type Status =
  | 'scheduled'
  | 'en_route'
  | 'in_progress'
  | 'ready'
  | 'completed'
  | 'no_show'
  | 'canceled';

type Span = { bookedAt: number; startsAt: number; endsAt: number; drive: number };

const CANCELED_SHARE = 0.06;
const NO_SHOW_SHARE = 0.025;
const READY_SHARE = 0.4;
const LATEST_END_MINUTES = 4;
const LAST_CALL_MS = 2 * 60 * MINUTE_MS;

/** A technician leaves for the next job only when the one before is over, also when that one ran late. */
export const tellStory = (random: Random, { bookedAt, startsAt, endsAt, drive }: Span): Story => {
  const fate = random.unit();
  const minutes = (count: number): number => count * MINUTE_MS + random.whole(0, 59_000);
  if (fate < CANCELED_SHARE) {
    // Whole days later: at an hour at which people call.
    const days = Math.max(0, Math.floor((startsAt - LAST_CALL_MS - bookedAt) / DAY_MS));
    return { canceledAt: bookedAt + random.whole(0, days) * DAY_MS + minutes(random.whole(5, 50)) };
  }
  const enRouteAt = startsAt - Math.min(drive - LATEST_END_MINUTES - 1, random.whole(12, 32)) * MINUTE_MS;
  if (fate < CANCELED_SHARE + NO_SHOW_SHARE) {
    return { enRouteAt, noShowAt: startsAt + minutes(random.whole(15, 25)) };
  }
  const startedAt = startsAt + minutes(random.whole(-3, 8));
  const worked = Math.floor((endsAt - startsAt) * (0.8 + 0.22 * random.unit()));
  const completedAt = Math.min(startedAt + worked, endsAt + LATEST_END_MINUTES * MINUTE_MS);
  const isReadyFirst = random.chance(READY_SHARE);
  const readyAt = completedAt - minutes(random.whole(3, 9));
  return { enRouteAt, startedAt, completedAt, ...(isReadyFirst ? { readyAt } : {}) };
};

/** How far the story has come. */
export const statusAt = (story: Story, now: number): Status => {
  const reached = CHAPTERS.find(([moment]) => (story[moment] ?? Number.POSITIVE_INFINITY) <= now);
  return reached?.[1] ?? 'scheduled';
};

/** Each move is a version of its own. */
export const movesUntil = (story: Story, now: number): number[] =>
  Object.values(story).filter((at) => at <= now);

const CHAPTERS: readonly (readonly [keyof Story, Status])[] = [
  ['canceledAt', 'canceled'],
  ['noShowAt', 'no_show'],
  ['completedAt', 'completed'],
  ['readyAt', 'ready'],
  ['startedAt', 'in_progress'],
  ['enRouteAt', 'en_route'],
];
