import { ask } from '../both/api.js';
import { busyButton, make, message } from '../both/elements.js';
import { toldOf } from '../both/words.js';
import { clocksOf } from '../both/zone.js';
import { startBooking } from './booking.js';
import { showVisit } from './manage.js';

const main = document.querySelector('#main');

/** Whoever comes with a token in the fragment, which no server and no other site gets to see, manages that visit. */
const open = async () => {
  const answer = await ask('GET', '/v1/public/shop');
  if (!answer.ok) {
    main.replaceChildren(
      make('h1', {}, 'Book a visit'),
      message('bad', toldOf(answer)),
      busyButton('Try again', open, { class: 'primary' }),
    );
    return;
  }
  const shop = { ...answer.data, clocks: clocksOf(answer.data.timezone) };
  document.querySelector('#shop').textContent = shop.name;
  document
    .querySelector('#foot')
    .replaceChildren(
      make('p', {}, shop.name, shop.licence_number === null ? '' : ` · Licence ${shop.licence_number}`),
      make('p', {}, `All times are those of the shop: ${shop.clocks.nameAt(new Date())} (${shop.timezone})`),
    );
  const booking = startBooking(main, shop);
  const route = () => {
    const token = location.hash.slice(1);
    if (token !== '') return showVisit(main, shop, token);
    return booking.show(history.state?.step);
  };
  addEventListener('popstate', route);
  route();
};

await open();
