import { expect, setDefaultTimeout, test } from 'bun:test';
import type { Data } from '../helpers/app.ts';
import { household } from '../process/started.ts';
import { figure } from './figures.ts';
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
    const book = async (): Promise<string> => {
      for (;;) {
        const response = await fetch(`${shop.address}/v1/appointments`, {
          method: 'POST',
          keepalive: false,
          headers: { authorization: `Bearer ${shop.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            ...{ customer_id: shop.customerId, technician_id: shop.technicianIds[0], starts_at },
          }),
        });
        const { ok, error }: Data = await response.json();
        seen.set(error?.reason ?? 'booked', (seen.get(error?.reason ?? 'booked') ?? 0) + 1);
        if (ok || error.reason === 'appointment.slot_taken') return ok ? 'booked' : error.reason;
        expect([response.status, error.reason]).toEqual([503, 'database.busy']);
        expect(response.headers.get('retry-after')).not.toBeNull();
        await Bun.sleep(100 + Math.random() * 400);
      }
    };
    const outcomes = await Promise.all(Array.from({ length: clients }, book));
    expect(outcomes.filter((outcome) => outcome === 'booked')).toHaveLength(1);
  }
  const [row] = await rowsOf(shop.databaseUrl, 'select count(*)::int4 as count from appointments');
  expect(row?.count).toBe(rounds);
  figure('C1', `bookings kept of ${clients} × ${rounds}`, row?.count, `${rounds}`);
  figure(
    'C1',
    'answers',
    [...seen].map(([reason, count]) => `${count} ${reason}`).join(', '),
    'no other 5xx',
  );
});
