import { describe, expect, test } from 'bun:test';
import { newId } from '../../src/values/id.ts';
import { type Data, testApp } from '../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../helpers/factories.ts';

const app = await testApp();
const owner = await app.as('owner');

const { id: customer_id } = await aCustomer(owner);
for (let at = 0; at < 3; at += 1) {
  const { id: vehicle_id } = await aVehicle(owner, { customer_id });
  await aBooking(owner, { customer_id, vehicle_id });
  await aTechnician(owner);
  await aService(owner);
  await aCustomer(owner);
  await app.as('advisor');
}

const LISTS: readonly string[] = [
  ...['/v1/staff?sort=name', '/v1/services?sort=name', '/v1/technicians?sort=-name'],
  ...['/v1/customers?sort=name', '/v1/customers?sort=-created_at', '/v1/vehicles?sort=created_at'],
  ...['/v1/appointments?sort=starts_at', '/v1/appointments?sort=-updated_at'],
  `/v1/customers/${customer_id}/profile?from=2000-01-01`,
];
const isByName = (list: string): boolean => list.includes('name');

const read = (list: string, limit: number, cursor?: string) =>
  owner.get(`${list}&limit=${limit}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
const pageOf = async (list: string, limit: number, cursor?: string): Promise<Data> => {
  const { data } = await read(list, limit, cursor);
  return data.appointments ?? data;
};
const cursorOf = async (list: string): Promise<string> => (await pageOf(list, 1)).next_cursor;
const partsOf = (cursor: string): Data => JSON.parse(Buffer.from(cursor, 'base64url').toString());
const cursorFrom = (parts: unknown): string =>
  Buffer.from(typeof parts === 'string' ? parts : JSON.stringify(parts)).toString('base64url');
const next = (list: string, cursor: string) => read(list, 100, cursor);

describe.each(LISTS.map((list) => [list.replace(customer_id, ':id'), list]))(
  'the cursor of %s',
  (_, list) => {
    test('is one word of letters, digits, - and _, and goes on where the page ended', async () => {
      const cursor = await cursorOf(list);
      expect(cursor).toMatch(/^[\w-]+$/);
      const { items } = await pageOf(list, 100, cursor);
      expect(items.length).toBeGreaterThan(1);
      expect(items).toEqual((await pageOf(list, 100)).items.slice(1));
    });

    test('400 for what was never a cursor', async () => {
      const [key, id, print] = partsOf(await cursorOf(list));
      const wrong: unknown[] = [
        ...['', 'x', '{}', '[]', 'null', '"x"', '[[[', '\u0000', '1e400', '['.repeat(400)],
        ...[
          [],
          [key],
          [key, id],
          [key, id, print, 1],
          [id, key, print],
          [key, id, `${print}x`],
          [key, id, 1],
        ],
        ...[
          [null, id, print],
          [1, id, print],
          [[key], id, print],
          [{}, id, print],
          ['x'.repeat(1_001), id, print],
        ],
        ...[
          [key, '', print],
          [key, 'x', print],
          [key, null, print],
          [key, `${id}\u0000`, print],
          [key, [id], print],
        ],
      ];
      for (const parts of wrong) {
        const { status, error } = await next(list, cursorFrom(parts));
        expect([parts, status, error?.issues?.[0].path]).toEqual([parts, 400, 'cursor']);
      }
      for (const text of ['%', 'ü', ' ', 'A', '=', 'x'.repeat(2_001), '\u0000']) {
        expect([text, (await next(list, text)).status]).toEqual([text, 400]);
      }
    });

    test('400 or another place in the list for a forged key, never a fault of the server', async () => {
      const [key, id, print] = partsOf(await cursorOf(list));
      const keys = [
        ...[
          '',
          ' ',
          'x',
          '\u0000',
          `${key}\u0000`,
          '\ud800',
          "'; --",
          '\\',
          '%',
          '😀',
          'x'.repeat(1_000),
          '$1',
          'NULL',
        ],
        ...[
          '2031-01-01 10:00 America/Nowhere',
          '2031-02-30T10:00:00Z',
          '9999999-01-01',
          '-infinity',
          'infinity',
          'now',
        ],
        ...[
          'epoch',
          '2031-01-01T25:00:00Z',
          '4714-11-24 00:00:00 BC',
          '294277-01-01',
          '1e400',
          '-0',
          '99999999999999',
        ],
      ];
      for (const forged of keys) {
        const { status, error } = await next(list, cursorFrom([forged, id, print]));
        expect([
          forged,
          status === 200 || (status === 400 && error.reason === 'request.parameter_invalid'),
        ]).toEqual([forged, true]);
        if (isByName(list) && !forged.includes('\u0000')) expect([forged, status]).toEqual([forged, 200]);
      }
      expect((await next(list, cursorFrom([key, newId(), print]))).status).toBe(200);
    });

    test('400 for the cursor of a list with another sort or other filters', async () => {
      const orderOf = (one: string) => one.split('?')[1];
      for (const other of LISTS.filter((one) => orderOf(one) !== orderOf(list))) {
        const { status, error } = await next(list, await cursorOf(other));
        expect([other, status, error?.issues?.[0].path]).toEqual([other, 400, 'cursor']);
      }
    });
  },
);
