import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { anArea } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');

const RADIUS = { name: 'Downtown', kind: 'radius', lat: 34.05, lng: -118.24, radius_km: 25 };
const CODES = {
  name: 'The coast',
  kind: 'postal_codes',
  lat: 34.01,
  lng: -118.49,
  postal_codes: ['90401', '90402'],
};

const namesOf = ({ data }: { data: Data }): string[] => data.items.map((one: Data) => one.name);

describe('POST /v1/service-areas', () => {
  test.each<[string, Data, Data]>([
    ['radius', RADIUS, { radius_km: 25, postal_codes: [] }],
    ['radius, with the other bounds named as none', { ...RADIUS, postal_codes: [] }, { radius_km: 25 }],
    ['postal codes', { ...CODES, radius_km: null }, { radius_km: null, postal_codes: ['90401', '90402'] }],
  ])('201 for an area of the kind %s, with its version and its place', async (_, given, bounds) => {
    const { status, data, headers } = await owner.post('/v1/service-areas', given);
    expect(status).toBe(201);
    expect(data).toEqual({
      ...{ radius_km: null, postal_codes: [], trip_fee_cents: 0, is_active: true },
      ...given,
      ...bounds,
      ...{ id: expect.any(String), version: 1, created_at: expect.any(String), updated_at: data.created_at },
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('location')).toBe(`/v1/service-areas/${data.id}`);
    expect((await advisor.get(`/v1/service-areas/${data.id}`)).data).toEqual(data);
  });

  test('codes are kept in upper case, each once', async () => {
    const given = { ...CODES, postal_codes: ['sw1a 1aa', ' 90401 ', 'SW1A 1AA', 'k1a-0b1', '90401'] };
    const { data } = await owner.post('/v1/service-areas', given);
    expect(data.postal_codes).toEqual(['SW1A 1AA', '90401', 'K1A-0B1']);
  });

  test('500 codes are kept, 501 are 422', async () => {
    const postal_codes = Array.from({ length: 501 }, (_, at) => String(10_000 + at));
    const kept = await owner.post('/v1/service-areas', { ...CODES, postal_codes: postal_codes.slice(1) });
    expect(kept.data.postal_codes).toHaveLength(500);
    const { status, error } = await owner.post('/v1/service-areas', { ...CODES, postal_codes });
    expect([status, error.issues[0].path]).toEqual([422, 'postal_codes']);
  });

  test.each<[string, Data]>([
    ['name', { ...RADIUS, name: ' ' }],
    ['name', { ...RADIUS, name: 'x'.repeat(101) }],
    ['kind', { ...RADIUS, kind: 'polygon' }],
    ['lat', { ...RADIUS, lat: 90.1 }],
    ['lng', { ...RADIUS, lng: null }],
    ['radius_km', { ...RADIUS, radius_km: 0 }],
    ['radius_km', { ...RADIUS, radius_km: -0 }],
    ['radius_km', { ...RADIUS, radius_km: 1_000.1 }],
    ['radius_km', { ...RADIUS, radius_km: '25' }],
    ['radius_km', { ...RADIUS, radius_km: null }],
    ['postal_codes', { ...RADIUS, postal_codes: ['90401'] }],
    ['radius_km', { ...CODES, radius_km: 25 }],
    ['postal_codes', { ...CODES, postal_codes: [] }],
    ['postal_codes', { ...CODES, postal_codes: null }],
    ['postal_codes', { ...CODES, postal_codes: '90401' }],
    ['postal_codes.1', { ...CODES, postal_codes: ['90401', '9'] }],
    ['postal_codes.0', { ...CODES, postal_codes: ['1234567890123'] }],
    ['postal_codes.0', { ...CODES, postal_codes: ['90401!'] }],
    ['postal_codes.0', { ...CODES, postal_codes: ['--'] }],
    ['postal_codes.0', { ...CODES, postal_codes: ['ſſ'] }],
    ['trip_fee_cents', { ...RADIUS, trip_fee_cents: -1 }],
    ['trip_fee_cents', { ...RADIUS, trip_fee_cents: 1.5 }],
    ['is_active', { ...RADIUS, is_active: 'true' }],
    ['version', { ...RADIUS, version: 1 }],
  ])('422 with the path %s for %j', async (field, given) => {
    const { status, error } = await owner.post('/v1/service-areas', given);
    expect([status, error.reason, error.issues[0].path]).toEqual([422, 'request.body_invalid', field]);
  });

  test('403 for everybody but the owner', async () => {
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      expect((await (await shop.as(role)).post('/v1/service-areas', RADIUS)).status).toBe(403);
    }
  });
});

describe('GET /v1/service-areas', () => {
  test('by name without case, narrowed to active ones, in pages, for everybody', async () => {
    const fresh = await testApp();
    const boss = await fresh.as('owner');
    for (const name of ['b', 'C', 'A']) await anArea(boss, { name, is_active: name !== 'C' });
    const technician = await fresh.as('technician');
    expect(namesOf(await technician.get('/v1/service-areas'))).toEqual(['A', 'b', 'C']);
    expect(namesOf(await technician.get('/v1/service-areas?sort=-name'))).toEqual(['C', 'b', 'A']);
    expect(namesOf(await technician.get('/v1/service-areas?is_active=true'))).toEqual(['A', 'b']);
    expect(namesOf(await technician.get('/v1/service-areas?is_active=false'))).toEqual(['C']);
    const page = await technician.get('/v1/service-areas?limit=2');
    const next = await technician.get(`/v1/service-areas?limit=2&cursor=${page.data.next_cursor}`);
    expect([...namesOf(page), ...namesOf(next)]).toEqual(['A', 'b', 'C']);
    expect((await technician.get('/v1/service-areas?kind=radius')).status).toBe(400);
  });
});

