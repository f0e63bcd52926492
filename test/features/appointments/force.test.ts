import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aTechnician, aVehicle } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
const force = { reason: 'two vans that day' };
const path = ({ id }: Data): string => `/v1/appointments/${id}`;

/** A job, and another that was forced over its second half. */
const aPair = async () => {
  const { id: technician_id } = await aTechnician(owner);
  const first = await aBooking(advisor, { technician_id, starts_at: '2031-01-01T10:00:00Z' });
  const forced = await aBooking(advisor, { technician_id, starts_at: '2031-01-01T10:30:00Z', force });
  return { technician_id, first, forced };
};
const laneOf = async ({ id }: Data): Promise<unknown> =>
  (await shop.sql`select lane, forced_by from appointments where id = ${id}`)[0];

describe('a job that was forced over another', () => {
  test('both keep their permission while technician and time stay: place, vehicle and notes can change', async () => {
    const { first, forced } = await aPair();
    for (const job of [first, forced]) {
      const before = await laneOf(job);
      const vehicle = await aVehicle(advisor, { customer_id: job.customer_id });
      for (const patch of [
        { location: { address: '2 Side St' } },
        { vehicle_id: vehicle.id },
        { starts_at: job.starts_at },
        { notes: 'n' },
      ]) {
        const { status, data } = await advisor.patch(path(job), patch);
        expect([patch, status, data?.force_reason]).toEqual([patch, 200, job.force_reason]);
      }
      expect(await laneOf(job)).toEqual(before);
    }
  });

  test('409 for another time or technician that is taken: the permission was not given for that', async () => {
    const { technician_id, first, forced } = await aPair();
    const { id: other } = await aTechnician(owner);
    const elsewhere = await aBooking(advisor, { technician_id: other, starts_at: '2031-01-01T10:00:00Z' });
    const refused: [Data, Data, Data][] = [
      [forced, { starts_at: '2031-01-01T10:15:00Z' }, first],
      [forced, { ends_at: '2031-01-01T11:45:00Z' }, first],
      [first, { ends_at: '2031-01-01T11:15:00Z' }, forced],
      [forced, { technician_id: other }, elsewhere],
      [elsewhere, { technician_id }, first],
    ];
    for (const [job, patch, inTheWay] of refused) {
      const { error } = await advisor.patch(path(job), patch);
      expect([patch, error?.reason, error?.details.conflicts_with]).toEqual([
        patch,
        'appointment.slot_taken',
        inTheWay.id,
      ]);
    }
  });

  test('409 for a vehicle that is busy, although technician and time stay', async () => {
    const { forced } = await aPair();
    const { id: vehicle_id } = await aVehicle(advisor, { customer_id: forced.customer_id });
    const inTheWay = await aBooking(advisor, {
      customer_id: forced.customer_id,
      vehicle_id,
      starts_at: '2031-01-01T11:00:00Z',
    });
    const { error } = await advisor.patch(path(forced), { vehicle_id });
    expect([error.reason, error.details.conflicts_with]).toEqual(['appointment.vehicle_busy', inTheWay.id]);
  });

  test('gives the permission back when it moves to where it needs none, and takes a new one when forced again', async () => {
    const { forced } = await aPair();
    const moved = await advisor.patch(path(forced), { starts_at: '2031-01-01T12:00:00Z' });
    expect(moved.data.force_reason).toBeNull();
    expect(await laneOf(forced)).toEqual({ lane: 0, forced_by: null });
    const back = await owner.patch(path(forced), {
      starts_at: '2031-01-01T10:45:00Z',
      force: { reason: 'asked again' },
    });
    expect(back.data.force_reason).toBe('asked again');
    expect(await laneOf(forced)).toEqual({ lane: 1, forced_by: owner.staffId });
  });

  test('409 when it is called back or restored over the other: it passes the guard again', async () => {
    const { first, forced } = await aPair();
    await advisor.put(`${path(forced)}/status`, { status: 'canceled' });
    const called = await advisor.put(`${path(forced)}/status`, { status: 'scheduled' });
    expect(called.error.details.conflicts_with).toBe(first.id);
    await advisor.put(`${path(first)}/status`, { status: 'canceled' });
    expect((await advisor.put(`${path(forced)}/status`, { status: 'scheduled' })).status).toBe(200);
    await advisor.delete(path(forced));
    await advisor.put(`${path(first)}/status`, { status: 'scheduled' });
    expect((await advisor.post(`${path(forced)}/restore`)).error.details.conflicts_with).toBe(first.id);
  });
});
