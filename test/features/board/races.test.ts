import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Client, type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { seeded } from '../../helpers/seeded.ts';
import { aCard, boardOf, columnOf } from './shop.ts';

setDefaultTimeout(60_000);

// Two applications with a pool each on one database: as two workers, or two boxes.
const one = await testApp({ env: PATIENT });
const other = await testApp({ url: one.url, env: PATIENT });
const owner = await one.as('owner');
const both: [Client, Client] = [owner, other.sameAs(owner)];
const eitherOf = (at: number): Client => both[at % 2] ?? owner;

const cardsAt = async (date: string, starts: readonly string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const time of starts) ids.push(await aCard(one, owner, { starts_at: `${date}T${time}Z` }));
  return ids;
};
const deadlocks = async (): Promise<number> => {
  const [row] = await one.sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`;
  return row?.deadlocks ?? -1;
};

// Each on days before those of the test above it: what that left under way is carried over to later boards.
describe('people who move cards at once', () => {
  test('two on one card: one 200, one 409 with the card as the other has put it', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const date = `2041-01-0${round}`;
      const ids = await cardsAt(date, ['18:00:00', '19:00:00', '20:00:00']);
      const moves = [
        { status: 'scheduled', position: 0, version: 1 },
        { status: 'en_route', position: 0, version: 1 },
      ];
      const answers = await Promise.all(
        moves.map((move, at) => eitherOf(at).put(`/v1/board/cards/${ids[2]}`, move)),
      );
      const won = answers.filter(({ status }) => status === 200);
      const lost = answers.filter(({ status }) => status === 409);
      expect([won.length, lost.length]).toEqual([1, 1]);
      const error = lost[0]?.error;
      expect([error.reason, error.details.card]).toEqual(['board.card_moved', won[0]?.data]);
      const { cards } = await boardOf(owner, `?date=${date}`);
      expect(cards).toContainEqual(won[0]?.data);
    }
  });

  test('twenty on different cards, to one place or anywhere, of one start: each gets through, and the order stays one', async () => {
    const random = seeded('moves');
    const date = '2040-02-01';
    const ids = await cardsAt(date, Array(20).fill('18:00:00'));
    for (const positionOf of [() => 0, () => 7, () => random(20)]) {
      const { cards } = await boardOf(owner, `?date=${date}`);
      const answers = await Promise.all(
        cards.map(({ id, version }: Data, at: number) =>
          eitherOf(at).put(`/v1/board/cards/${id}`, { status: 'scheduled', position: positionOf(), version }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      const column = columnOf(await boardOf(owner, `?date=${date}`), 'scheduled');
      expect([...column].sort()).toEqual([...ids].sort());
      // Each was put where the one before had left the column: no two of them stand at one rank.
      const ranks = await one.sql<{
        rank: number;
      }>`select rank from board_places where starts_at = ${`${date}T18:00:00Z`}`;
      expect(new Set(ranks.map(({ rank }) => rank)).size).toBe(ranks.length);
    }
    expect(await deadlocks()).toBe(0);
  });

  test('moves, new starts and new states together: no card is lost or shown twice', async () => {
    const random = seeded('everything');
    const date = '2039-03-01';
    const ids = await cardsAt(date, Array(16).fill('18:00:00'));
    for (let round = 0; round < 2; round += 1) {
      const { cards } = await boardOf(owner, `?date=${date}`);
      const answers = await Promise.all(
        cards.map(({ id, version, status }: Data, at: number) => {
          const client = eitherOf(at);
          if (at % 4 === 0)
            return client.patch(`/v1/appointments/${id}`, { starts_at: `${date}T19:0${random(9)}:00Z` });
          const next = status === 'scheduled' ? 'en_route' : 'scheduled';
          if (at % 4 === 1) return client.put(`/v1/appointments/${id}/status`, { status: next });
          const to = at % 4 === 2 ? next : status;
          return client.put(`/v1/board/cards/${id}`, { status: to, position: random(8), version });
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
      const board = await boardOf(owner, `?date=${date}`);
      const shown = ['scheduled', 'en_route'].flatMap((status) => columnOf(board, status));
      expect(shown.sort()).toEqual([...ids].sort());
    }
    expect(await deadlocks()).toBe(0);
  });
});
