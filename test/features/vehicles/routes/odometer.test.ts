import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, PATIENT, testApp } from '../../../helpers/app.ts';
import { aBooking, aTechnician, aVehicle } from '../../../helpers/factories.ts';

const shop = await testApp({ env: PATIENT });
const advisor = await shop.as('advisor');

const read = (vehicle: Data, body: Data, options = {}) =>
  advisor.post(`/v1/vehicles/${vehicle.id}/odometer`, body, options);
const mileageOf = async ({ id }: Data): Promise<number> =>
  (await advisor.get(`/v1/vehicles/${id}`)).data.mileage;

describe('POST /v1/vehicles/:id/odometer', () => {
  test('201: the reading, with who read it; the vehicle has that mileage', async () => {
    const vehicle = await aVehicle(advisor);
    const before = Date.now();
    const { status, data, headers } = await read(vehicle, { mileage: 61_250, note: 'Before the oil change' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/vehicles/${vehicle.id}/odometer`);
    expect(data).toEqual({
      id: expect.any(String),
      vehicle_id: vehicle.id,
      mileage: 61_250,
      read_at: expect.any(String),
      note: 'Before the oil change',
      correction: false,
      author: { id: advisor.staffId, name: 'A advisor' },
      created_at: expect.any(String),
    });
    expect(Date.parse(data.read_at)).toBeGreaterThanOrEqual(before - 1);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data).toMatchObject({
      mileage: 61_250,
      version: 2,
    });
  });

  test('201: the same mileage again is a reading, and no change of the vehicle', async () => {
    const vehicle = await aVehicle(advisor, { mileage: 100 });
    expect((await read(vehicle, { mileage: 100 })).status).toBe(201);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data.version).toBe(1);
  });

  test('422 below the newest one, or below the mileage that was typed in; correction: true says it is right', async () => {
    const vehicle = await aVehicle(advisor, { mileage: 50_000 });
    expect((await read(vehicle, { mileage: 49_999 })).error.issues[0].path).toBe('mileage');
    expect((await read(vehicle, { mileage: 60_000 })).status).toBe(201);
    for (const body of [{ mileage: 59_999 }, { mileage: 59_999, correction: false }]) {
      const { status, error } = await read(vehicle, body);
      expect([status, error.reason, error.issues[0].path]).toEqual([422, 'request.body_invalid', 'mileage']);
      expect(error.message).toContain('60000');
    }
    expect(await mileageOf(vehicle)).toBe(60_000);
    const corrected = await read(vehicle, { mileage: 12, correction: true, note: 'New odometer' });
    expect([corrected.status, corrected.data.correction]).toEqual([201, true]);
    expect(await mileageOf(vehicle)).toBe(12);
    expect((await read(vehicle, { mileage: 13 })).status).toBe(201);
  });

  test('a reading from before the newest joins the list where it belongs, and leaves the mileage alone', async () => {
    const vehicle = await aVehicle(advisor);
    await read(vehicle, { mileage: 10_000, read_at: '2026-01-01T00:00:00Z' });
    await read(vehicle, { mileage: 30_000, read_at: '2026-03-01T00:00:00Z' });
    const february = { read_at: '2026-02-01T00:00:00Z' };
    for (const mileage of [9_999, 30_001]) {
      expect((await read(vehicle, { mileage, ...february })).error.issues[0].path).toBe('mileage');
    }
    expect((await read(vehicle, { mileage: 20_000, ...february })).status).toBe(201);
    expect(await mileageOf(vehicle)).toBe(30_000);
    const { items } = (await advisor.get(`/v1/vehicles/${vehicle.id}/odometer`)).data;
    expect(items.map((one: Data) => one.mileage)).toEqual([30_000, 20_000, 10_000]);
  });

  test('422 names the field: missing, of a wrong form, in the future, unknown', async () => {
    const vehicle = await aVehicle(advisor);
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const cases: [object, string][] = [
      [{}, 'mileage'],
      [{ mileage: -1 }, 'mileage'],
      [{ mileage: 1.5 }, 'mileage'],
      [{ mileage: 5_000_001 }, 'mileage'],
      [{ mileage: 1, read_at: inAnHour }, 'read_at'],
      [{ mileage: 1, read_at: '2026-01-01' }, 'read_at'],
      [{ mileage: 1, note: '' }, 'note'],
      [{ mileage: 1, correction: 'true' }, 'correction'],
      [{ mileage: 1, author: null }, 'author'],
    ];
    for (const [body, path] of cases) {
      const { status, error } = await read(vehicle, body);
      expect([status, error.issues[0].path]).toEqual([422, path]);
    }
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}/odometer`)).data.items).toEqual([]);
  });

  test('409 for the vehicle of a deleted customer, 412 for another version, 404 for a deleted vehicle', async () => {
    const vehicle = await aVehicle(advisor);
    const stale = await read(vehicle, { mileage: 1 }, { headers: { 'if-match': '"9"' } });
    expect(stale.error.reason).toBe('vehicle.stale');
    await advisor.delete(`/v1/customers/${vehicle.customer_id}`);
    expect((await read(vehicle, { mileage: 1 })).error.reason).toBe('vehicle.customer_deleted');
    const gone = await aVehicle(advisor);
    await advisor.delete(`/v1/vehicles/${gone.id}`);
    expect((await read(gone, { mileage: 1 })).error.reason).toBe('vehicle.not_found');
  });

  test('twenty at once, each another mileage: those that were let in rise from one to the next', async () => {
    const vehicle = await aVehicle(advisor);
    const mileages = Array.from({ length: 20 }, (_, at) => 1_000 + at);
    const answers = await Promise.all(mileages.map((mileage) => read(vehicle, { mileage })));
    const kept = answers.filter(({ status }) => status === 201);
    expect(answers.filter(({ status }) => status !== 201 && status !== 422)).toEqual([]);
    expect(kept.length).toBeGreaterThan(0);
    const rows = await shop.sql<{ mileage: number }>`
      select mileage from odometer_readings where vehicle_id = ${vehicle.id} order by read_at, mileage`;
    expect(rows.map((one) => one.mileage)).toEqual(
      kept.map(({ data }) => data.mileage).sort((a, b) => a - b),
    );
    expect(await mileageOf(vehicle)).toBe(1_019);
  });

  test('a reading is never changed and never deleted, whoever tries', async () => {
    const vehicle = await aVehicle(advisor);
    const { id } = (await read(vehicle, { mileage: 5 })).data;
    const rewrite = shop.sql`update odometer_readings set mileage = 1 where id = ${id}`;
    expect(rewrite).rejects.toThrow('only ever added');
    const removal = shop.sql`delete from odometer_readings where id = ${id}`;
    expect(removal).rejects.toThrow('only ever added');
  });

  test('the journal tells of it as a change of the vehicle', async () => {
    const vehicle = await aVehicle(advisor);
    await read(vehicle, { mileage: 5, note: 'n' });
    const owner = await shop.as('owner');
    const { items } = (await owner.get(`/v1/audit?entity_id=${vehicle.id}&sort=at`)).data;
    expect(items.map((row: Data) => [row.action, row.entity])).toEqual([
      ['created', 'vehicle'],
      ['changed', 'vehicle'],
      ['changed', 'vehicle'],
    ]);
    const told = items.find((row: Data) => row.changes.odometer !== undefined);
    expect(told.changes.odometer).toMatchObject({ from: null, to: { mileage: 5, note: 'n' } });
    expect(told.actor.id).toBe(advisor.staffId);
  });
});

