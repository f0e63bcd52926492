import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, testApp } from '../../../helpers/app.ts';
import { aBooking, aCustomer, aVehicle } from '../../../helpers/factories.ts';
import { aVin } from '../a-vin.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

const transfer = (vehicle: Data, customer: Data, options = {}) =>
  advisor.post(`/v1/vehicles/${vehicle.id}/transfer`, { customer_id: customer.id }, options);

describe('POST /v1/vehicles/:id/transfer', () => {
  test('200: the vehicle is the other customer’s, all else stays; the journal tells of it', async () => {
    const vehicle = await aVehicle(advisor, { vin: aVin(), mileage: 5_000 });
    const next = await aCustomer(advisor);
    const { status, data, headers } = await transfer(vehicle, next);
    expect([status, headers.get('etag')]).toEqual([200, '"2"']);
    expect(data).toEqual({
      ...vehicle,
      ...{ customer_id: next.id, is_primary: true, version: 2, updated_at: data.updated_at },
    });
    expect((await advisor.get(`/v1/vehicles?customer_id=${next.id}`)).data.items).toEqual([data]);
    expect((await advisor.get(`/v1/vehicles?customer_id=${vehicle.customer_id}`)).data.items).toEqual([]);
    const owner = await shop.as('owner');
    const { items } = (await owner.get(`/v1/audit?entity_id=${vehicle.id}&limit=1`)).data;
    expect(items[0].changes.customer_id).toEqual({ from: vehicle.customer_id, to: next.id });
  });

  test('200: it stands in the first place only when it is the only one there', async () => {
    const first = await aVehicle(advisor, { is_primary: true });
    const moved = await aVehicle(advisor, { is_primary: true });
    const next = { id: first.customer_id };
    expect((await transfer(moved, next)).data.is_primary).toBe(false);
    expect((await advisor.get(`/v1/vehicles/${first.id}`)).data.is_primary).toBe(true);
    const alone = await aCustomer(advisor);
    expect((await transfer(moved, alone)).data.is_primary).toBe(true);
    const idle = await aVehicle(advisor);
    await advisor.delete(`/v1/vehicles/${idle.id}`);
    const other = await aVehicle(advisor);
    expect((await transfer(other, { id: idle.customer_id })).data.is_primary).toBe(true);
  });

  test('200: to the customer whose it is nothing changes', async () => {
    const vehicle = await aVehicle(advisor);
    expect((await transfer(vehicle, { id: vehicle.customer_id })).data).toEqual(vehicle);
  });

  test('200: finished jobs stay with the customer they were done for', async () => {
    const vehicle = await aVehicle(advisor);
    const job = await aBooking(advisor, { customer_id: vehicle.customer_id, vehicle_id: vehicle.id });
    for (const status of ['in_progress', 'completed']) {
      await advisor.put(`/v1/appointments/${job.id}/status`, { status });
    }
    expect((await transfer(vehicle, await aCustomer(advisor))).status).toBe(200);
    const now = (await advisor.get(`/v1/appointments/${job.id}`)).data;
    expect([now.customer_id, now.vehicle_id]).toEqual([vehicle.customer_id, vehicle.id]);
  });

  test('200: away from a customer who is deleted', async () => {
    const vehicle = await aVehicle(advisor);
    await advisor.delete(`/v1/customers/${vehicle.customer_id}`);
    const next = await aCustomer(advisor);
    expect((await transfer(vehicle, next)).data.customer_id).toBe(next.id);
  });

  test('409 vehicle.has_active_jobs, and nothing is changed', async () => {
    const vehicle = await aVehicle(advisor);
    await aBooking(advisor, { customer_id: vehicle.customer_id, vehicle_id: vehicle.id });
    const { status, error } = await transfer(vehicle, await aCustomer(advisor));
    expect([status, error.reason]).toEqual([409, 'vehicle.has_active_jobs']);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data).toEqual(vehicle);
  });

  test('422 for a customer who is unknown or deleted; 412 for another version; 404 for a deleted vehicle', async () => {
    const vehicle = await aVehicle(advisor);
    const gone = await aCustomer(advisor);
    await advisor.delete(`/v1/customers/${gone.id}`);
    for (const next of [gone, { id: newId() }]) {
      const { status, error } = await transfer(vehicle, next);
      expect([status, error.issues[0].path]).toEqual([422, 'customer_id']);
    }
    const next = await aCustomer(advisor);
    const stale = await transfer(vehicle, next, { headers: { 'if-match': '"9"' } });
    expect([stale.status, stale.error.details]).toEqual([412, { version: 1 }]);
    await advisor.delete(`/v1/vehicles/${vehicle.id}`);
    expect((await transfer(vehicle, next)).status).toBe(404);
  });

  test('ten at once to ten customers: one after another, or 409 to who should ask again', async () => {
    const vehicle = await aVehicle(advisor);
    const customers = await Promise.all(Array.from({ length: 10 }, () => aCustomer(advisor)));
    const answers = await Promise.all(customers.map((one) => transfer(vehicle, one)));
    const done = answers.filter(({ status }) => status === 200);
    for (const { error } of answers) expect([undefined, 'database.contention']).toContain(error?.reason);
    const versions = done.map(({ data }) => data.version).sort((one, other) => one - other);
    expect(versions).toEqual(Array.from({ length: done.length }, (_, at) => at + 2));
    const last = done.find(({ data }) => data.version === done.length + 1);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data).toEqual(last?.data);
  });

  test('a booking and a transfer at once: never an active job of a vehicle that is somebody else’s', async () => {
    for (let round = 0; round < 10; round += 1) {
      const vehicle = await aVehicle(advisor);
      const next = await aCustomer(advisor);
      const starts_at = `2101-05-${String(round + 1).padStart(2, '0')}T10:00:00Z`;
      const booking = { customer_id: vehicle.customer_id, vehicle_id: vehicle.id, starts_at };
      const [moved, booked] = await Promise.all([
        transfer(vehicle, next),
        advisor.post('/v1/appointments', booking),
      ]);
      expect([
        [200, 422],
        [409, 201],
      ]).toContainEqual([moved.status, booked.status]);
    }
  });
});
