import { button, make, message } from '../both/elements.js';
import { visitLines } from './visit.js';

export const showBooked = (main, shop, { appointment, manage_url }) => {
  const heading = make('h1', { tabindex: '-1' }, 'You are booked');
  const address = new URL(manage_url, location.origin).href;
  const told = make('span', { role: 'status' });
  const copy = async () => {
    const isCopied = await navigator.clipboard?.writeText(address).then(
      () => true,
      () => false,
    );
    told.textContent = isCopied ? 'Copied' : 'Copying is not possible here: press long on the link instead.';
  };
  main.replaceChildren(
    heading,
    make(
      'div',
      { class: 'step' },
      message('good', 'Thank you. We come to you at the time below.'),
      visitLines(appointment, shop.clocks),
      make(
        'section',
        { class: 'keep' },
        make('h2', {}, 'Keep this link'),
        make('p', {}, 'Whoever has it can confirm, move or cancel this visit, until 30 days after it.'),
        make('p', {}, make('a', { href: address, class: 'address', id: 'manage' }, address)),
        make('p', {}, button('Copy the link', copy), ' ', told),
      ),
    ),
  );
  heading.focus({ preventScroll: true });
};
