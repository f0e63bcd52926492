import { write } from '../both/api.js';
import { button, make, message, whileBusy } from '../both/elements.js';
import { field, showIssues } from '../both/fields.js';
import { clockOf, lengthOf, priceOf, toldOf } from '../both/words.js';
import { centsOf, minutesOf } from './draft.js';

const SAID_AT_S = [120, 30];

export const showDetails = ({ shop, draft, heading, body, note, go, back, booked }) => {
  heading.textContent = 'Who are you, and what do you drive?';
  const { hold, person } = draft;
  const fields = fieldsOf(person);
  const notes = make('div', {}, note);
  const submitButton = make('button', { type: 'submit', class: 'primary' }, 'Book this visit');

  const over = (sentence) => {
    draft.holds = draft.holds.filter((one) => one !== hold);
    draft.hold = null;
    const told = message('warn', sentence, 'What you have typed is kept. Please pick a time again.');
    return go('times', { note: told });
  };
  const send = async () => {
    const answer = await write('POST', '/v1/public/bookings', { body: bookingOf(hold, person) });
    if (answer.ok) return booked(answer.data);
    const issues = answer.error.issues ?? [];
    if (issues.some(({ path }) => path === 'hold_id')) return over('Your time is no longer held for you.');
    if (answer.error.reason === 'appointment.slot_taken') return over(answer.error.message);
    const others = showIssues(fields, issues);
    const isAtFields = issues.length > 0 && others.length === 0;
    notes.replaceChildren(
      message(
        'bad',
        isAtFields ? 'Something is missing or not right. Please look at the marked fields.' : toldOf(answer),
      ),
    );
  };
  const submit = (event) => {
    event.preventDefault();
    notes.replaceChildren();
    return whileBusy(submitButton, send);
  };
  const timer = countdown(hold, () => over('The minutes are over, so your time is no longer held for you.'));
  body.replaceChildren(
    make(
      'div',
      { class: 'held-bar' },
      make(
        'p',
        {},
        make('strong', {}, `${shop.clocks.dateOf(hold.starts_at)}, ${shop.clocks.timeOf(hold.starts_at)}`),
      ),
      make(
        'p',
        { class: 'hint' },
        `${shop.clocks.nameAt(hold.starts_at)} · about ${lengthOf(minutesOf(draft))} · ${costsOf(draft)}`,
      ),
      timer.element,
    ),
    make(
      'form',
      { class: 'form', novalidate: true, on: { submit } },
      group('You', 'name', 'phone', 'email'),
      group('Your car', 'vehicle.year', 'vehicle.make', 'vehicle.model'),
      group('Anything else', 'notes'),
      notes,
      make('div', { class: 'bar' }, button('Back', back), submitButton),
    ),
  );
  return timer.stop;

  function group(title, ...names) {
    return make(
      'fieldset',
      { class: title === 'Your car' ? 'group row' : 'group' },
      make('legend', {}, title),
      ...names.map((name) => fields[name].element),
    );
  }
};

const costsOf = (draft) => {
  const fee = draft.hold.trip_fee_cents;
  return `${priceOf(centsOf(draft))} before tax${fee > 0 ? `, and ${priceOf(fee)} for the trip` : ''}`;
};

/** By the paths under which the API speaks of them. */
const fieldsOf = (person) => {
  const one = (path, name, label, more = {}) => [
    path,
    field({
      ...{ name, label, value: person[name], ...more },
      onInput: (text) => {
        person[name] = text;
      },
    }),
  ];
  const reach = 'Phone or e-mail: one of them is enough';
  return Object.fromEntries([
    one('name', 'name', 'Name', { autocomplete: 'name', maxlength: 200 }),
    one('phone', 'phone', 'Phone', { type: 'tel', autocomplete: 'tel', maxlength: 40, hint: reach }),
    one('email', 'email', 'E-mail', { type: 'email', autocomplete: 'email', maxlength: 254 }),
    one('vehicle.year', 'year', 'Year', {
      inputmode: 'numeric',
      maxlength: 4,
      class: 'short',
      placeholder: '2019',
    }),
    one('vehicle.make', 'make', 'Make', { maxlength: 60, placeholder: 'Honda' }),
    one('vehicle.model', 'model', 'Model', { maxlength: 60, placeholder: 'Civic' }),
    one('notes', 'notes', 'Notes', {
      tag: 'textarea',
      maxlength: 2000,
      hint: 'Gate codes, noises, warning lights (may be empty)',
    }),
  ]);
};

/** What is empty is left out; a year that is no number is the API's to refuse. */
const bookingOf = (hold, { name, phone, email, year, make: maker, model, notes }) => {
  const text = (fields) =>
    Object.fromEntries(
      Object.entries(fields)
        .map(([field, value]) => [field, value.trim()])
        .filter(([, value]) => value !== ''),
    );
  const number = /^\d+$/.test(year.trim()) ? { year: Number(year) } : text({ year });
  return {
    hold_id: hold.id,
    ...text({ name, phone, email, notes }),
    vehicle: { ...number, ...text({ make: maker, model }) },
  };
};

const countdown = ({ deadline }, onEnd) => {
  const shown = make('span', { class: 'clock', role: 'timer' });
  const said = make('span', { class: 'unseen', role: 'status' });
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((deadline - Date.now()) / 1000));
    shown.textContent = clockOf(seconds);
    if (SAID_AT_S.includes(seconds)) said.textContent = `Your time is held for ${seconds} more seconds.`;
    if (seconds > 0) return;
    clearInterval(ticking);
    onEnd();
  };
  const ticking = setInterval(tick, 1000);
  tick();
  return {
    element: make('p', {}, 'Held for you for ', shown, ' minutes', said),
    stop: () => clearInterval(ticking),
  };
};
