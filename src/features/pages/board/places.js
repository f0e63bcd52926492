// Where cards stand, and where one would.

/** Behind whatever there is: the server counts positions in the whole column, of which a filter shows a part. */
const AT_THE_END = 1_000_000;

/** The columns with their cards; a card that is on its way stands where it is going. */
export const columnsOf = (board, pending) =>
  board.columns.map((column) => {
    const own = board.cards.filter(({ id, status }) => status === column.status && id !== pending?.id);
    const moving = pending?.status === column.status && board.cards.find(({ id }) => id === pending.id);
    return { ...column, cards: moving ? own.toSpliced(pending.index, 0, moving) : own };
  });

/** The position to ask for, so that `card` comes to stand before the one that is at `index` of the others shown. */
export const positionAt = (others, index, card) => {
  const isBelow = ({ status, position }) => card.status === status && card.position < position;
  const next = others[index];
  if (next !== undefined) return next.position - (isBelow(next) ? 1 : 0);
  const last = others.at(-1);
  return last === undefined ? AT_THE_END : last.position + (isBelow(last) ? 0 : 1);
};

/** By name, as the menu and the keys have it: where a card goes from where it stands; undefined: it goes nowhere. */
export const WAYS = {
  up: (card, columns) => beside(card, columns, -1),
  down: (card, columns) => beside(card, columns, 1),
  left: (card, columns) => across(card, columns, -1),
  right: (card, columns) => across(card, columns, 1),
};

/** Into the column of that state, at its end. */
export const into = (status) => (_card, columns) => ({
  status,
  index: columns.find((column) => column.status === status)?.cards.length ?? 0,
});

const beside = (card, columns, by) => {
  const cards = columns.find(({ status }) => status === card.status)?.cards ?? [];
  const index = cards.findIndex(({ id }) => id === card.id) + by;
  return index < 0 || index >= cards.length ? undefined : { status: card.status, index };
};

const across = (card, columns, by) => {
  const next = columns[columns.findIndex(({ status }) => status === card.status) + by];
  return next === undefined ? undefined : { status: next.status, index: next.cards.length };
};
