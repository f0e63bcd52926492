import { make, message } from '../both/elements.js';
import { priceOf, toldOf } from '../both/words.js';
import { cardOf } from './card.js';
import { columnsOf } from './places.js';

/** The columns. They stay, and their cards are drawn anew: so what is scrolled stays where it is, and so does the focus. */
export const boardView = ({ clocks, isMovable, openMenu, pending }) => {
  const columns = new Map();
  const board = make('main', { class: 'board', id: 'board', 'aria-label': 'Board', tabindex: '0' });
  const jump = make('nav', { class: 'jump', 'aria-label': 'Columns' });
  const status = make('div', { class: 'waiting' });
  let isHeld = false;
  let late = null;

  const draw = (day) => {
    if (isHeld) {
      late = day;
      return;
    }
    status.replaceChildren(...standing(day));
    const isThere = day.board !== null;
    board.hidden = !isThere;
    jump.hidden = !isThere;
    if (!isThere) return;
    const focus = focused();
    const drawn = columnsOf(day.board, pending());
    for (const column of drawn) drawColumn(column, day);
    jump.replaceChildren(...drawn.map(jumpTo));
    refocus(focus);
  };

  const drawColumn = ({ status, title, count, sum_cents, cards }, day) => {
    const { heading, list, sum } = columns.get(status) ?? addColumn(status);
    heading.replaceChildren(title, ' ', make('span', { class: 'count' }, String(count)));
    sum.textContent = priceOf(sum_cents);
    list.replaceChildren(
      ...cards.map((card) =>
        cardOf(card, {
          ...{ clocks: clocks(), date: day.board.date, openMenu, isMovable: isMovable(card) },
          isPending: pending()?.id === card.id,
        }),
      ),
    );
  };

  const addColumn = (status) => {
    const heading = make('h2', { id: `column-${status}` });
    const sum = make('p', { class: 'sum' });
    const list = make('ul', {});
    const element = make(
      'section',
      { class: 'column', 'data-status': status, 'aria-labelledby': heading.id },
      make('header', {}, heading, sum),
      list,
    );
    board.append(element);
    columns.set(status, { heading, list, sum, element });
    return columns.get(status);
  };

  const jumpTo = ({ status, title, count }) => {
    const go = () => columns.get(status).element.scrollIntoView({ inline: 'center', block: 'nearest' });
    return make(
      'button',
      { type: 'button', on: { click: go } },
      `${title} `,
      make('span', { class: 'count' }, String(count)),
    );
  };

  const hold = (held) => {
    isHeld = held;
    if (held || late === null) return;
    const day = late;
    late = null;
    draw(day);
  };

  return { board, jump, status, draw, hold };
};

/** What is to be said instead of a board, or beside an old one. */
const standing = ({ board, refusal, connection }) => {
  if (refusal !== null && connection !== 'offline') return [message('bad', toldOf(refusal))];
  if (board !== null) return [];
  if (refusal !== null) return [message('bad', toldOf(refusal))];
  return [make('p', { class: 'hint', role: 'status' }, 'Loading the board…')];
};

const focused = () => {
  const element = document.activeElement;
  const id = element?.closest('.card')?.dataset.id;
  return id === undefined ? undefined : { id, tag: element.tagName };
};

const refocus = (focus) => {
  if (focus === undefined || document.activeElement?.closest('.card')) return;
  document.querySelector(`[data-id="${CSS.escape(focus.id)}"] ${focus.tag}`)?.focus({ preventScroll: false });
};
