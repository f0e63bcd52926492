import { expect, setDefaultTimeout, test } from 'bun:test';
import { household } from '../process/started.ts';
import { figure } from './figures.ts';
import { bookOneSlot, shownReasons } from './one-slot.ts';
import { openShop, rowsOf, scaled } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

test('C1: a thousand bookings of one slot over both workers: exactly one', async () => {
  const shop = await openShop(house);
  const clients = scaled(1_000, 200);
  const rounds = scaled(20, 2);
  const seen = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const starts_at = new Date(Date.UTC(2091, 0, 1 + round)).toISOString();
    expect(await bookOneSlot(shop, { clients, starts_at, seen })).toBe(1);
  }
  const [row] = await rowsOf(shop.databaseUrl, 'select count(*)::int4 as count from appointments');
  expect(row?.count).toBe(rounds);
  figure('C1', `bookings kept of ${clients} × ${rounds}`, row?.count, `${rounds}`);
  figure('C1', 'answers', shownReasons(seen), 'no other 5xx');
});
