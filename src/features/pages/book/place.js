import { busyButton, button, make, message } from '../both/elements.js';
import { field, showIssues } from '../both/fields.js';

const LONGEST_SEARCH_MS = 15_000;

export const showPlace = ({ draft, heading, body, next, back, note }) => {
  heading.textContent = 'Where is the car?';
  const { place } = draft;
  const fields = {
    street: field({
      ...{ name: 'street', label: 'Street and city', autocomplete: 'street-address', maxlength: 250 },
      hint: 'Where we find the car: a house, a lot, a place to pull up',
      ...{ value: place.street, onInput: (text) => set('street', text) },
    }),
    code: field({
      ...{ name: 'code', label: 'Postal code', autocomplete: 'postal-code', maxlength: 12, class: 'short' },
      hint: 'It tells us which of our vans is near',
      ...{ value: place.code, onInput: (text) => set('code', text) },
    }),
  };
  const set = (name, text) => {
    place[name] = text.trim();
  };
  const submit = (event) => {
    event.preventDefault();
    const issues = missing(place);
    showIssues(fields, issues);
    if (issues.length === 0) next();
  };
  body.replaceChildren(
    ...(note === undefined ? [] : [note]),
    make(
      'form',
      { class: 'form', novalidate: true, on: { submit } },
      fields.street.element,
      fields.code.element,
      position(place),
      make(
        'div',
        { class: 'bar' },
        button('Back', back),
        make('button', { type: 'submit', class: 'primary' }, 'Find times'),
      ),
    ),
  );
};

/** With the position of the car its address is a help for the driver; without it both lines are needed. */
const missing = ({ street, code, point }) =>
  point !== null
    ? []
    : [
        ...(street === '' ? [{ path: 'street', message: 'is needed to find the car' }] : []),
        ...(code === '' ? [{ path: 'code', message: 'is needed to find free times' }] : []),
      ];

/** Offered where the browser can tell it: under https, when it is asked for. */
const position = (place) => {
  const element = make('div', { class: 'position' });
  if (!isSecureContext || !('geolocation' in navigator)) return element;
  const locate = async () => {
    const found = await findPosition();
    if ('fault' in found) return show(message('warn', found.fault));
    place.point = found.point;
    return show();
  };
  const forget = () => {
    place.point = null;
    show();
  };
  const show = (...notes) => {
    element.replaceChildren(
      ...notes,
      ...(place.point === null
        ? [busyButton('Use my position', locate)]
        : [
            message('good', 'Your position is set. The address above still helps the driver.'),
            button('Forget my position', forget, { class: 'quiet' }),
          ]),
    );
  };
  show();
  return element;
};

const REFUSED = {
  1: 'The browser was not allowed to tell your position. Type the address instead.',
  2: 'Your position could not be found. Type the address instead.',
  3: 'Finding your position took too long. Type the address instead.',
};

const findPosition = () =>
  new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ point: { lat: rounded(coords.latitude), lng: rounded(coords.longitude) } }),
      ({ code }) => done({ fault: REFUSED[code] ?? REFUSED[2] }),
      { enableHighAccuracy: true, timeout: LONGEST_SEARCH_MS, maximumAge: 60_000 },
    );
  });

/** Five places are about a metre. */
const rounded = (degrees) => Math.round(degrees * 1e5) / 1e5;
