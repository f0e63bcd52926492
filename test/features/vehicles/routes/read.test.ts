import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, testApp } from '../../../helpers/app.ts';
import { aCustomer, aTechnician, aVehicle } from '../../../helpers/factories.ts';
import { aVin } from '../a-vin.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');

const aJob = async (technicianId: string, vehicle: Data): Promise<void> => {
  await shop.sql`
    insert into appointments (id, customer_id, vehicle_id, technician_id, starts_at, ends_at)
    values (${newId()}, ${vehicle.customer_id}, ${vehicle.id}, ${technicianId}, now(), now() + interval '1 hour')`;
};

const idsOf = (answer: { data: Data }): string[] => answer.data.items.map((item: Data) => item.id);

describe('GET /v1/vehicles/:id', () => {
  test('200 with the version as ETag; 304 without a body to who has that version', async () => {
    const vehicle = await aVehicle(advisor);
    const path = `/v1/vehicles/${vehicle.id}`;
    const { status, data, headers } = await advisor.get(path);
    expect(status).toBe(200);
    expect(data).toEqual(vehicle);
    expect(headers.get('etag')).toBe('"1"');
    const again = await advisor.get(path, { headers: { 'if-none-match': '"1"' } });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
    expect((await advisor.get(path, { headers: { 'if-none-match': '"2"' } })).status).toBe(200);
  });

  test('404 for an id that is unknown or no id at all', async () => {
    for (const id of [newId(), 'nothing', `${newId()}0`, '%00']) {
      const { status, error } = await advisor.get(`/v1/vehicles/${id}`);
      expect(status).toBe(404);
      expect(error.reason).toBe('vehicle.not_found');
    }
  });

  test('a technician sees the vehicles of own jobs, another is 404', async () => {
    const technician = await shop.as('technician');
    const { id } = await aTechnician(owner, { staff_id: technician.staffId });
    const [own, foreign] = [await aVehicle(advisor), await aVehicle(advisor)];
    await aJob(id, own);
    await aJob((await aTechnician(owner)).id, foreign);
    expect((await technician.get(`/v1/vehicles/${own.id}`)).status).toBe(200);
    expect((await technician.get(`/v1/vehicles/${foreign.id}`)).status).toBe(404);
    expect(idsOf(await technician.get('/v1/vehicles'))).toEqual([own.id]);
    await shop.sql`update appointments set deleted_at = now() where vehicle_id = ${own.id}`;
    expect((await technician.get(`/v1/vehicles/${own.id}`)).status).toBe(404);
  });

  test('the vehicle of a deleted customer can still be read', async () => {
    const vehicle = await aVehicle(advisor);
    await advisor.delete(`/v1/customers/${vehicle.customer_id}`);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).status).toBe(200);
  });
});

describe('GET /v1/vehicles', () => {
  test.each(['created_at', '-created_at'])(
    'walks 60 rows by %s, each once, equal times included',
    async (sort) => {
      const customer = await aCustomer(advisor);
      await shop.sql`
      insert into vehicles (id, customer_id, year, make, model, created_at)
      select gen_random_uuid(), ${customer.id}, 2000 + n, 'Ford', 'Fiesta', now() - interval '1 hour' * (n / 7)
      from generate_series(1, 60) n`;
      const seen: Data[] = [];
      let cursor = '';
      do {
        const path = `/v1/vehicles?customer_id=${customer.id}&sort=${sort}&limit=13${cursor}`;
        const { status, data } = await advisor.get(path);
        expect(status).toBe(200);
        expect(data.items.length).toBe(data.next_cursor === null ? 8 : 13);
        seen.push(...data.items);
        cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
      } while (cursor !== '');
      const keys = seen.map((one) => `${one.created_at} ${one.id}`);
      const sorted = keys.toSorted();
      expect(new Set(keys).size).toBe(60);
      expect(keys).toEqual(sort === 'created_at' ? sorted : sorted.toReversed());
    },
  );

  test('shows the vehicles of one customer or of several', async () => {
    const [one, other] = [await aVehicle(advisor), await aVehicle(advisor)];
    expect(idsOf(await advisor.get(`/v1/vehicles?customer_id=${one.customer_id}`))).toEqual([one.id]);
    const both = `${one.customer_id},${other.customer_id}`;
    expect(idsOf(await advisor.get(`/v1/vehicles?customer_id=${both}`))).toEqual([one.id, other.id]);
    expect(idsOf(await advisor.get(`/v1/vehicles?customer_id=${newId()}`))).toEqual([]);
  });

  test('finds by make and model, plate and VIN, in any case, and takes % and _ as they are', async () => {
    const vin = aVin();
    const { id } = await aVehicle(advisor, {
      make: 'Škoda',
      model: 'Superb_L',
      license_plate: '9XYZ 007',
      vin,
    });
    for (const q of ['škoda super', 'b_l', '9xyz 0', vin.slice(4).toLowerCase(), 'ŠKODA']) {
      expect(idsOf(await advisor.get(`/v1/vehicles?q=${encodeURIComponent(q)}`))).toEqual([id]);
    }
    for (const q of ['%', 'superb%', 'superbxl', '\\']) {
      expect(idsOf(await advisor.get(`/v1/vehicles?q=${encodeURIComponent(q)}`))).toEqual([]);
    }
  });

  test('leaves deleted ones out; deleted=true lists them alone', async () => {
    const vehicle = await aVehicle(advisor);
    const path = `/v1/vehicles?customer_id=${vehicle.customer_id}`;
    await advisor.delete(`/v1/vehicles/${vehicle.id}`);
    expect(idsOf(await advisor.get(path))).toEqual([]);
    expect(idsOf(await advisor.get(`${path}&deleted=true`))).toEqual([vehicle.id]);
  });

  test.each(['customer_id=x', 'sort=make', 'deleted=yes', 'q=', 'limit=0', 'customerid=1', 'cursor=x'])(
    '400 for ?%s',
    async (query) => {
      const { status, error } = await advisor.get(`/v1/vehicles?${query}`);
      expect(status).toBe(400);
      expect(error.reason).toBe('request.parameter_invalid');
    },
  );

  test('400 for the cursor of another filter', async () => {
    const { customer_id } = await aVehicle(advisor);
    await aVehicle(advisor, { customer_id });
    const { data } = await advisor.get(`/v1/vehicles?customer_id=${customer_id}&limit=1`);
    const other = await advisor.get(`/v1/vehicles?limit=1&cursor=${data.next_cursor}`);
    expect(other.status).toBe(400);
    expect(other.error.issues[0].path).toBe('cursor');
  });

  test('one statement, beside the one that knows the actor', async () => {
    const { headers } = await advisor.get('/v1/vehicles');
    expect(headers.get('server-timing')).toContain('2 queries');
  });
});
