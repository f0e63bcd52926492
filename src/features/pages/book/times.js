import { write } from '../both/api.js';
import { busyButton, button, make, message } from '../both/elements.js';
import { counted, toldOf } from '../both/words.js';
import { locationOf } from './draft.js';
import { timePicker } from './picker.js';

/** As long as the API lets a customer hold a start without asking for more. */
const HOLD_MINUTES = 10;

export const showTimes = async ({ shop, draft, heading, body, note, next, back }) => {
  heading.textContent = 'When shall we come?';
  const { clocks } = shop;
  const place = locationOf(draft);
  const service_ids = [...draft.services.keys()];
  const wish = JSON.stringify({ place, service_ids });

  const keep = (hold) => {
    draft.hold = hold;
    return next();
  };
  const choose = async ({ technician_id, starts_at }) => {
    const sentAt = Date.now();
    const body = { technician_id, starts_at, service_ids, location: place, minutes: HOLD_MINUTES };
    const answer = await write('POST', '/v1/public/holds', { body });
    if (answer.ok) {
      // Counted from here: the clock of the reader may be wrong, but not by much in ten minutes.
      const hold = { ...answer.data, wish, deadline: sentAt + HOLD_MINUTES * 60_000 };
      draft.holds.push(hold);
      return keep(hold);
    }
    picker.tell(message('bad', toldOf(answer)), ...others(answer, technician_id));
    if (answer.status === 409) await picker.reload();
  };
  /** The next starts that came along with the refusal. */
  const others = ({ error }, technician_id) => {
    const starts = error.details?.next_starts ?? [];
    return starts.length === 0
      ? []
      : [
          make('p', {}, 'Next free:'),
          make(
            'div',
            { class: 'grid wide' },
            starts.map((starts_at) =>
              busyButton(`${clocks.dateOf(starts_at)}, ${clocks.timeOf(starts_at)}`, () =>
                choose({ technician_id, starts_at }),
              ),
            ),
          ),
        ];
  };
  const picker = timePicker({
    clocks,
    choose,
    pathOf: (parameters) =>
      `/v1/public/availability?${new URLSearchParams({ service_ids: service_ids.join(','), ...place, ...parameters })}`,
  });
  body.replaceChildren(
    ...(note === undefined ? [] : [note]),
    ...heldBefore(draft, wish, clocks, keep),
    picker.element,
    make('div', { class: 'bar' }, button('Back', back)),
  );
  await picker.open();
};

/** Starts that are held already are shown nowhere else, for they are not free. */
const heldBefore = ({ holds }, wish, clocks, keep) => {
  const same = holds.filter((hold) => hold.wish === wish);
  if (same.length === 0) return [];
  return [
    make(
      'section',
      { class: 'held', 'aria-label': 'Held for you' },
      make('h2', {}, 'Still held for you'),
      make(
        'div',
        { class: 'grid wide' },
        same.map((hold) =>
          button(
            `${clocks.dateOf(hold.starts_at)}, ${clocks.timeOf(hold.starts_at)}, for ${minutesLeft(hold)}`,
            () => keep(hold),
          ),
        ),
      ),
    ),
  ];
};

const minutesLeft = ({ deadline }) =>
  counted(Math.max(1, Math.floor((deadline - Date.now()) / 60_000)), 'minute');
