import { fail } from '../../errors.ts';
import { MAX_NOTES_LENGTH } from '../../values/text.ts';
import { isBefore } from '../../values/time.ts';
import type { NewPublicBooking } from './schema.ts';

type Person = { name: string; email: string | null; phone: string | null };

/** What was said, and what of it differs from what the shop knows: that is for the staff to look at, never overwritten. */
export const bookingNotes = (given: NewPublicBooking, known: Person): string | null =>
  joined([
    given.notes,
    given.name.toLowerCase() === known.name.toLowerCase() ? undefined : `Name given: ${given.name}`,
    given.email === undefined || given.email === known.email ? undefined : `E-mail given: ${given.email}`,
    given.phone === undefined || given.phone === known.phone ? undefined : `Phone given: ${given.phone}`,
  ]);

/** For a job that stands without the vehicle which was meant. */
export const busyVehicleNotes = (notes: string | null, vehicle: string): string | null => {
  const line = `${vehicle} has another job at that time: this one was booked without it.`;
  return joined([notes?.slice(0, MAX_NOTES_LENGTH - line.length - 1), line]);
};

/** Does the Accept header name HTML before JSON and whatever else, as that of a browser's address line does? */
export const prefersHtml = (accept: string | undefined): boolean =>
  /^\s*(text\/html|application\/xhtml\+xml)\s*[,;]/i.test(`${accept ?? ''},`);

const joined = (lines: readonly (string | undefined)[]): string | null =>
  lines
    .filter((line) => line !== undefined)
    .join('\n')
    .slice(0, MAX_NOTES_LENGTH) || null;

/** Until the van is on its way, and until the start, a job is its customer's to change: appointment.closed (409). */
export const assertCustomersTurn = (job: { status: string; starts_at: string }, now: string): void => {
  if (job.status === 'scheduled' && isBefore(now, job.starts_at)) return;
  throw fail('appointment.closed', 'This job cannot be changed here any more. Please call the shop.', {
    details: { status: job.status },
  });
};
