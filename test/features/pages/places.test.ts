import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Data } from '../../helpers/app.ts';

const folder = join(import.meta.dir, '../../../src/features/pages');
const { columnsOf, positionAt, WAYS } = await import(join(folder, 'board/places.js'));
const { addDays, clocksOf, longDayOf } = await import(join(folder, 'both/zone.js'));
const { clockOf, lengthOf, priceOf, toldOf } = await import(join(folder, 'both/words.js'));

const cardsOf = (status: string, count: number, prefix: string): Data[] =>
  Array.from({ length: count }, (_, position) => ({ id: `${prefix}${position}`, status, position }));

/** As the server does: the card is taken out, then put at the position, or at the end. */
const served = (column: Data[], card: Data, position: number): string[] => {
  const others = column.filter(({ id }) => id !== card.id);
  return others.toSpliced(Math.min(position, others.length), 0, card).map(({ id }) => id);
};

describe('positionAt', () => {
  const column = cardsOf('ready', 5, 'r');
  const visitor = { id: 'v', status: 'scheduled', position: 2 };
  for (const card of [...column, visitor]) {
    for (const hidden of ['', 'r0', 'r2', 'r4', 'r1 r3', 'r0 r1 r2 r3 r4']) {
      test(`${card.id} comes before the card that is named, with ${hidden || 'nothing'} filtered away`, () => {
        const others = column.filter(({ id }) => id !== card.id && !hidden.split(' ').includes(id));
        for (let index = 0; index <= others.length; index += 1) {
          const ids = served(column, card, positionAt(others, index, card));
          const next = others[index];
          const before = others[index - 1];
          if (next !== undefined) expect(ids.indexOf(card.id) + 1).toBe(ids.indexOf(next.id));
          else
            expect(ids.indexOf(card.id)).toBeGreaterThan(before === undefined ? -1 : ids.indexOf(before.id));
        }
      });
    }
  }
});

describe('where a card goes', () => {
  const board = {
    columns: ['scheduled', 'en_route', 'ready'].map((status) => ({ status })),
    cards: [...cardsOf('scheduled', 3, 's'), ...cardsOf('ready', 1, 'r')],
  };
  const [first, second, third] = board.cards;
  const columns = columnsOf(board, null);

  test('up and down within its column, and no further than its ends', () => {
    expect(WAYS.up(first, columns)).toBeUndefined();
    expect(WAYS.up(second, columns)).toEqual({ status: 'scheduled', index: 0 });
    expect(WAYS.down(second, columns)).toEqual({ status: 'scheduled', index: 2 });
    expect(WAYS.down(third, columns)).toBeUndefined();
  });

  test('sideways to the end of the next column', () => {
    expect(WAYS.left(first, columns)).toBeUndefined();
    expect(WAYS.right(first, columns)).toEqual({ status: 'en_route', index: 0 });
    expect(WAYS.left(board.cards[3], columns)).toEqual({ status: 'en_route', index: 0 });
  });

  test('a card on its way stands where it is going, once', () => {
    const shown = columnsOf(board, { id: 's1', status: 'ready', index: 0 });
    expect(shown.map(({ cards }: Data) => cards.map(({ id }: Data) => id))).toEqual([
      ['s0', 's2'],
      [],
      ['s1', 'r0'],
    ]);
  });
});

describe('the clocks of the shop', () => {
  const clocks = clocksOf('America/Los_Angeles');

  test('are the shop’s, wherever the reader is', () => {
    expect(clocks.dayOf('2026-03-10T06:30:00Z')).toBe('2026-03-09');
    expect(clocks.dateOf('2026-03-10T06:30:00Z')).toBe('Monday, March 9');
    expect(clocks.timeOf('2026-03-10T17:00:00Z').replace(/\s/, ' ')).toBe('10:00 AM');
    expect(clocks.nameAt('2026-03-10T17:00:00Z')).toBe('Pacific Daylight Time');
  });

  test('tell the two hours apart that come twice when they are set back', () => {
    const [first, second] = ['2026-11-01T08:30:00Z', '2026-11-01T09:30:00Z'];
    expect(clocks.timeOf(first)).toBe(clocks.timeOf(second));
    expect(clocks.timeNamedOf(first)).toContain('PDT');
    expect(clocks.timeNamedOf(second)).toContain('PST');
  });

  test('days are counted over months, years and the days whose clocks are set', () => {
    expect([addDays('2026-12-31', 1), addDays('2026-03-01', -1), addDays('2026-03-07', 2)]).toEqual([
      ...['2027-01-01', '2026-02-28', '2026-03-09'],
    ]);
    expect(longDayOf('2026-11-01')).toBe('Sunday, November 1');
  });
});

test('money, lengths and what to do next, in words', () => {
  expect([priceOf(27_800), priceOf(5)]).toEqual(['$278.00', '$0.05']);
  expect([lengthOf(45), lengthOf(60), lengthOf(105), clockOf(599)]).toEqual([
    '45 min',
    '1 h',
    '1 h 45 min',
    '9:59',
  ]);
  const told = (status: number, retryAfterS?: number) =>
    toldOf({ status, error: { message: 'No' }, retryAfterS });
  expect(told(409)).toEqual(['No.', undefined]);
  expect(told(429, 3_000)[1]).toBe('Try again in 50 minutes.');
  expect(told(503, 2)[1]).toContain('Try again in 2 seconds.');
});
