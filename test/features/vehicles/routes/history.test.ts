import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, testApp } from '../../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician, aVehicle } from '../../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

const idsOf = (items: Data[]): string[] => items.map((one) => one.id);

describe('GET /v1/vehicles/:id/history', () => {
  test('200: its jobs of all states as appointments, the newest first, in pages; no other’s, none deleted', async () => {
    const vehicle = await aVehicle(owner);
    const people = { customer_id: vehicle.customer_id, vehicle_id: vehicle.id };
    const jobs: Data[] = [];
    for (let day = 1; day <= 5; day += 1) {
      jobs.push(await aBooking(owner, { ...people, starts_at: `2101-06-0${day}T10:00:00Z` }));
    }
    await owner.put(`/v1/appointments/${jobs[1].id}/status`, { status: 'canceled' });
    await owner.delete(`/v1/appointments/${jobs[3].id}`);
    await aBooking(owner, { customer_id: vehicle.customer_id });

    const path = `/v1/vehicles/${vehicle.id}/history`;
    const { status, data } = await owner.get(`${path}?limit=2`);
    expect(status).toBe(200);
    expect(idsOf(data.items)).toEqual([jobs[4].id, jobs[2].id]);
    expect(data.items[0]).toEqual(jobs[4]);
    const next = (await owner.get(`${path}?limit=2&cursor=${data.next_cursor}`)).data;
    expect(idsOf(next.items)).toEqual([jobs[1].id, jobs[0].id]);
    expect(next.next_cursor).toBeNull();
    expect(idsOf((await owner.get(`${path}?sort=starts_at`)).data.items)).toEqual(
      [0, 1, 2, 4].map((at) => jobs[at].id),
    );
  });

  test('200: jobs from before the vehicle changed hands belong to it', async () => {
    const vehicle = await aVehicle(owner);
    const job = await aBooking(owner, { customer_id: vehicle.customer_id, vehicle_id: vehicle.id });
    await owner.put(`/v1/appointments/${job.id}/status`, { status: 'canceled' });
    const next = await aCustomer(owner);
    await owner.post(`/v1/vehicles/${vehicle.id}/transfer`, { customer_id: next.id });
    expect(idsOf((await owner.get(`/v1/vehicles/${vehicle.id}/history`)).data.items)).toEqual([job.id]);
  });

  test('a technician sees their own jobs of it, and 404 where they have none', async () => {
    const mechanic = await shop.as('technician');
    const technician = await aTechnician(owner, { staff_id: mechanic.staffId });
    const vehicle = await aVehicle(owner);
    const people = { customer_id: vehicle.customer_id, vehicle_id: vehicle.id };
    const path = `/v1/vehicles/${vehicle.id}/history`;
    await aBooking(owner, { ...people, starts_at: '2101-07-01T10:00:00Z' });
    expect((await mechanic.get(path)).error.reason).toBe('vehicle.not_found');
    const own = await aBooking(owner, {
      ...people,
      ...{ technician_id: technician.id, starts_at: '2101-07-02T10:00:00Z' },
    });
    expect(idsOf((await mechanic.get(path)).data.items)).toEqual([own.id]);
    expect((await owner.get(path)).data.items).toHaveLength(2);
  });

  test('404 for an unknown and a deleted vehicle, 400 for an unknown parameter', async () => {
    const { id } = await aVehicle(owner);
    expect((await owner.get(`/v1/vehicles/${id}/history?status=ready`)).status).toBe(400);
    await owner.delete(`/v1/vehicles/${id}`);
    for (const one of [id, newId(), 'x']) {
      const { status, error } = await owner.get(`/v1/vehicles/${one}/history`);
      expect([status, error.reason]).toEqual([404, 'vehicle.not_found']);
    }
  });
});
