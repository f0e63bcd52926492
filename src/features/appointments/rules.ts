import { type Failure, fail, invalid } from '../../errors.ts';
import { APPOINTMENT_STATUSES } from '../../shapes/appointment.ts';
import { addMinutes, isBefore, minutesBetween } from '../../values/time.ts';

export const STATUSES = APPOINTMENT_STATUSES;
export type Status = (typeof STATUSES)[number];

/** From each state the states that a job may move to; completed is the end. */
export const MOVES: Readonly<Record<Status, readonly Status[]>> = {
  scheduled: ['en_route', 'in_progress', 'no_show', 'canceled'],
  en_route: ['scheduled', 'in_progress', 'no_show', 'canceled'],
  in_progress: ['ready', 'completed', 'scheduled'],
  ready: ['in_progress', 'completed'],
  completed: [],
  no_show: ['scheduled'],
  canceled: ['scheduled'],
};

const ACTIVE: readonly Status[] = ['scheduled', 'en_route', 'in_progress', 'ready'];
const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 48 * 60;
const MAX_PAST_MINUTES = 15;

/** An active job holds its technician and its vehicle: it takes part in the booking guard. */
export const isActive = (status: Status): boolean => ACTIVE.includes(status);

/** Throws appointment.move_refused (409) with the moves that are possible. */
export const assertMove = (from: Status, to: Status): void => {
  if (MOVES[from].includes(to)) return;
  const allowed = MOVES[from];
  const advice = allowed.length === 0 ? 'It is finished for good.' : `It can become ${allowed.join(', ')}.`;
  throw fail('appointment.move_refused', `A job that is ${from} cannot become ${to}. ${advice}`, {
    details: { from, to, allowed },
  });
};

/** A job's end when the client names none: its services' time, an hour when they have none. */
export const defaultEnd = (
  startsAt: string,
  services: readonly { duration_minutes: number; quantity: number }[],
): string => {
  const minutes = services.reduce((sum, one) => sum + one.duration_minutes * one.quantity, 0);
  return addMinutes(startsAt, minutes === 0 ? DEFAULT_MINUTES : minutes);
};

/** Throws 422 for an empty or backward range, one over 48 hours, or one too far in the past. `now` is an instant. */
export const assertSpan = (startsAt: string, endsAt: string, now: string): void => {
  if (!isBefore(startsAt, endsAt)) throw invalid('ends_at', 'must be after starts_at');
  if (minutesBetween(startsAt, endsAt) > MAX_MINUTES)
    throw invalid('ends_at', 'must be at most 48 hours after starts_at');
  if (minutesBetween(startsAt, now) > MAX_PAST_MINUTES) {
    throw invalid('starts_at', `must be at most ${MAX_PAST_MINUTES} minutes in the past`);
  }
};

/** Throws 422 when the technician lacks a skill that a service needs. */
export const assertSkills = (
  skills: readonly string[],
  services: readonly { skills: readonly string[] }[],
): void => {
  const missing = [...new Set(services.flatMap((service) => service.skills))].filter(
    (one) => !skills.includes(one),
  );
  if (missing.length > 0)
    throw invalid('technician_id', `must be a technician with the skill ${missing.join(', ')}`);
};

/** Jobs that are finished or called off keep their place, people and services. */
export const assertOpen = (status: Status): void => {
  if (isActive(status)) return;
  throw closed(status);
};

const closed = (status: Status): Failure =>
  fail(
    'appointment.closed',
    `This job is ${status}: only its notes can change. Move it back to scheduled first.`,
    {
      details: { status },
    },
  );
