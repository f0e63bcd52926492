import * as v from 'valibot';
import { cents, count, id, instant, maybe, text } from './parts.ts';

export const REVENUE_BY = ['day', 'week', 'month', 'service', 'technician'] as const;

const period = () => ({
  from: instant(),
  to: instant(),
  timezone: v.pipe(text(), v.description('Days, weeks and months are those of its calendar')),
});
const share = () =>
  v.pipe(maybe(v.number()), v.description('From 0 to 1; null when there is nothing to share'));

const invoiced = {
  invoices: count(),
  invoiced_cents: v.pipe(
    cents(),
    v.description('What the invoices come to that were issued in the time and are not void, with tax'),
  ),
  tax_cents: v.pipe(cents(), v.description('The tax in invoiced_cents')),
};
const RECEIVED = 'payments_cents less refunds_cents: the revenue, by when money came and went';

export const RevenueRow = v.strictObject({
  key: v.pipe(
    maybe(text()),
    v.description(
      'The first day of the day, week (Monday) or month; the id of the technician; the kind of a line',
    ),
  ),
  name: v.pipe(maybe(text()), v.description('Of the technician, or of the line on the invoices')),
  ...invoiced,
  payments_cents: v.pipe(
    maybe(cents()),
    v.description(
      'Payments and deposits by received_at; null by service, for money is paid on whole invoices',
    ),
  ),
  refunds_cents: maybe(cents()),
  received_cents: v.pipe(maybe(cents()), v.description(RECEIVED)),
});

export const Revenue = v.strictObject({
  ...period(),
  by: v.picklist(REVENUE_BY),
  items: v.pipe(v.array(RevenueRow), v.description('By service: the 1,000 that come to most')),
  totals: v.strictObject({
    ...invoiced,
    payments_cents: cents(),
    refunds_cents: cents(),
    received_cents: v.pipe(cents(), v.description(RECEIVED)),
  }),
});

const aging = {
  invoices: count(),
  current_cents: v.pipe(cents(), v.description('Issued today')),
  days_1_30_cents: v.pipe(cents(), v.description('Due on invoices that were issued so many days ago')),
  days_31_60_cents: cents(),
  days_61_90_cents: cents(),
  over_90_cents: cents(),
  due_cents: cents(),
};

export const ReceivableRow = v.strictObject({
  customer_id: id(),
  name: text(),
  ...aging,
  oldest_issued_at: instant(),
});

export const Receivables = v.strictObject({
  at: instant(),
  timezone: text(),
  items: v.pipe(
    v.array(ReceivableRow),
    v.description('The 10,000 customers who owe most, the largest sum first; totals count all'),
  ),
  totals: v.strictObject({ customers: count(), ...aging }),
  unbilled_cents: v.pipe(
    cents(),
    v.description(
      'What completed jobs without an invoice come to: not in the totals, for nobody was asked for it yet',
    ),
  ),
});

const work = {
  jobs: v.pipe(count(), v.description('That start in the time, canceled and deleted ones apart')),
  completed: count(),
  no_shows: count(),
  work_minutes: v.pipe(count(), v.description('From started_at to completed_at of the completed ones')),
  drive_minutes: v.pipe(count(), v.description('From en_route_at to started_at of the completed ones')),
  drive_share: v.pipe(
    maybe(v.number()),
    v.description('Of the drive in drive and work together, of completed jobs that know all three times'),
  ),
  invoiced_cents: v.pipe(cents(), v.description('What the issued invoices of these jobs come to')),
};

export const TechnicianRow = v.strictObject({ technician_id: id(), name: text(), ...work });

export const TechnicianReport = v.strictObject({
  ...period(),
  items: v.pipe(
    v.array(TechnicianRow),
    v.description('Who is active, or had a job in the time; jobs of nobody are in no row'),
  ),
  totals: v.strictObject(work),
});

const missed = {
  jobs: v.pipe(count(), v.description('That start in the time and are begun, completed or no-show')),
  no_shows: count(),
  share: share(),
};

export const NoShowRow = v.strictObject({ customer_id: id(), name: text(), ...missed });

export const NoShows = v.strictObject({
  ...period(),
  items: v.pipe(
    v.array(NoShowRow),
    v.description(
      'The 10,000 customers with most no-shows; totals count everybody, also who never missed one',
    ),
  ),
  totals: v.strictObject(missed),
});
