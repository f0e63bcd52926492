import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { testApp } from '../../../helpers/app.ts';
import { aCustomer, aVehicle } from '../../../helpers/factories.ts';
import { aVin, wrongVin } from '../a-vin.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

describe('PATCH /v1/vehicles/:id', () => {
  test('200: changes what is named, keeps the rest, null clears, the version rises', async () => {
    const vehicle = await aVehicle(advisor, { color: 'red', notes: 'Loud.', vin: aVin() });
    const changed = await advisor.patch(`/v1/vehicles/${vehicle.id}`, { mileage: 90_000, notes: null });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(changed.data).toEqual({
      ...vehicle,
      ...{ mileage: 90_000, notes: null, version: 2, updated_at: expect.any(String) },
    });
  });

  test('422 for the owner, for unknown fields and for null where there must be something', async () => {
    const { id, customer_id } = await aVehicle(advisor);
    for (const [field, value] of [
      ['customer_id', customer_id],
      ['make', null],
      ['year', 1],
      ['colour', 'red'],
    ] as const) {
      const { status, error } = await advisor.patch(`/v1/vehicles/${id}`, { [field]: value });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe(field);
    }
  });

  test('422 for a new VIN with a wrong check digit; one that stands already may be sent again', async () => {
    const [vin, other] = [wrongVin(), wrongVin()];
    const { id } = await aVehicle(advisor, { vin, vin_unchecked: true });
    const refused = await advisor.patch(`/v1/vehicles/${id}`, { vin: other });
    expect(refused.status).toBe(422);
    expect(refused.error.details.suggestions).toBeArray();
    expect((await advisor.patch(`/v1/vehicles/${id}`, { vin, color: 'green' })).status).toBe(200);
    const vouched = await advisor.patch(`/v1/vehicles/${id}`, { vin: other, vin_unchecked: true });
    expect(vouched.data.vin).toBe(other);
  });

  test('409 for a VIN or plate that another active vehicle has, also by becoming active again', async () => {
    const vin = aVin();
    const holder = await aVehicle(advisor, { vin, license_plate: '8TAKEN1' });
    const { id } = await aVehicle(advisor);
    const byVin = await advisor.patch(`/v1/vehicles/${id}`, { vin });
    expect(byVin.error).toMatchObject({ code: 409, reason: 'vehicle.vin_taken', details: { id: holder.id } });
    const byPlate = await advisor.patch(`/v1/vehicles/${id}`, { license_plate: '8TAKEN1' });
    expect(byPlate.error).toMatchObject({
      code: 409,
      reason: 'vehicle.plate_taken',
      details: { id: holder.id },
    });
    const idle = await aVehicle(advisor, { vin, is_active: false });
    const active = await advisor.patch(`/v1/vehicles/${idle.id}`, { is_active: true });
    expect(active.error).toMatchObject({
      code: 409,
      reason: 'vehicle.vin_taken',
      details: { id: holder.id },
    });
  });

  test('412 with the version that stands when If-Match names another', async () => {
    const { id } = await aVehicle(advisor);
    const path = `/v1/vehicles/${id}`;
    const options = { headers: { 'if-match': '"1"' } };
    expect((await advisor.patch(path, { color: 'red' }, options)).status).toBe(200);
    const stale = await advisor.patch(path, { color: 'blue' }, options);
    expect(stale.status).toBe(412);
    expect(stale.error).toMatchObject({ reason: 'vehicle.stale', details: { version: 2 } });
    expect((await advisor.get(path)).data.color).toBe('red');
  });

  test('of ten with one ETag at once, one changes it and nine are 412', async () => {
    const { id } = await aVehicle(advisor);
    const options = { headers: { 'if-match': '"1"' } };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => advisor.patch(`/v1/vehicles/${id}`, { mileage: n }, options)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 412),
    ]);
  });

  test('of two made primary at the same time, exactly one stays primary', async () => {
    const { id } = await aCustomer(advisor);
    await aVehicle(advisor, { customer_id: id, is_primary: true });
    const two = [await aVehicle(advisor, { customer_id: id }), await aVehicle(advisor, { customer_id: id })];
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(
        two.map((one) => advisor.patch(`/v1/vehicles/${one.id}`, { is_primary: true })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const { data } = await advisor.get(`/v1/vehicles?customer_id=${id}`);
      expect(data.items.filter((one: { is_primary: boolean }) => one.is_primary)).toHaveLength(1);
    }
  });

  test('404 for an unknown and for a deleted vehicle', async () => {
    const { id } = await aVehicle(advisor);
    await advisor.delete(`/v1/vehicles/${id}`);
    for (const absent of [id, newId(), 'x']) {
      const { status, error } = await advisor.patch(`/v1/vehicles/${absent}`, { color: 'red' });
      expect(status).toBe(404);
      expect(error.reason).toBe('vehicle.not_found');
    }
  });

  test('409 while its customer is deleted', async () => {
    const { id, customer_id } = await aVehicle(advisor);
    await advisor.delete(`/v1/customers/${customer_id}`);
    const { status, error } = await advisor.patch(`/v1/vehicles/${id}`, { color: 'red' });
    expect(status).toBe(409);
    expect(error).toMatchObject({ reason: 'vehicle.customer_deleted', details: { customer_id } });
  });
});
