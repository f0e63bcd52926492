import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, testApp } from '../../../helpers/app.ts';
import { aCustomer, aVehicle } from '../../../helpers/factories.ts';
import { aVin } from '../a-vin.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

const aJob = async (vehicle: Data, status: string): Promise<void> => {
  await shop.sql`
    insert into appointments (id, customer_id, vehicle_id, starts_at, ends_at, status)
    values (${newId()}, ${vehicle.customer_id}, ${vehicle.id}, now(), now() + interval '1 hour', ${status})`;
};

describe('DELETE /v1/vehicles/:id', () => {
  test('200 with the deleted vehicle, which is 404 from then on', async () => {
    const { id } = await aVehicle(advisor);
    const { status, data } = await advisor.delete(`/v1/vehicles/${id}`);
    expect(status).toBe(200);
    expect(data).toMatchObject({ id, version: 2, deleted_at: expect.stringMatching(/Z$/) });
    expect((await advisor.get(`/v1/vehicles/${id}`)).status).toBe(404);
    expect((await advisor.delete(`/v1/vehicles/${id}`)).status).toBe(404);
  });

  test.each(['scheduled', 'en_route', 'in_progress', 'ready'])('409 while a job is %s', async (state) => {
    const vehicle = await aVehicle(advisor);
    await aJob(vehicle, state);
    const { status, error } = await advisor.delete(`/v1/vehicles/${vehicle.id}`);
    expect(status).toBe(409);
    expect(error.reason).toBe('vehicle.has_active_jobs');
  });

  test.each(['completed', 'no_show', 'canceled'])('200 when its jobs are %s', async (state) => {
    const vehicle = await aVehicle(advisor);
    await aJob(vehicle, state);
    expect((await advisor.delete(`/v1/vehicles/${vehicle.id}`)).status).toBe(200);
  });

  test('412 when If-Match names another version', async () => {
    const { id } = await aVehicle(advisor);
    const stale = await advisor.delete(`/v1/vehicles/${id}`, { headers: { 'if-match': '"7"' } });
    expect(stale.status).toBe(412);
    expect(stale.error.reason).toBe('vehicle.stale');
    expect((await advisor.delete(`/v1/vehicles/${id}`, { headers: { 'if-match': '"1"' } })).status).toBe(200);
  });

  test('404 for an unknown id, 409 while its customer is deleted', async () => {
    expect((await advisor.delete(`/v1/vehicles/${newId()}`)).status).toBe(404);
    const { id, customer_id } = await aVehicle(advisor);
    await advisor.delete(`/v1/customers/${customer_id}`);
    const { status, error } = await advisor.delete(`/v1/vehicles/${id}`);
    expect(status).toBe(409);
    expect(error.reason).toBe('vehicle.customer_deleted');
  });
});

describe('POST /v1/vehicles/:id/restore', () => {
  const aDeletedVehicle = async (overrides: Data): Promise<Data> => {
    const vehicle = await aVehicle(advisor, overrides);
    await advisor.delete(`/v1/vehicles/${vehicle.id}`);
    return vehicle;
  };

  test('200: the vehicle is back, first place included; once more changes nothing', async () => {
    const vehicle = await aDeletedVehicle({ is_primary: true, vin: aVin() });
    const { status, data } = await advisor.post(`/v1/vehicles/${vehicle.id}/restore`);
    expect(status).toBe(200);
    expect(data).toMatchObject({ id: vehicle.id, is_primary: true, deleted_at: null, version: 3 });
    const again = await advisor.post(`/v1/vehicles/${vehicle.id}/restore`);
    expect(again.data).toEqual(data);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data).toEqual(data);
  });

  test('loses the first place when another vehicle took it meanwhile', async () => {
    const { id, customer_id } = await aDeletedVehicle({ is_primary: true });
    const other = await aVehicle(advisor, { customer_id, is_primary: true });
    expect((await advisor.post(`/v1/vehicles/${id}/restore`)).data.is_primary).toBe(false);
    expect((await advisor.get(`/v1/vehicles/${other.id}`)).data.is_primary).toBe(true);
  });

  test('409 when its VIN or plate was taken meanwhile', async () => {
    const [vin, plate] = [aVin(), '6GONE01'];
    const byVin = await aDeletedVehicle({ vin });
    const byPlate = await aDeletedVehicle({ license_plate: plate });
    const holder = await aVehicle(advisor, { vin, license_plate: plate });
    const details = { id: holder.id };
    const first = await advisor.post(`/v1/vehicles/${byVin.id}/restore`);
    expect(first.error).toMatchObject({ code: 409, reason: 'vehicle.vin_taken', details });
    const second = await advisor.post(`/v1/vehicles/${byPlate.id}/restore`);
    expect(second.error).toMatchObject({ code: 409, reason: 'vehicle.plate_taken', details });
    expect((await advisor.get(`/v1/vehicles/${byVin.id}`)).status).toBe(404);
  });

  test('of two with one VIN restored at once, one is back', async () => {
    const vin = aVin();
    const two = [await aDeletedVehicle({ vin }), await aDeletedVehicle({ vin })];
    const answers = await Promise.all(two.map(({ id }) => advisor.post(`/v1/vehicles/${id}/restore`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  test('409 while its customer is deleted, 404 for an unknown id', async () => {
    const customer = await aCustomer(advisor);
    const { id } = await aDeletedVehicle({ customer_id: customer.id });
    await advisor.delete(`/v1/customers/${customer.id}`);
    expect((await advisor.post(`/v1/vehicles/${id}/restore`)).error.reason).toBe('vehicle.customer_deleted');
    await advisor.post(`/v1/customers/${customer.id}/restore`);
    expect((await advisor.post(`/v1/vehicles/${id}/restore`)).status).toBe(200);
    expect((await advisor.post(`/v1/vehicles/${newId()}/restore`)).status).toBe(404);
  });
});
