import { make } from '../both/elements.js';
import { priceOf } from '../both/words.js';

export const STATUS_WORDS = {
  scheduled: 'Booked',
  en_route: 'The van is on its way',
  in_progress: 'We are at work',
  ready: 'Ready',
  completed: 'Done',
  no_show: 'Missed',
  canceled: 'Canceled',
};

/** What the API tells of a job, as lines. */
export const visitLines = (visit, clocks) => {
  const line = (title, ...content) => make('div', {}, make('dt', {}, title), make('dd', {}, ...content));
  return make(
    'dl',
    { class: 'visit' },
    line('Status', statusOf(visit)),
    line('Day', clocks.dateOf(visit.starts_at)),
    line(
      'Time',
      `${clocks.timeOf(visit.starts_at)} to ${clocks.timeOf(visit.ends_at)}`,
      make('span', { class: 'hint' }, ` ${clocks.nameAt(visit.starts_at)}`),
    ),
    line('Services', make('ul', {}, visit.services.map(serviceLine))),
    line('Price', `${priceOf(visit.total_cents)} before tax`),
    visit.trip_fee_cents > 0 && line('Trip fee', priceOf(visit.trip_fee_cents)),
    visit.needs_review &&
      line(
        'Please note',
        'The place may lie outside our area. We look at it and tell you if we cannot come.',
      ),
  );
};

const statusOf = ({ status, confirmed_at }) =>
  `${STATUS_WORDS[status] ?? status}${status === 'scheduled' && confirmed_at !== null ? ', confirmed by you' : ''}`;

const serviceLine = ({ name, quantity, price_cents }) =>
  make(
    'li',
    {},
    `${quantity > 1 ? `${quantity} × ` : ''}${name}`,
    make('span', { class: 'hint' }, ` ${priceOf(quantity * price_cents)}`),
  );
