import { describe, expect, test } from 'bun:test';
import { ROLES } from '../../../src/access.ts';
import { testApp } from '../../helpers/app.ts';

const shop = await testApp({ env: { SHOP_NAME: 'Wheels and More', SHOP_TIMEZONE: 'America/Denver' } });
const otherWorker = await testApp({ url: shop.url });
const owner = await shop.as('owner');
const path = '/v1/settings';

describe('GET /v1/settings', () => {
  test('200 to every role, as the environment said at the first start, with ETag; 304 to who knows it', async () => {
    const fresh = await testApp({ env: { SHOP_NAME: 'Wheels and More', SHOP_TIMEZONE: 'America/Denver' } });
    for (const role of ROLES) {
      const client = await fresh.as(role);
      const { status, data, headers } = await client.get(path);
      expect(status).toBe(200);
      expect(data).toEqual({
        shop_name: 'Wheels and More',
        licence_number: null,
        timezone: 'America/Denver',
        phone_region: 'US',
        labour_tax_basis_points: 0,
        parts_tax_basis_points: 0,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        lead_minutes: 0,
        horizon_days: 365,
        jobs_per_day: null,
        authorization_tolerance_cents: 0,
        outside_area: 'block',
        travel_road_percent: 130,
        travel_speeds_kmh: expect.any(Array),
        messages_per_hour: 10,
        created_at: expect.any(String),
        updated_at: expect.any(String),
        version: 1,
      });
      expect(headers.get('etag')).toBe('"1"');
      expect((await client.get(path, { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
    }
  });
});

describe('PATCH /v1/settings', () => {
  test('200: what is named changes, null clears, the rest stays; the journal says who and what', async () => {
    const before = (await owner.get(path)).data;
    const patch = {
      shop_name: 'Vans & Wheels',
      licence_number: 'ARD 00289123',
      phone_region: 'us',
      labour_tax_basis_points: 0,
      parts_tax_basis_points: 950,
      buffer_before_minutes: 10,
      buffer_after_minutes: 15,
      lead_minutes: 120,
      horizon_days: 60,
      jobs_per_day: 6,
      outside_area: 'review',
      travel_road_percent: 145,
      travel_speeds_kmh: Array.from({ length: 24 }, (_, hour) => 20 + hour),
      messages_per_hour: 25,
      authorization_tolerance_cents: 2_500,
    };
    const { status, data, headers } = await owner.patch(path, patch);
    expect(status).toBe(200);
    expect(data).toEqual({
      ...before,
      ...patch,
      phone_region: 'US',
      updated_at: data.updated_at,
      version: before.version + 1,
    });
    expect(headers.get('etag')).toBe(`"${data.version}"`);
    expect((await owner.get(path)).data).toEqual(data);
    const cleared = await owner.patch(path, { licence_number: null, jobs_per_day: null });
    expect(cleared.data).toMatchObject({ licence_number: null, jobs_per_day: null, horizon_days: 60 });

    const { data: audit } = await owner.get('/v1/audit?entity=settings&limit=2');
    expect(audit.items.map((row: { action: string }) => row.action)).toEqual(['changed', 'changed']);
    expect(audit.items[0].changes).toEqual({
      licence_number: { from: 'ARD 00289123', to: null },
      jobs_per_day: { from: 6, to: null },
    });
    expect(audit.items[0].actor.id).toBe(owner.staffId);
  });

  test('412 settings.stale with the current version; of twenty at once with one ETag one is 200', async () => {
    const { version } = (await owner.get(path)).data;
    const headers = { 'if-match': `"${version}"` };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => owner.patch(path, { horizon_days: 100 + at }, { headers })),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(19);
    for (const { status, error } of refused) {
      expect([status, error.reason, error.details]).toEqual([
        412,
        'settings.stale',
        { version: version + 1 },
      ]);
    }
  });

  test('422 names the field: out of range, of a wrong type, empty, unknown, not to be changed', async () => {
    const before = (await owner.get(path)).data;
    const cases: [object, string][] = [
      [{ shop_name: '' }, 'shop_name'],
      [{ shop_name: null }, 'shop_name'],
      [{ shop_name: 'x'.repeat(101) }, 'shop_name'],
      [{ licence_number: '' }, 'licence_number'],
      [{ timezone: 'Mars/Olympus' }, 'timezone'],
      [{ timezone: '+02:00' }, 'timezone'],
      [{ timezone: null }, 'timezone'],
      [{ phone_region: 'USA' }, 'phone_region'],
      [{ phone_region: 'XX' }, 'phone_region'],
      [{ labour_tax_basis_points: -1 }, 'labour_tax_basis_points'],
      [{ parts_tax_basis_points: 10_001 }, 'parts_tax_basis_points'],
      [{ parts_tax_basis_points: 9.5 }, 'parts_tax_basis_points'],
      [{ buffer_before_minutes: 241 }, 'buffer_before_minutes'],
      [{ buffer_after_minutes: '10' }, 'buffer_after_minutes'],
      [{ lead_minutes: -5 }, 'lead_minutes'],
      [{ horizon_days: 0 }, 'horizon_days'],
      [{ jobs_per_day: 0 }, 'jobs_per_day'],
      [{ outside_area: 'maybe' }, 'outside_area'],
      [{ travel_road_percent: 99 }, 'travel_road_percent'],
      [{ travel_speeds_kmh: [40] }, 'travel_speeds_kmh'],
      [{ messages_per_hour: 0 }, 'messages_per_hour'],
      [{ travel_speeds_kmh: Array.from({ length: 24 }, () => 0) }, 'travel_speeds_kmh.0'],
      [{ authorization_tolerance_cents: null }, 'authorization_tolerance_cents'],
      [{ version: 1 }, 'version'],
      [{ seeded_at: null }, 'seeded_at'],
      [{ time_zone: 'UTC' }, 'time_zone'],
    ];
    for (const [patch, field] of cases) {
      const { status, error } = await owner.patch(path, patch);
      expect([status, error.reason, error.issues[0].path]).toEqual([422, 'request.body_invalid', field]);
    }
    expect((await owner.get(path)).data).toEqual(before);
  });

  test('422 for a zone that only the program knows, for PostgreSQL reckons in it too', async () => {
    const { status, error } = await owner.patch(path, { timezone: 'US/Pacific-New' });
    expect([status, error.issues[0].path]).toEqual([422, 'timezone']);
  });

  test('a dry run changes nothing', async () => {
    const before = (await owner.get(path)).data;
    const tried = await owner.patch(`${path}?dry_run=true`, { horizon_days: 7 });
    expect([tried.status, tried.data.horizon_days]).toEqual([200, 7]);
    expect((await owner.get(path)).data).toEqual(before);
  });
});

describe('a changed setting counts from the next request on, on every worker', () => {
  const workers = [shop, otherWorker];

  test('the zone, where a bare date is read', async () => {
    const paths = ['/v1/appointments', '/v1/audit'];
    const customer = (await owner.post('/v1/customers', { name: 'A', email: 'zone@b.test' })).data;
    const starts_at = '2101-03-07T23:30:00Z';
    await owner.post('/v1/appointments', { customer_id: customer.id, starts_at });
    for (const worker of workers) {
      const client = await worker.as('owner');
      const ofDay = async (date: string): Promise<number[]> => {
        const between = `from=${date}&to=2101-03-09`;
        const jobs = await client.get(`/v1/appointments?${between}`);
        const profile = await client.get(`/v1/customers/${customer.id}/profile?${between}`);
        return [jobs.data.items.length, profile.data.appointments.items.length];
      };
      // In Los Angeles it is still the seventh then, in Tokyo the eighth.
      await owner.patch(path, { timezone: 'America/Los_Angeles' });
      expect([...(await ofDay('2101-03-07')), ...(await ofDay('2101-03-08'))]).toEqual([1, 1, 0, 0]);
      await owner.patch(path, { timezone: 'Asia/Tokyo' });
      expect([...(await ofDay('2101-03-07')), ...(await ofDay('2101-03-08'))]).toEqual([1, 1, 1, 1]);
      for (const list of paths) expect((await client.get(`${list}?from=2101-13-01`)).status).toBe(400);
    }
  });

  test('the region, where a local phone number is read', async () => {
    for (const [at, worker] of workers.entries()) {
      const client = await worker.as('owner');
      await owner.patch(path, { phone_region: 'GB' });
      const british = { name: 'B', phone: `020 7946 095${at}` };
      expect((await client.post('/v1/customers', british)).data.phone).toBe(`+442079460${95}${at}`);
      expect((await client.post('/v1/technicians', british)).data.phone).toBe(`+442079460${95}${at}`);
      const american = { name: 'C', phone: `(213) 555-014${at}` };
      const { error } = await client.post('/v1/customers', american);
      expect(error.issues[0].message).toContain('valid in GB');
      await owner.patch(path, { phone_region: 'US' });
      expect((await client.post('/v1/customers', american)).data.phone).toBe(`+1213555014${at}`);
    }
  });

  test('the name of the shop, which no password may hold', async () => {
    await owner.patch(path, { shop_name: 'Ozone Garage' });
    const { error } = await owner.post('/v1/staff', {
      ...{ email: 'x@shop.test', name: 'X', role: 'advisor' },
      password: 'my ozonegarage tundra vivid',
    });
    expect([error.code, error.reason]).toEqual([422, 'password.too_weak']);
  });
});
