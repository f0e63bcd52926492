import type { COLUMN_STATUSES } from '../../shapes/board.ts';
import { isBefore, startOfDay } from '../../values/time.ts';

export type ColumnStatus = (typeof COLUMN_STATUSES)[number];

export const COLUMNS: readonly { status: ColumnStatus; title: string }[] = [
  { status: 'scheduled', title: 'Scheduled' },
  { status: 'en_route', title: 'On the way' },
  { status: 'in_progress', title: 'In progress' },
  { status: 'ready', title: 'Ready' },
  { status: 'completed', title: 'Completed' },
];

/** What is carried over to the boards of later days until it is finished. */
const CARRIED: readonly string[] = ['en_route', 'in_progress', 'ready'];

export const isColumn = (status: string): status is ColumnStatus =>
  COLUMNS.some((column) => column.status === status);

/** A day in the shop's zone: its first instant, and that of the next day. */
export type BoardDay = { date: string; from: string; to: string };

type Clock = { zone: string; now: string };

export const boardDay = (asked: string | undefined, { zone, now }: Clock): BoardDay => {
  const date = asked ?? dateOf(now, zone);
  const next = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
  return { date, from: startOfDay(date, zone), to: startOfDay(next, zone) };
};

/** The board on which a card stands: that of its start, or today's when it is carried over. */
export const boardOfCard = (card: { status: string; starts_at: string }, clock: Clock): BoardDay => {
  const today = boardDay(undefined, clock);
  const isCarried = CARRIED.includes(card.status) && isBefore(card.starts_at, today.from);
  return isCarried ? today : boardDay(dateOf(card.starts_at, clock.zone), clock);
};

const dateOf = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();

/** A card in the order of its column: seconds since 1970, of its start unless somebody has put it elsewhere. */
export type Placed = { id: string; starts_at: string; rank: number };

const STEP = 60;

/**
 * What has to be stored so that `card` stands at `position` among `others`: its own rank between its neighbours', or,
 * where no number is left between those, the ranks of the whole column, spread over the time that it takes up.
 */
export const placesFor = (others: readonly Placed[], card: Placed, position: number): Placed[] => {
  const [before, after] = [others[position - 1], others[position]];
  const rank = rankBetween(before?.rank, after?.rank, card.rank);
  if (rank !== undefined) return [{ ...card, rank }];
  const first = others[0]?.rank ?? card.rank;
  const last = others.at(-1)?.rank ?? card.rank;
  const step = Math.max(STEP, (last - first) / others.length);
  return others.toSpliced(position, 0, card).map((one, at) => ({ ...one, rank: first + at * step }));
};

/** Undefined when the numbers between have run out. */
const rankBetween = (before: number | undefined, after: number | undefined, alone: number) => {
  if (before === undefined) return after === undefined ? alone : after - STEP;
  if (after === undefined) return before + STEP;
  const middle = before + (after - before) / 2;
  return before < middle && middle < after ? middle : undefined;
};
