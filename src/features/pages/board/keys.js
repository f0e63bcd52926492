import { WAYS } from './places.js';

const ARROWS = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

/** Arrows go from card to card, Shift and an arrow moves the card, Enter opens its menu. */
export const listenToKeys = (board, { move, openMenu, isMovable }) => {
  board.addEventListener('keydown', (event) => {
    const card = event.target.closest('.card');
    if (event.target.tagName !== 'ARTICLE' || card === null) return;
    const { id } = card.dataset;
    const way = ARROWS[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && isMovable(id)) openMenu(id);
    else if (way !== undefined && event.shiftKey && isMovable(id)) void move(id, WAYS[way]);
    else if (way !== undefined && !event.shiftKey) neighbour(card, way)?.querySelector('article').focus();
    else return;
    event.preventDefault();
  });
};

/** Sideways: into the next column that has a card, as high up as this one. */
const neighbour = (card, way) => {
  if (way === 'up') return card.previousElementSibling;
  if (way === 'down') return card.nextElementSibling;
  const at = [...card.parentElement.children].indexOf(card);
  const step = way === 'left' ? 'previousElementSibling' : 'nextElementSibling';
  for (let column = card.closest('.column')[step]; column !== null; column = column[step]) {
    const cards = column.querySelectorAll('.card');
    if (cards.length > 0) return cards[Math.min(at, cards.length - 1)];
  }
  return null;
};
