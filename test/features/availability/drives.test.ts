import { expect, test } from 'bun:test';
import { startsOf } from '../../../src/features/availability/starts.ts';
import type { Book, ShopRules, Visit } from '../../../src/features/availability/types.ts';
import { at, evenShop, MINUTE, north, timeOf } from '../../helpers/even-shop.ts';

const visit = (id: string, from: string, kilometres: number): Visit => ({
  ...{ id, from: at(from), to: at(from) + 60 * MINUTE, before: 0, after: 0 },
  ...{ place: north(kilometres), lane: 0, isActive: true },
});
const book: Book = {
  technician: { id: 't', name: 'T', isActive: true, skills: [], start: null },
  open: [{ from: at('8:00'), to: at('18:00') }],
  visits: [visit('far', '8:00', 50), visit('near', '11:00', 1)],
};
/** From the far job it takes five hours, from anywhere else ten minutes. */
const shop: ShopRules = { ...evenShop, measured: (from) => (from.lat === north(50).lat ? 300 : 10) };

test('behind the next job the drive is another one: a start there is not skipped for a long drive before', () => {
  const wish = {
    ...{ id: null, before: 0, after: 0, place: north(0), skills: [], vehicleVisits: [] },
    ...{ isPublic: false, now: at('8:00') },
  };
  const search = { shop, wish, lengthMs: 60 * MINUTE };
  const [first] = startsOf(search, book, { from: at('8:00'), to: at('18:00') });
  expect(timeOf(first?.at ?? null)).toBe('12:15');
});
