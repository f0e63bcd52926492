import { button, make } from '../both/elements.js';
import { priceOf } from '../both/words.js';
import { monthDayOf } from '../both/zone.js';

/** One job on the board. */
export const cardOf = (card, { clocks, date, isMovable, isPending, openMenu }) => {
  const day = clocks.dayOf(card.starts_at);
  const time = `${day === date ? '' : `${monthDayOf(day)}, `}${clocks.rangeOf(card.starts_at, card.ends_at)}`;
  return make(
    'li',
    {
      class: ['card', isMovable && 'movable', card.is_late && 'is-late', isPending && 'pending']
        .filter(Boolean)
        .join(' '),
      'data-id': card.id,
      'aria-busy': isPending ? 'true' : undefined,
    },
    make(
      'article',
      {
        tabindex: '0',
        'aria-describedby': isMovable ? 'keys' : undefined,
        'aria-labelledby': `name-${card.id}`,
      },
      make(
        'div',
        { class: 'card-top' },
        make('h3', { id: `name-${card.id}` }, card.customer_name),
        card.technician === null
          ? make('span', { class: 'initials nobody' }, 'nobody')
          : make('span', { class: 'initials' }, card.technician.initials),
      ),
      make('p', { class: 'hint' }, card.vehicle || 'No vehicle'),
      make(
        'p',
        { class: 'card-time' },
        make('span', {}, time),
        card.is_late && make('strong', { class: 'late' }, 'Late'),
      ),
      make(
        'div',
        { class: 'card-foot' },
        make('span', {}, priceOf(card.total_cents)),
        isMovable &&
          button('Move', () => openMenu(card.id), {
            class: 'quiet',
            'aria-haspopup': 'dialog',
            'aria-label': `Move ${card.customer_name}`,
          }),
        isMovable && make('span', { class: 'handle', 'aria-hidden': 'true' }, '⠿'),
      ),
    ),
  );
};
