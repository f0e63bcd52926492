import { busyButton, button, make } from '../both/elements.js';
import { addDays, longDayOf } from '../both/zone.js';

const STATES = {
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
};

/** The line above the board: which day, whose jobs, how the connection stands, who is signed in. */
export const headOf = ({ shopName, me, technicians, choose, signOut, clocks }) => {
  let shownDate = '';
  const date = make('input', {
    type: 'date',
    id: 'date',
    on: { change: () => date.value !== '' && choose({ date: date.value }) },
  });
  const whose = make(
    'select',
    { id: 'technician', on: { change: () => choose({ technicianId: whose.value }) } },
    make('option', { value: '' }, 'Everybody'),
    technicians.map(({ id, name }) => make('option', { value: id }, name)),
  );
  const step = (days) => () => shownDate !== '' && choose({ date: addDays(shownDate, days) });
  const title = make('h1', {});
  const chip = make('p', { class: 'chip', role: 'status' });
  const element = make(
    'header',
    { class: 'head' },
    make(
      'div',
      { class: 'head-title' },
      title,
      make('p', { class: 'hint' }, `${shopName} · ${me.name}, ${me.role}`),
    ),
    make(
      'div',
      { class: 'head-day' },
      button('‹', step(-1), { 'aria-label': 'Day before' }),
      make('label', { class: 'unseen', for: 'date' }, 'Day'),
      date,
      button('›', step(1), { 'aria-label': 'Day after' }),
      button('Today', () => choose({ date: undefined })),
    ),
    make(
      'div',
      { class: 'head-who' },
      make('label', { class: 'unseen', for: 'technician' }, 'Technician'),
      whose,
    ),
    chip,
    busyButton('Sign out', signOut, { class: 'quiet' }),
  );

  const draw = ({ date: wanted, board, connection, readAt }) => {
    shownDate = board?.date ?? wanted ?? shownDate;
    title.textContent = shownDate === '' ? 'Board' : longDayOf(shownDate);
    document.title = `${title.textContent}: board`;
    if (document.activeElement !== date) date.value = shownDate;
    chip.className = `chip ${connection}`;
    const since = connection === 'offline' && readAt !== null ? `: as of ${clocks().timeOf(readAt)}` : '';
    const text = `${STATES[connection]}${since}`;
    if (chip.textContent !== text) chip.textContent = text;
  };
  return { element, draw };
};
