import { expect } from 'bun:test';
import type { Data } from '../helpers/app.ts';
import { boxOf, type DrillShop } from './shop.ts';

/** So many clients book one slot at once, over all boxes; who is told to come again does. Gives how many have it. */
export const bookOneSlot = async (
  shop: DrillShop,
  { clients, starts_at, seen }: { clients: number; starts_at: string; seen: Map<string, number> },
): Promise<number> => {
  const book = async (_: unknown, at: number): Promise<string> => {
    for (;;) {
      const response = await fetch(`${boxOf(shop, at)}/v1/appointments`, {
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
  return outcomes.filter((outcome) => outcome === 'booked').length;
};

export const shownReasons = (seen: ReadonlyMap<string, number>): string =>
  [...seen].map(([reason, count]) => `${count} ${reason}`).join(', ');
