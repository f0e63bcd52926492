import { describe, expect, test } from 'bun:test';
import { boardDay, boardOfCard, COLUMNS, type Placed, placesFor } from '../../../src/features/board/rules.ts';
import { COLUMN_STATUSES } from '../../../src/shapes/board.ts';
import { seeded } from '../../helpers/seeded.ts';

const zone = 'America/Los_Angeles';
const now = '2031-03-09T12:00:00Z';

describe('the day of a board', () => {
  test.each([
    ['2031-03-09', '2031-03-09T08:00:00Z', '2031-03-10T07:00:00Z', 23],
    ['2031-11-02', '2031-11-02T07:00:00Z', '2031-11-03T08:00:00Z', 25],
    ['2031-07-01', '2031-07-01T07:00:00Z', '2031-07-02T07:00:00Z', 24],
  ])('%s is from %s to %s: %d hours', (date, from, to, hours) => {
    expect(boardDay(date, { zone, now })).toEqual({ date, from, to });
    expect(Date.parse(to) - Date.parse(from)).toBe(hours * 3_600_000);
  });

  test('without a date it is the day that it is in the shop', () => {
    expect(boardDay(undefined, { zone, now: '2031-07-02T06:59:59Z' }).date).toBe('2031-07-01');
    expect(boardDay(undefined, { zone, now: '2031-07-02T07:00:00Z' }).date).toBe('2031-07-02');
  });

  for (const { status } of COLUMNS) {
    const isCarried = ['en_route', 'in_progress', 'ready'].includes(status);
    test(`a card that is ${status} stands on ${isCarried ? "today's board" : 'that of its start'}, when its day is over`, () => {
      const clock = { zone, now };
      const yesterday = { status, starts_at: '2031-03-09T07:59:59.999Z' };
      expect(boardOfCard(yesterday, clock).date).toBe(isCarried ? '2031-03-09' : '2031-03-08');
      expect(boardOfCard({ status, starts_at: '2031-03-09T08:00:00Z' }, clock).date).toBe('2031-03-09');
      expect(boardOfCard({ status, starts_at: '2031-03-10T07:00:00Z' }, clock).date).toBe('2031-03-10');
    });
  }

  test('the columns are all states of a card, in their order', () =>
    expect(COLUMNS.map(({ status }) => status)).toEqual([...COLUMN_STATUSES]));
});

const placed = (id: string, rank: number): Placed => ({ id, starts_at: now, rank });
const inOrder = (column: readonly Placed[]): string[] =>
  [...column].sort((one, other) => one.rank - other.rank || (one.id < other.id ? -1 : 1)).map(({ id }) => id);
/** The column as the database holds it afterwards. */
const stored = (others: readonly Placed[], card: Placed, position: number): Placed[] => {
  const places = placesFor(others, card, position);
  return [...others, card].map((one) => places.find(({ id }) => id === one.id) ?? one);
};

describe('a place in a column', () => {
  const [a, b, card] = [placed('a', 1_000), placed('b', 2_000), placed('x', 1_500)];

  test('stands between its neighbours, and nobody else is touched', () => {
    expect(placesFor([a, b], card, 1)).toEqual([placed('x', 1_500)]);
    for (const position of [0, 1, 2]) {
      expect(placesFor([a, b], card, position)).toHaveLength(1);
      expect(inOrder(stored([a, b], card, position)).indexOf('x')).toBe(position);
    }
  });

  test('alone it keeps the rank of its start', () => expect(placesFor([], card, 0)).toEqual([card]));

  test('between two of one start the column is numbered anew, over the time that it takes up', () => {
    const column = [placed('a', 1_000), placed('b', 1_000), placed('c', 4_000)];
    const places = placesFor(column, card, 1);
    expect(places.map(({ id, rank }) => [id, rank])).toEqual([
      ...[
        ['a', 1_000],
        ['x', 2_000],
      ],
      ...[
        ['b', 3_000],
        ['c', 4_000],
      ],
    ]);
  });

  test('two thousand cards put into one gap, or anywhere, stand where they were put', () => {
    const random = seeded('places');
    for (const gapOf of [() => 1, random]) {
      let column = [placed('a', 1_700_000_000), placed('b', 1_700_000_000)];
      for (let at = 0; at < 2_000; at += 1) {
        const others = column.length > 40 ? column.slice(0, 20) : column;
        const position = gapOf(others.length);
        const after = stored(others, placed(`x${at}`, 1_700_000_000 + random(9) * 600), position);
        const wanted = others.map(({ id }) => id).toSpliced(position, 0, `x${at}`);
        expect(inOrder(after)).toEqual(wanted);
        column = wanted.flatMap((id) => after.filter((one) => one.id === id));
      }
    }
  });
});
