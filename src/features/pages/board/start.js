import { ask, askAll } from '../both/api.js';
import { busyButton, make, message } from '../both/elements.js';
import { counted, toldOf } from '../both/words.js';
import { clocksOf, longDayOf } from '../both/zone.js';
import { watchDay } from './day.js';
import { listenToDrags } from './drag.js';
import { headOf } from './head.js';
import { listenToKeys } from './keys.js';
import { openMenu } from './menu.js';
import { createMoves } from './moves.js';
import { columnsOf } from './places.js';
import { hush, say, warn } from './say.js';
import { freshToken, person, resume, signOut, whenSessionEnds } from './session.js';
import { showSignIn } from './sign-in.js';
import { boardView } from './view.js';

const page = document.querySelector('#page');
let shop;
let leave = () => undefined;

const open = async () => {
  const answer = await ask('GET', '/v1/public/shop');
  if (!answer.ok) return refuse(answer, open);
  shop = answer.data;
  const { isSignedIn, answer: why } = await resume();
  if (isSignedIn) return showBoard();
  // Out of reach is no reason to sign in again.
  if (why !== undefined && (why.status === 0 || why.status >= 500)) return refuse(why, open);
  askForLogin();
};

const refuse = (answer, again) =>
  page.replaceChildren(
    make(
      'main',
      { class: 'sign-in' },
      make('h1', {}, 'The board'),
      message('bad', toldOf(answer)),
      busyButton('Try again', again, { class: 'primary' }),
    ),
  );

const askForLogin = (note) => {
  leave();
  leave = () => undefined;
  showSignIn(page, { shopName: shop.name, note, done: showBoard });
};

const showBoard = async () => {
  const me = person();
  const { token } = await freshToken();
  const listed = await askAll('/v1/technicians?is_active=true&sort=name&limit=100', { token });
  const technicians = listed.ok ? listed.data.items : [];
  const own = technicians.find(({ staff_id }) => staff_id === me.id)?.id;
  let known = clocksOf(shop.timezone);
  const clocks = () => known;

  const watch = watchDay((day) => {
    if (day.board !== null && day.board.timezone !== known.zone) known = clocksOf(day.board.timezone);
    redraw();
  });
  const moves = createMoves({ watch, clocks, redraw: () => redraw() });
  const isMovable = (card) =>
    ['owner', 'advisor'].includes(me.role) ||
    (me.role === 'technician' && own !== undefined && card.technician?.id === own);
  const cardWith = (id) => watch.day.board?.cards.find((card) => card.id === id);
  const move = (id, way) => {
    hush();
    return moves.move(id, way);
  };
  const menu = (id) => {
    const card = cardWith(id);
    if (card !== undefined) openMenu(card, columnsOf(watch.day.board), move);
  };
  const view = boardView({ clocks, isMovable, openMenu: menu, pending: moves.pending });
  const choose = async (changes) => {
    await watch.choose(changes);
    const { board } = watch.day;
    if (board !== null) say(`${longDayOf(board.date)}: ${counted(board.cards.length, 'job')} shown.`);
  };
  const leaveForGood = async () => {
    await signOut();
    askForLogin('You are signed out.');
  };
  const head = headOf({
    shopName: shop.name,
    me,
    technicians,
    choose,
    signOut: leaveForGood,
    clocks,
  });
  const redraw = () => {
    head.draw(watch.day);
    view.draw(watch.day);
  };
  listenToKeys(view.board, { move, openMenu: menu, isMovable: (id) => isMovable(cardWith(id) ?? {}) });
  listenToDrags(view.board, { hold: view.hold, drop: (id, target) => move(id, () => target) });
  leave = watch.stop;
  page.replaceChildren(
    head.element,
    make('div', { id: 'notes', class: 'notes' }),
    view.status,
    view.jump,
    view.board,
    make(
      'p',
      { class: 'hint keys', id: 'keys' },
      'Arrow keys go from card to card. Shift and an arrow key moves the card. Enter opens its menu.',
    ),
  );
  redraw();
  if (!listed.ok)
    warn('The technicians could not be read, so the board cannot be filtered.', ...toldOf(listed));
};

whenSessionEnds((answer) => askForLogin(answer.error.message));
await open();