describe('GET /v1/vehicles/:id/odometer', () => {
  test('200: in pages, the newest first; 404 for an unknown vehicle', async () => {
    const vehicle = await aVehicle(advisor);
    for (let month = 1; month <= 5; month += 1) {
      await read(vehicle, { mileage: month * 1_000, read_at: `2026-0${month}-01T00:00:00Z` });
    }
    const path = `/v1/vehicles/${vehicle.id}/odometer`;
    const first = (await advisor.get(`${path}?limit=3`)).data;
    const second = (await advisor.get(`${path}?limit=3&cursor=${first.next_cursor}`)).data;
    const all = [...first.items, ...second.items].map((one: Data) => one.mileage);
    expect(all).toEqual([5_000, 4_000, 3_000, 2_000, 1_000]);
    expect(second.next_cursor).toBeNull();
    expect((await advisor.get(`/v1/vehicles/${newId()}/odometer`)).status).toBe(404);
  });

  test('a technician sees it for vehicles of their own jobs alone, and writes none', async () => {
    const owner = await shop.as('owner');
    const mechanic = await shop.as('technician');
    const technician = await aTechnician(owner, { staff_id: mechanic.staffId });
    const vehicle = await aVehicle(owner);
    const path = `/v1/vehicles/${vehicle.id}/odometer`;
    expect((await mechanic.get(path)).status).toBe(404);
    const people = { customer_id: vehicle.customer_id, vehicle_id: vehicle.id, technician_id: technician.id };
    await aBooking(owner, people);
    expect((await mechanic.get(path)).status).toBe(200);
    expect((await mechanic.post(path, { mileage: 1 })).status).toBe(403);
  });
});
