import { make } from '../both/elements.js';
import { showBooked } from './booked.js';
import { showDetails } from './details.js';
import { forgetDeadHolds, hasPlace, newDraft } from './draft.js';
import { showPlace } from './place.js';
import { showServices } from './services.js';
import { showTimes } from './times.js';

const STEPS = [
  { name: 'services', title: 'Services', show: showServices, isReady: () => true },
  { name: 'place', title: 'Place', show: showPlace, isReady: ({ services }) => services.size > 0 },
  { name: 'times', title: 'Time', show: showTimes, isReady: hasPlace },
  { name: 'details', title: 'Details', show: showDetails, isReady: ({ hold }) => hold !== null },
];

/** The way from the services to a booking. Steps are entries of the browser's history, so that Back goes one back. */
export const startBooking = (main, shop) => {
  let draft = newDraft();
  let leave = () => undefined;

  const show = (wanted, { note, isMove = false } = {}) => {
    leave();
    forgetDeadHolds(draft);
    const at = reachable(wanted, draft);
    const step = STEPS[at];
    const heading = make('h1', { tabindex: '-1' });
    const body = make('div', { class: 'step' });
    main.replaceChildren(trail(at), heading, body);
    document.title = `${step.title}: book a visit`;
    const way = { shop, draft, heading, body, note, next: () => go(STEPS[at + 1].name), back, go, booked };
    // What it leaves behind when it is left, such as a clock; who only loads something leaves nothing.
    const left = step.show(way);
    leave = typeof left === 'function' ? left : () => undefined;
    if (isMove) {
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  };
  const go = (name, options = {}) => {
    history.pushState({ step: name }, '', location.pathname);
    return show(name, { ...options, isMove: true });
  };
  const back = () => history.back();
  const booked = (booking) => {
    leave();
    leave = () => undefined;
    draft = newDraft();
    history.pushState({ step: 'services' }, '', location.pathname);
    document.title = 'Booked';
    showBooked(main, shop, booking);
    scrollTo(0, 0);
  };
  return { show };
};

/** The step that was asked for, or the first one before it at which something is missing. */
const reachable = (wanted, draft) => {
  const at = Math.max(
    0,
    STEPS.findIndex(({ name }) => name === wanted),
  );
  const missing = STEPS.slice(0, at + 1).findIndex(({ isReady }) => !isReady(draft));
  return missing === -1 ? at : Math.max(0, missing - 1);
};

const trail = (at) =>
  make(
    'ol',
    { class: 'trail', 'aria-label': 'Steps of the booking' },
    STEPS.map(({ title }, index) =>
      make(
        'li',
        { class: index < at ? 'done' : '', 'aria-current': index === at ? 'step' : undefined },
        make('span', { class: 'number', 'aria-hidden': 'true' }, index < at ? '✓' : String(index + 1)),
        make('span', {}, title, index < at ? make('span', { class: 'unseen' }, ' (done)') : ''),
      ),
    ),
  );
