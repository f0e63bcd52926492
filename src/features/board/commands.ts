import type { Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import type { Expected } from '../../http/validate.ts';
import { moveJob, repositionJob } from '../appointments/commands.ts';
import type { By } from '../appointments/people.ts';
import { type CardShape, findCard, listColumn, lockBoard, setPlaces } from './queries.ts';
import { boardOfCard, type ColumnStatus, isColumn, placesFor } from './rules.ts';
import type { CardMove } from './schema.ts';

type Move = CardMove & { id: string; expected: Expected; zone: string };

/**
 * Puts a card at a position of a column, and its job into that state, by the rules of the jobs. The position is meant
 * on the board on which the card stands afterwards; beyond its end is the end.
 * Throws board.card_moved (409) with the card as it is when the job has another version than the client saw.
 */
export const moveCard = async (tx: Transaction, by: By, move: Move): Promise<CardShape> => {
  const { id, status, version, expected, zone } = move;
  const assertSeen = async (job: { status: string; starts_at: string; version: number }): Promise<void> => {
    if (job.version !== version) throw cardMoved(await cardNow(tx, by, { ...job, id, zone }));
  };
  // Before the job leaves its column, which takes its place there away: whoever has the board may want that place.
  const was = await moveJob(tx, by, { id, status, expected, assertSeen, locked: () => lockBoard(tx) });
  const card = { id, status, zone, starts_at: was.starts_at };
  const moved = await place(tx, by, { ...card, position: move.position, isNew: was.status !== status });
  if (moved !== undefined && was.status === status) await repositionJob(tx, id, moved);
  const shown = await cardNow(tx, by, card);
  if (shown === undefined) throw notFound('appointment');
  return shown;
};

type Card = { id: string; status: string; starts_at: string; zone: string };
type Wanted = Card & { status: ColumnStatus; position: number; isNew: boolean };

/** Undefined when it stood there already. */
const place = async (tx: Transaction, { now }: By, { id, status, position, isNew, ...card }: Wanted) => {
  const column = await listColumn(tx, boardOfCard({ status, ...card }, { zone: card.zone, now }), status);
  const from = column.findIndex((one) => one.id === id);
  if (from === -1) return undefined;
  const [own] = column.splice(from, 1);
  const to = Math.min(position, column.length);
  if (own === undefined || (from === to && !isNew)) return undefined;
  await setPlaces(tx, status, placesFor(column, own, to));
  return { from, to };
};

/** Undefined when the job stands on no board any more. */
const cardNow = async (tx: Transaction, { now }: By, { id, zone, ...job }: Card) =>
  isColumn(job.status) ? findCard(tx, { id, now, day: boardOfCard(job, { zone, now }) }) : undefined;

const cardMoved = (card: CardShape | undefined): Error =>
  fail(
    'board.card_moved',
    card === undefined
      ? 'Somebody took this card off the board meanwhile. Read the board again.'
      : 'Somebody changed this card meanwhile. Look at it as it is now, then move it again.',
    { details: { card: card === undefined ? null : JSON.parse(card.shape) } },
  );
