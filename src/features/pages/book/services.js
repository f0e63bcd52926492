import { askAll } from '../both/api.js';
import { busyButton, button, make, message } from '../both/elements.js';
import { counted, lengthOf, priceOf, toldOf } from '../both/words.js';
import { centsOf, minutesOf } from './draft.js';

// Parts come with the work: by themselves they are no visit.
const SERVICES = '/v1/public/services?kind=labour,package&sort=name&limit=100';

export const showServices = async ({ draft, heading, body, next }) => {
  heading.textContent = 'What can we do for your car?';
  const status = make('p', { class: 'hint', role: 'status' }, 'Loading the services…');
  body.replaceChildren(status);
  const load = async () => {
    const answer = await askAll(SERVICES);
    if (!answer.ok) {
      body.replaceChildren(
        message('bad', toldOf(answer)),
        busyButton('Try again', load, { class: 'primary' }),
      );
      return;
    }
    keepOffered(draft, answer.data.items);
    const bar = summary(draft, next, body);
    body.replaceChildren(
      answer.data.items.length === 0
        ? message('', 'The shop offers nothing here at the moment. Please call to book a visit.')
        : make('div', { class: 'categories' }, categories(answer.data.items, draft, bar.update)),
      bar.element,
    );
  };
  await load();
};

/** What is no longer offered cannot be chosen. */
const keepOffered = (draft, offered) => {
  const known = new Map(offered.map((one) => [one.id, one]));
  for (const id of draft.services.keys())
    if (known.has(id)) draft.services.set(id, known.get(id));
    else draft.services.delete(id);
};

const categories = (services, draft, onChange) =>
  [...Map.groupBy(services, ({ category }) => category)]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([category, its]) =>
      make(
        'fieldset',
        { class: 'category' },
        make('legend', {}, category),
        make(
          'div',
          { class: 'cards' },
          its.map((service) => card(service, draft, onChange)),
        ),
      ),
    );

const card = (service, draft, onChange) => {
  const toggle = ({ target }) => {
    if (target.checked) draft.services.set(service.id, service);
    else draft.services.delete(service.id);
    onChange();
  };
  return make(
    'label',
    { class: 'card' },
    make('input', { type: 'checkbox', checked: draft.services.has(service.id), on: { change: toggle } }),
    make(
      'span',
      { class: 'card-text' },
      make('span', { class: 'card-name' }, service.name),
      service.description === null ? '' : make('span', { class: 'hint' }, service.description),
      make(
        'span',
        { class: 'card-numbers' },
        make('span', {}, lengthOf(service.duration_minutes)),
        make('strong', {}, priceOf(service.price_cents)),
      ),
    ),
  );
};

const summary = (draft, next, body) => {
  const text = make('p', { role: 'status' });
  const proceed = () => {
    if (draft.services.size > 0) return next();
    text.textContent = 'Choose at least one service first.';
    text.className = 'fault';
    body.querySelector('input')?.focus();
  };
  const update = () => {
    text.className = '';
    text.textContent =
      draft.services.size === 0
        ? 'Nothing chosen yet'
        : `${counted(draft.services.size, 'service')} · about ${lengthOf(minutesOf(draft))} · ${priceOf(centsOf(draft))} before tax`;
  };
  update();
  const element = make(
    'div',
    { class: 'bar stuck' },
    text,
    button('Continue', proceed, { class: 'primary' }),
  );
  return { element, update };
};
