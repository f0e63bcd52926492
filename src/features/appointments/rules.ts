import { type Failure, fail } from '../../errors.ts';
import { APPOINTMENT_STATUSES } from '../../shapes/appointment.ts';
import { addMinutes } from '../../values/time.ts';

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

/** Jobs that are finished or called off keep their place, people and services. */
export const assertOpen = (status: Status): void => {
  if (isActive(status)) return;
  throw closed(status);
};

/** Throws appointment.has_deposit (409): nobody would find the money again. */
export const assertNoDeposit = ({ deposit_cents }: { deposit_cents: number }): void => {
  if (deposit_cents === 0) return;
  throw fail('appointment.has_deposit', 'A deposit was put down for this job. Give it back first.', {
    details: { deposit_cents },
  });
};

const closed = (status: Status): Failure =>
  fail(
    'appointment.closed',
    `This job is ${status}: only its notes can change. Move it back to scheduled first.`,
    {
      details: { status },
    },
  );
