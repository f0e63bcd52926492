import * as v from 'valibot';
import { APPOINTMENT_STATUSES } from './appointment.ts';
import { cents, count, flag, id, instant, maybe, text } from './parts.ts';

export const COLUMN_STATUSES = ['scheduled', 'en_route', 'in_progress', 'ready', 'completed'] as const;

export const Card = v.strictObject({
  id: v.pipe(id(), v.description("The job's: a card is a job on the board")),
  status: v.picklist(COLUMN_STATUSES),
  position: v.pipe(
    count(),
    v.description('From 0 in its whole column, whatever technician the board was asked for'),
  ),
  customer_name: text(),
  vehicle: v.pipe(maybe(text()), v.description('Year, make and model: "2019 Honda Civic"')),
  technician: maybe(v.strictObject({ id: id(), initials: text() })),
  starts_at: instant(),
  ends_at: instant(),
  total_cents: cents(),
  is_late: v.pipe(
    flag(),
    v.description('Not begun although its start has passed, or still in progress although its end has'),
  ),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

const day = () => ({ date: v.pipe(v.string(), v.isoDate()), timezone: text() });

export const Board = v.strictObject({
  ...day(),
  columns: v.pipe(
    v.array(
      v.strictObject({
        status: v.picklist(COLUMN_STATUSES),
        title: text(),
        count: count(),
        sum_cents: cents(),
      }),
    ),
    v.description('Always all five, in this order; count and sum are of the cards shown'),
  ),
  cards: v.pipe(
    v.array(Card),
    v.description(
      'The jobs of the day, and those begun before it that are en route, in progress or ready; by column and position',
    ),
  ),
});

const ofDay = 'the jobs that start on this day, deleted ones apart';

export const BoardStats = v.strictObject({
  ...day(),
  jobs_today: v.pipe(count(), v.description(`Of ${ofDay}: neither canceled nor no-show`)),
  by_status: v.pipe(
    v.strictObject(v.entriesFromList(APPOINTMENT_STATUSES, count())),
    v.description(`Of ${ofDay}`),
  ),
  on_site: v.pipe(count(), v.description('In progress, with those begun before this day')),
  booked_cents: v.pipe(cents(), v.description('What jobs_today come to')),
  completed_cents: v.pipe(cents(), v.description('What those of them come to that are completed')),
  unpaid_cents: v.pipe(
    cents(),
    v.description('Of the whole shop, now: due on open invoices, and completed jobs without an invoice'),
  ),
  average_cycle_minutes: v.pipe(
    maybe(v.number()),
    v.description('From started_at to completed_at of the completed jobs, to the tenth; null without any'),
  ),
});
