import { button, make } from '../both/elements.js';

/** Says it to whoever listens instead of looking. */
export const say = (text) => {
  const said = document.querySelector('#said');
  // The same sentence twice is said twice.
  said.textContent = said.textContent === text ? `${text} ` : text;
};

/** Shows a sentence above the board until it is put away, or another one comes. */
export const warn = (...lines) => {
  const notes = document.querySelector('#notes');
  if (notes === null) return;
  const close = button('Close', () => notes.replaceChildren(), { class: 'quiet' });
  notes.replaceChildren(
    make(
      'div',
      { class: 'message bad note', role: 'alert' },
      make(
        'div',
        {},
        lines.filter(Boolean).map((line) => make('p', {}, line)),
      ),
      close,
    ),
  );
};

export const hush = () => document.querySelector('#notes')?.replaceChildren();