describe('GET /v1/service-areas/:id', () => {
  test('304 for the version that the client holds, 404 for an unknown one', async () => {
    const { id } = await anArea(owner);
    const known = await owner.get(`/v1/service-areas/${id}`, { headers: { 'if-none-match': '"1"' } });
    expect(known.status).toBe(304);
    const { status, error } = await owner.get(`/v1/service-areas/${newId()}`);
    expect([status, error.reason]).toEqual([404, 'service_area.not_found']);
    expect(error.message).toStartWith('There is no such service area,');
  });
});

describe('PATCH /v1/service-areas/:id', () => {
  test('200: changes what is named and keeps the rest; the kind changes with its bounds', async () => {
    const area = await anArea(owner, { trip_fee_cents: 500 });
    const path = `/v1/service-areas/${area.id}`;
    const { data, headers } = await owner.patch(path, { radius_km: 0.5, is_active: false });
    const change = { radius_km: 0.5, is_active: false, version: 2, updated_at: expect.any(String) };
    expect([headers.get('etag'), data]).toEqual(['"2"', { ...area, ...change }]);
    const toCodes = { kind: 'postal_codes', radius_km: null, postal_codes: ['ab'] };
    expect((await owner.patch(path, toCodes)).data).toMatchObject({ ...toCodes, postal_codes: ['AB'] });
    const back = { kind: 'radius', radius_km: 3, postal_codes: [] };
    expect((await owner.patch(path, back)).data).toMatchObject({ ...back, trip_fee_cents: 500, version: 4 });
  });

  test.each<[string, Data, Data]>([
    ['radius_km', RADIUS, { kind: 'postal_codes' }],
    ['radius_km', RADIUS, { kind: 'postal_codes', postal_codes: ['90401'] }],
    ['postal_codes', RADIUS, { kind: 'postal_codes', radius_km: null }],
    ['postal_codes', RADIUS, { postal_codes: ['90401'] }],
    ['radius_km', RADIUS, { radius_km: null }],
    ['radius_km', CODES, { kind: 'radius' }],
    ['postal_codes', CODES, { kind: 'radius', radius_km: 5 }],
    ['radius_km', CODES, { radius_km: 5 }],
    ['postal_codes', CODES, { postal_codes: [] }],
    ['name', CODES, { name: null }],
  ])('422 with the path %s when %j becomes %j', async (field, given, patch) => {
    const area = (await owner.post('/v1/service-areas', given)).data;
    const { status, error } = await owner.patch(`/v1/service-areas/${area.id}`, patch);
    expect([status, error.issues[0].path]).toEqual([422, field]);
    expect((await owner.get(`/v1/service-areas/${area.id}`)).data).toEqual(area);
  });

  test('404 for an unknown one, 412 for another version, before the 422 of its bounds; 403 for an advisor', async () => {
    expect((await owner.patch(`/v1/service-areas/${newId()}`, { name: 'x' })).status).toBe(404);
    const { id } = await anArea(owner);
    const stale = await owner.patch(
      `/v1/service-areas/${id}`,
      { radius_km: null },
      { headers: { 'if-match': '"2"' } },
    );
    expect(stale.error).toMatchObject({ code: 412, reason: 'service_area.stale', details: { version: 1 } });
    expect(stale.error.message).toContain('changed the service area meanwhile');
    expect((await advisor.patch(`/v1/service-areas/${id}`, { name: 'x' })).status).toBe(403);
  });
});

describe('DELETE /v1/service-areas/:id', () => {
  test('200 with what it was: it is gone for good, and the journal tells of it', async () => {
    const area = await anArea(owner);
    const path = `/v1/service-areas/${area.id}`;
    const gone = await owner.delete(path);
    expect([gone.status, gone.data]).toEqual([200, area]);
    expect((await owner.get(path)).error.reason).toBe('service_area.not_found');
    expect((await owner.delete(path)).status).toBe(404);
    expect(await shop.sql`select 1 from service_areas where id = ${area.id}`).toEqual([]);
    const { items } = (await owner.get(`/v1/audit?entity=service_area&entity_id=${area.id}`)).data;
    expect(items.map((row: Data) => row.action)).toEqual(['deleted', 'created']);
  });

  test('412 for another version; of ten at once with one ETag one removes it; 403 for an advisor', async () => {
    const { id } = await anArea(owner);
    const path = `/v1/service-areas/${id}`;
    expect((await owner.delete(path, { headers: { 'if-match': '"2"' } })).error.code).toBe(412);
    expect((await advisor.delete(path)).status).toBe(403);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => owner.delete(path, { headers: { 'if-match': '"1"' } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
  });
});
