import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { testApp } from '../../../helpers/app.ts';
import { aCustomer, aVehicle } from '../../../helpers/factories.ts';
import { aVin, wrongVin } from '../a-vin.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');
const owner = await aCustomer(advisor);
const corolla = { customer_id: owner.id, year: 2019, make: 'Toyota', model: 'Corolla' };

describe('POST /v1/vehicles', () => {
  test('201 with the whole vehicle, its version and its place', async () => {
    const vin = aVin();
    const given = {
      ...{ ...corolla, trim: 'LE', color: 'blue', vin, license_plate: '8abc 123', mileage: 41_000 },
      ...{ is_primary: true, is_active: true, notes: 'Key under\nthe mat.' },
    };
    const { status, data, headers } = await advisor.post('/v1/vehicles', given);
    expect(status).toBe(201);
    expect(data).toEqual({
      ...given,
      license_plate: '8ABC 123',
      id: expect.any(String),
      deleted_at: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: data.created_at,
      version: 1,
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('location')).toBe(`/v1/vehicles/${data.id}`);
    expect((await advisor.get(`/v1/vehicles/${data.id}`)).data).toEqual(data);
  });

  test('201 with the four required fields alone; the rest is null, active and not the first', async () => {
    const { status, data } = await advisor.post('/v1/vehicles', corolla);
    expect(status).toBe(201);
    expect(data).toMatchObject({ trim: null, color: null, vin: null, license_plate: null, mileage: null });
    expect(data).toMatchObject({ is_primary: false, is_active: true, notes: null });
  });

  test('422 names each field that is missing', async () => {
    const { status, error } = await advisor.post('/v1/vehicles', {});
    expect(status).toBe(422);
    const paths = error.issues.map((issue: { path: string }) => issue.path);
    expect(paths.sort()).toEqual(['customer_id', 'make', 'model', 'year']);
  });

  test.each([
    ['make', ''],
    ['model', 'x'.repeat(61)],
    ['year', 1885],
    ['year', '2019'],
    ['vin', '1HGCM82633A00435'],
    ['vin', ''],
    ['license_plate', '!'],
    ['mileage', -1],
    ['mileage', 1.5],
    ['is_primary', 'yes'],
    ['notes', 'a\u0000b'],
    ['id', newId()],
    ['version', 7],
    ['__proto__', null],
  ])('422 with the path %s for %p', async (field, value) => {
    const raw = `{${JSON.stringify(corolla).slice(1, -1).replace(`"${field}":`, '"was":')},${JSON.stringify(field)}:${JSON.stringify(value)}}`;
    const body = field in corolla ? JSON.stringify({ ...corolla, [field]: value }) : raw;
    const { status, error } = await advisor.send('POST', '/v1/vehicles', { raw: body });
    expect(status).toBe(422);
    expect(error.issues[0].path).toBe(field);
  });

  test('422 with the path customer_id for a customer who does not exist or is deleted', async () => {
    const unknown = await advisor.post('/v1/vehicles', { ...corolla, customer_id: newId() });
    const gone = await aCustomer(advisor);
    await advisor.delete(`/v1/customers/${gone.id}`);
    const deleted = await advisor.post('/v1/vehicles', { ...corolla, customer_id: gone.id });
    for (const { status, error } of [unknown, deleted]) {
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe('customer_id');
    }
  });

  test('422 for a VIN with a wrong check digit, with suggestions; vin_unchecked lets it pass', async () => {
    const vin = wrongVin();
    const refused = await advisor.post('/v1/vehicles', { ...corolla, vin });
    expect(refused.status).toBe(422);
    expect(refused.error.issues[0].path).toBe('vin');
    expect(refused.error.details.suggestions).toBeArray();
    const passed = await advisor.post('/v1/vehicles', { ...corolla, vin, vin_unchecked: true });
    expect(passed.status).toBe(201);
    expect(passed.data.vin).toBe(vin);
    expect(passed.data).not.toHaveProperty('vin_unchecked');
  });

  test('409 for the VIN or the plate of another active vehicle, whose id it tells', async () => {
    const vin = aVin();
    const holder = await aVehicle(advisor, { vin, license_plate: '7TAKEN1' });
    const byVin = await advisor.post('/v1/vehicles', { ...corolla, vin: vin.toLowerCase() });
    expect(byVin.status).toBe(409);
    expect(byVin.error).toMatchObject({ reason: 'vehicle.vin_taken', details: { id: holder.id } });
    const byPlate = await advisor.post('/v1/vehicles', { ...corolla, license_plate: '7taken1' });
    expect(byPlate.status).toBe(409);
    expect(byPlate.error).toMatchObject({ reason: 'vehicle.plate_taken', details: { id: holder.id } });
  });

  test('201 for the VIN of a vehicle that is not active any more', async () => {
    const vin = aVin();
    await aVehicle(advisor, { vin, license_plate: '7SCRAP1', is_active: false });
    const again = await advisor.post('/v1/vehicles', { ...corolla, vin, license_plate: '7SCRAP1' });
    expect(again.status).toBe(201);
  });

  test('a new primary vehicle takes it from the old one, whose version rises', async () => {
    const customer = await aCustomer(advisor);
    const first = await aVehicle(advisor, { customer_id: customer.id, is_primary: true });
    const second = await aVehicle(advisor, { customer_id: customer.id, is_primary: true });
    const { data } = await advisor.get(`/v1/vehicles/${first.id}`);
    expect(data).toMatchObject({ is_primary: false, version: 2 });
    expect(second).toMatchObject({ is_primary: true, version: 1 });
  });

  test('a refused new primary vehicle leaves the old one in its place', async () => {
    const customer = await aCustomer(advisor);
    const first = await aVehicle(advisor, { customer_id: customer.id, is_primary: true, vin: aVin() });
    const again = { ...corolla, customer_id: customer.id, is_primary: true, vin: first.vin };
    expect((await advisor.post('/v1/vehicles', again)).status).toBe(409);
    expect((await advisor.get(`/v1/vehicles/${first.id}`)).data).toEqual(first);
  });

  test('of ten with one VIN at once, for ten customers, exactly one is made', async () => {
    const vin = aVin();
    const customers = await Promise.all(Array.from({ length: 10 }, () => aCustomer(advisor)));
    const answers = await Promise.all(
      customers.map(({ id }) => advisor.post('/v1/vehicles', { ...corolla, customer_id: id, vin })),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    for (const { status, error } of answers.filter((answer) => answer !== made[0])) {
      expect(status).toBe(409);
      expect(error).toMatchObject({ reason: 'vehicle.vin_taken', details: { id: made[0]?.data.id } });
    }
  });

  test('of ten primary vehicles made at once for one customer, exactly one stays primary', async () => {
    const customer = await aCustomer(advisor);
    const body = { ...corolla, customer_id: customer.id, is_primary: true };
    const answers = await Promise.all(Array.from({ length: 10 }, () => advisor.post('/v1/vehicles', body)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    const { data } = await advisor.get(`/v1/vehicles?customer_id=${customer.id}`);
    expect(data.items.filter((one: { is_primary: boolean }) => one.is_primary)).toHaveLength(1);
  });

  test('403 for a technician and an accountant, 401 for a stranger', async () => {
    for (const role of ['technician', 'accountant'] as const) {
      expect((await (await shop.as(role)).post('/v1/vehicles', corolla)).status).toBe(403);
    }
    expect((await shop.stranger.post('/v1/vehicles', corolla)).status).toBe(401);
  });
});
