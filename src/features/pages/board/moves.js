import { toldOf } from '../both/words.js';
import { columnsOf, positionAt } from './places.js';
import { say, warn } from './say.js';
import { asked, person, written } from './session.js';

/** Moves cards, one after the other. A card stands elsewhere than the server said only while the server is asked. */
export const createMoves = ({ watch, clocks, redraw }) => {
  let pending = null;
  let queue = Promise.resolve();

  /** `way(card, columns)` → { status, index } among the other cards of that column, or undefined. */
  const move = (id, way) => {
    queue = queue.then(() => moveOne(id, way));
    return queue;
  };

  const moveOne = async (id, way) => {
    const { board } = watch.day;
    const card = board?.cards.find((one) => one.id === id);
    if (card === undefined) return say('This card is not on the board any more.');
    const columns = columnsOf(board);
    const wanted = way(card, columns);
    if (wanted === undefined) return say('It goes no further that way.');
    const others = columnOf(columns, wanted.status).cards.filter((one) => one.id !== id);
    const index = Math.min(wanted.index, others.length);
    if (wanted.status === card.status && columnOf(columns, card.status).cards[index]?.id === id) return;
    const position = positionAt(others, index, card);
    pending = { id, status: wanted.status, index };
    redraw();
    const body = { status: wanted.status, position, version: card.version };
    const answer = await written('PUT', `/v1/board/cards/${id}`, { body });
    const now = answer.ok ? answer.data : answer.error.details?.card;
    if (answer.ok) say(`${card.customer_name}: ${columnOf(columns, now.status).title}, place ${index + 1}.`);
    else await refuse(answer, card, now);
    settle(id, now);
    await watch.readAfresh();
    pending = null;
    redraw();
  };

  /** What the server said of this card counts, even when the board cannot be read just now. */
  const settle = (id, now) => {
    const { board } = watch.day;
    if (board === null || now === undefined) return;
    const others = board.cards.filter((one) => one.id !== id);
    const at = others.findIndex(
      ({ status, position }) => status === now?.status && position >= now?.position,
    );
    const cards = now === null ? others : others.toSpliced(at === -1 ? others.length : at, 0, now);
    watch.day.board = { ...board, cards };
    pending = null;
    redraw();
  };

  const refuse = async (answer, card, now) => {
    pending = null;
    redraw();
    const first = answer.error.reason === 'board.card_moved' ? await whoWasFirst(card, now) : undefined;
    warn(`${card.customer_name}: ${toldOf(answer).filter(Boolean).join(' ')}`, first);
  };

  const whoWasFirst = async ({ id }, now) => {
    const stands = now === undefined || now === null ? '' : ` It is now in “${titleOf(now.status)}”.`;
    const answer = await asked(`/v1/appointments/${id}/history?limit=1`);
    const [change] = answer.ok ? answer.data.items : [];
    if (change === undefined || change.actor === null) return stands.trim() || undefined;
    const who = change.actor.id === person()?.id ? 'You' : change.actor.name;
    const to = change.changes.status?.to;
    const did = to === undefined ? 'changed it' : `moved it to “${titleOf(to)}”`;
    return `${who} ${did} at ${clocks().timeOf(change.at)}.${stands}`;
  };

  const titleOf = (status) =>
    watch.day.board?.columns.find((one) => one.status === status)?.title ?? status.replaceAll('_', ' ');

  return { move, pending: () => pending };
};

const columnOf = (columns, status) => columns.find((one) => one.status === status);
