import { ask, askAll } from '../both/api.js';
import { busyButton, button, make, message } from '../both/elements.js';
import { priceOf, toldOf } from '../both/words.js';
import { addDays, longDayOf, monthDayOf, weekdayOf } from '../both/zone.js';

const DAYS_SHOWN = 7;
const DAYS_AHEAD = 60;

const PARTS_OF_DAY = [
  { title: 'Morning', until: 12 },
  { title: 'Afternoon', until: 17 },
  { title: 'Evening', until: 24 },
];

/**
 * Days and the free starts of one of them. `pathOf(parameters)` is where starts are asked for, `choose(start)` is what
 * happens to the one that is taken.
 */
export const timePicker = ({ clocks, pathOf, choose }) => {
  const notes = make('div', { class: 'notes' });
  const days = make('div', { class: 'days', role: 'group', 'aria-label': 'Day' });
  const times = make('div', { class: 'times' });
  const element = make('div', { class: 'picker' }, notes, days, times);
  const today = clocks.dayOf(new Date());
  const last = addDays(today, DAYS_AHEAD);
  let first = today;
  let chosen = today;
  let asked = 0;

  /** The first day on which there is a start, at or after `from`. */
  const findDay = async (from) => {
    times.replaceChildren(waiting());
    const answer = await ask('GET', pathOf({ ...(from === today ? {} : { from }), to: last, limit: '1' }));
    if (!answer.ok) return refused(answer, () => findDay(from));
    const [start] = answer.data.items;
    if (start === undefined) {
      drawDays();
      times.replaceChildren(message('', 'There is no free time in the next weeks. Please call the shop.'));
      return;
    }
    const day = clocks.dayOf(start.starts_at);
    if (day >= addDays(first, DAYS_SHOWN) || from === today) first = day;
    await showDay(day);
  };

  const showDay = async (day) => {
    chosen = day;
    drawDays();
    times.replaceChildren(waiting());
    asked += 1;
    const mine = asked;
    const answer = await askAll(pathOf({ from: day, to: addDays(day, 1), limit: '100' }));
    // Whoever taps on quickly sees the day that was tapped last.
    if (mine !== asked) return;
    if (!answer.ok) return refused(answer, () => showDay(day));
    drawTimes(day, answer.data.items);
  };

  const refused = (answer, again) =>
    times.replaceChildren(
      message('bad', toldOf(answer)),
      busyButton('Try again', again, { class: 'primary' }),
    );

  const turn = (by) => {
    first = addDays(first, by);
    if (first < today) first = today;
    return showDay(first);
  };

  const drawDays = () => {
    const shown = Array.from({ length: DAYS_SHOWN }, (_, at) => addDays(first, at)).filter(
      (day) => day < last,
    );
    const isFirst = first <= today;
    const isLast = addDays(first, DAYS_SHOWN) >= last;
    days.replaceChildren(
      make(
        'div',
        { class: 'week' },
        button('‹', () => turn(-DAYS_SHOWN), {
          class: 'turn',
          'aria-label': 'Earlier days',
          disabled: isFirst,
        }),
        make('p', {}, `${monthDayOf(shown[0])} to ${monthDayOf(shown.at(-1))}`),
        button('›', () => turn(DAYS_SHOWN), { class: 'turn', 'aria-label': 'Later days', disabled: isLast }),
      ),
      make(
        'div',
        { class: 'strip' },
        shown.map((day) =>
          make(
            'button',
            {
              ...{ type: 'button', class: 'day' },
              ...{ 'aria-pressed': String(day === chosen), on: { click: () => showDay(day) } },
            },
            make('span', {}, weekdayOf(day)),
            ' ',
            make('strong', {}, monthDayOf(day)),
          ),
        ),
      ),
    );
  };

  const drawTimes = (day, starts) => {
    const own = [...Map.groupBy(starts, ({ starts_at }) => starts_at).values()].map(([start]) => start);
    if (own.length === 0) {
      times.replaceChildren(
        make('p', { role: 'status' }, `No free time on ${longDayOf(day)}.`),
        busyButton('Find the next free day', () => findDay(addDays(day, 1))),
      );
      return;
    }
    const isNamed = clocks.nameAt(own[0].starts_at) !== clocks.nameAt(own.at(-1).starts_at);
    const label = isNamed ? clocks.timeNamedOf : clocks.timeOf;
    const byPart = Map.groupBy(own, ({ starts_at }) =>
      PARTS_OF_DAY.find(({ until }) => clocks.hourOf(starts_at) < until),
    );
    times.replaceChildren(
      make('h2', {}, longDayOf(day)),
      make('p', { class: 'hint' }, `Times in ${clocks.nameAt(own[0].starts_at)} (${clocks.zone})`),
      ...termsOf(own[0]),
      ...[...byPart].map(([part, its]) =>
        make(
          'section',
          { 'aria-label': part.title },
          make('h3', {}, part.title),
          make(
            'div',
            { class: 'grid' },
            its.map((start) => busyButton(label(start.starts_at), () => choose(start), { class: 'time' })),
          ),
        ),
      ),
    );
  };

  return {
    element,
    open: () => findDay(today),
    /** Says something above the days. */
    tell: (...shown) => {
      notes.replaceChildren(...shown);
      if (shown.length > 0) notes.scrollIntoView({ block: 'nearest' });
    },
    reload: () => showDay(chosen),
  };
};

const waiting = () => make('p', { class: 'hint', role: 'status' }, 'Looking for free times…');

const termsOf = ({ trip_fee_cents, needs_review }) => [
  ...(trip_fee_cents > 0
    ? [message('', `A trip fee of ${priceOf(trip_fee_cents)} is added for this place.`)]
    : []),
  ...(needs_review
    ? [message('warn', 'We may have to look at this address first: we will tell you if we cannot come.')]
    : []),
];
