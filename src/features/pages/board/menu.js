import { button, make } from '../both/elements.js';
import { into, WAYS } from './places.js';

/** Where a card can be put, as buttons: for fingers, and for whoever cannot drag. */
export const openMenu = (card, columns, move) => {
  const go = (way) => () => {
    dialog.close();
    void move(card.id, way);
  };
  const places = columns
    .filter(({ status }) => status !== card.status)
    .map(({ status, title }) => button(title, go(into(status))));
  const dialog = make(
    'dialog',
    { class: 'menu', 'aria-labelledby': 'menu-title' },
    make('h2', { id: 'menu-title' }, `Move ${card.customer_name} to`),
    make('div', { class: 'menu-places' }, places),
    make(
      'div',
      { class: 'menu-places two' },
      button('Up', go(WAYS.up), { 'aria-label': 'Up in this column' }),
      button('Down', go(WAYS.down), { 'aria-label': 'Down in this column' }),
    ),
    button('Leave it', () => dialog.close(), { class: 'quiet' }),
  );
  const opener = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    const now = document.querySelector(`[data-id="${CSS.escape(card.id)}"] article`);
    (opener?.isConnected ? opener : now)?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
};
