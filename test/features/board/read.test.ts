import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { aCard, boardOf, columnOf } from './shop.ts';

let now = Date.parse('2031-03-01T12:00:00Z');
const app = await testApp({ clock: () => now });
let owner = await app.as('owner');
/** A token lives for minutes: at another time a new one is needed. */
const goTo = async (instant: string): Promise<void> => {
  now = Date.parse(instant);
  owner = await app.as('owner');
};
const card = (starts_at: string, more: Data = {}) => aCard(app, owner, { starts_at, ...more });
const idsOf = ({ cards }: Data): string[] => cards.map(({ id }: Data) => id);

describe('GET /v1/board', () => {
  test('shows a card with all that is on it, and five columns with count and sum', async () => {
    await goTo('2031-05-01T12:00:00Z');
    const technician = await aTechnician(owner, { name: 'Maria Lopez' });
    const customer = await aCustomer(owner, { name: 'Sam Carter' });
    const vehicle = await aVehicle(owner, {
      ...{ customer_id: customer.id, year: 2019, make: 'Honda', model: 'Civic' },
    });
    const services = [{ service_id: (await aService(owner)).id, quantity: 2, price_cents: 4_500 }];
    const id = await card('2031-05-02T17:00:00Z', {
      ...{ customer_id: customer.id, vehicle_id: vehicle.id, technician_id: technician.id, services },
    });
    const bare = await card('2031-05-02T16:00:00Z');
    const board = await boardOf(owner, '?date=2031-05-02');
    expect(board).toEqual({
      ...{ date: '2031-05-02', timezone: 'America/Los_Angeles' },
      columns: [
        { status: 'scheduled', title: 'Scheduled', count: 2, sum_cents: 9_000 },
        { status: 'en_route', title: 'On the way', count: 0, sum_cents: 0 },
        { status: 'in_progress', title: 'In progress', count: 0, sum_cents: 0 },
        { status: 'ready', title: 'Ready', count: 0, sum_cents: 0 },
        { status: 'completed', title: 'Completed', count: 0, sum_cents: 0 },
      ],
      cards: [
        {
          ...{ id: bare, status: 'scheduled', position: 0, customer_name: 'Ana Ruiz', vehicle: null },
          ...{ technician: null, starts_at: '2031-05-02T16:00:00Z', ends_at: '2031-05-02T17:00:00Z' },
          ...{ total_cents: 0, is_late: false, version: 1 },
        },
        {
          ...{
            id,
            status: 'scheduled',
            position: 1,
            customer_name: 'Sam Carter',
            vehicle: '2019 Honda Civic',
          },
          technician: { id: technician.id, initials: 'ML' },
          ...{ starts_at: '2031-05-02T17:00:00Z', ends_at: '2031-05-02T18:30:00Z' },
          ...{ total_cents: 9_000, is_late: false, version: 1 },
        },
      ],
    });
    expect(await boardOf(owner, '?date=2031-05-03')).toMatchObject({ cards: [] });
  });

  test('an invoice tells the total as soon as there is one, but no void one', async () => {
    await goTo('2031-05-05T12:00:00Z');
    const customer_id = (await aCustomer(owner)).id;
    const services = [{ service_id: (await aService(owner)).id }];
    const id = await card('2031-05-05T17:00:00Z', { customer_id, services });
    const total = async () => (await boardOf(owner)).columns[0].sum_cents;
    expect(await total()).toBe(12_000);
    for (const [status, cents] of [
      ['void', 5],
      ['draft', 11_000],
    ] as const) {
      await app.sql`
        insert into invoices (id, appointment_id, customer_id, status, subtotal_cents, total_cents)
        values (${newId()}, ${id}, ${customer_id}, ${status}, ${cents}, ${cents})`;
      expect(await total()).toBe(status === 'void' ? 12_000 : 11_000);
    }
  });

  test('a day is that of the shop, today without a date: 23 hours in spring, 25 in autumn', async () => {
    for (const [date, start, end] of [
      ['2031-03-09', '2031-03-09T08:00:00Z', '2031-03-10T07:00:00Z'],
      ['2031-11-02', '2031-11-02T07:00:00Z', '2031-11-03T08:00:00Z'],
    ] as const) {
      await goTo('2031-03-01T12:00:00Z');
      const before = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();
      const [early, first, last, late] = [
        await card(before(start)),
        await card(start),
        await card(before(end)),
        await card(end),
      ];
      expect(idsOf(await boardOf(owner, `?date=${date}`))).toEqual([first, last]);
      await goTo(end);
      expect(idsOf(await boardOf(owner))).toEqual([late]);
      await goTo(before(end));
      expect(await boardOf(owner)).toMatchObject({ date, cards: [{ id: first }, { id: last }] });
      await goTo(before(start));
      expect(idsOf(await boardOf(owner))).toEqual([early]);
    }
  });

  test('carries over what was begun and is not finished; shows nothing held, deleted, canceled or missed', async () => {
    await goTo('2031-06-01T12:00:00Z');
    const states = [...['scheduled', 'en_route', 'in_progress', 'ready', 'completed', 'no_show', 'canceled']];
    const made: Record<string, string> = {};
    for (const day of ['01', '02']) {
      for (const status of states)
        made[`${status} ${day}`] = await card(`2031-06-${day}T17:00:00Z`, { status });
    }
    const { id: technician_id } = await aTechnician(owner);
    await owner.post('/v1/holds', { technician_id, starts_at: '2031-06-02T20:00:00Z' });
    for (const day of ['01', '02']) {
      const gone = await card(`2031-06-${day}T21:00:00Z`, { status: 'in_progress' });
      await owner.delete(`/v1/appointments/${gone}`);
    }
    const board = await boardOf(owner, '?date=2031-06-02');
    const shown = (status: string, ...days: string[]) => {
      expect(columnOf(board, status)).toEqual(days.map((day) => made[`${status} ${day}`] ?? ''));
    };
    shown('scheduled', '02');
    for (const status of ['en_route', 'in_progress', 'ready']) shown(status, '01', '02');
    shown('completed', '02');
    expect(board.cards).toHaveLength(8);
    await app.sql`update appointments set status = 'completed' where status <> 'held' and starts_at < '2031-07-01'`;
  });

  test('is late: not begun at its start, or in progress after its end, and not a moment sooner', async () => {
    await goTo('2031-07-01T12:00:00Z');
    const times = { starts_at: '2031-07-01T17:00:00Z', ends_at: '2031-07-01T18:00:00Z' };
    for (const status of ['scheduled', 'en_route', 'in_progress', 'ready', 'completed'])
      await aCard(app, owner, { ...times, status });
    const late = async (instant: string): Promise<string[]> => {
      await goTo(instant);
      return (await boardOf(owner)).cards.filter((one: Data) => one.is_late).map((one: Data) => one.status);
    };
    expect(await late('2031-07-01T17:00:00.000Z')).toEqual([]);
    expect(await late('2031-07-01T17:00:00.001Z')).toEqual(['scheduled', 'en_route']);
    expect(await late('2031-07-01T18:00:00.000Z')).toEqual(['scheduled', 'en_route']);
    expect(await late('2031-07-01T18:00:00.001Z')).toEqual(['scheduled', 'en_route', 'in_progress']);
    await app.sql`update appointments set status = 'completed' where status <> 'held' and starts_at < '2031-08-01'`;
  });

  test("of a technician: their cards, at the positions of the whole column, and their columns' sums", async () => {
    await goTo('2031-09-01T12:00:00Z');
    const person = await app.as('technician');
    const { id: technician_id } = await aTechnician(owner, { staff_id: person.staffId });
    const services = [{ service_id: (await aService(owner)).id }];
    await card('2031-09-01T17:00:00Z', { services });
    const own = await card('2031-09-01T18:00:00Z', { technician_id, services });
    await card('2031-09-01T19:00:00Z');
    const board = await boardOf(owner, `?technician_id=${technician_id}`);
    expect(board.cards).toMatchObject([{ id: own, position: 1 }]);
    expect(board.columns[0]).toMatchObject({ count: 1, sum_cents: 12_000 });
    expect(await boardOf(owner, `?technician_id=${newId()}`)).toMatchObject({ cards: [] });
    // Who has cards of their own sees those of the others too.
    expect((await boardOf(person)).cards).toHaveLength(3);
  });

  test('304 while nothing on it changed; the clock alone can change it', async () => {
    await goTo('2031-09-05T16:59:00Z');
    await card('2031-09-05T17:00:00Z');
    const ask = (etag: string) => owner.get('/v1/board', { headers: { 'if-none-match': etag } });
    const etag = (await owner.get('/v1/board')).headers.get('etag') ?? '';
    expect((await ask(etag)).status).toBe(304);
    await goTo('2031-09-05T17:01:00Z');
    expect((await ask(etag)).data.cards[0].is_late).toBe(true);
  });

  test.each([
    'date=2031-02-30',
    'date=today',
    'date=2031-05-01T10:00:00Z',
    'technician_id=x',
    'dat=2031-05-01',
  ])('400 for ?%s', async (query) => {
    const { error } = await owner.get(`/v1/board?${query}`);
    expect(error).toMatchObject({ code: 400, issues: [{ path: query.split('=')[0] }] });
  });
});
