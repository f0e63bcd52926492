import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { testApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

const MORNING = { weekday: 1, from: '08:00', to: '12:00' };
const AFTERNOON = { weekday: 1, from: '13:00', to: '24:00' };
const SUNDAY = { weekday: 7, from: '00:00', to: '00:01' };

const aPath = async (): Promise<string> => `/v1/technicians/${(await aTechnician(owner)).id}/hours`;

describe('GET /v1/technicians/:id/hours', () => {
  test('200 with null until hours are set, for everybody; 304 for the version that the client holds', async () => {
    const { id } = await aTechnician(owner);
    for (const role of ['owner', 'advisor', 'technician', 'accountant'] as const) {
      const { status, data } = await (await shop.as(role)).get(`/v1/technicians/${id}/hours`);
      expect([status, data]).toEqual([200, { technician_id: id, hours: null, version: 1 }]);
    }
    const known = await owner.get(`/v1/technicians/${id}/hours`, { headers: { 'if-none-match': '"1"' } });
    expect(known.status).toBe(304);
  });

  test('404 for an unknown technician', async () => {
    const { status, error } = await owner.get(`/v1/technicians/${newId()}/hours`);
    expect([status, error.reason]).toEqual([404, 'technician.not_found']);
  });
});

describe('PUT /v1/technicians/:id/hours', () => {
  test("200: the hours, in the week's order; the technician's version rises with them", async () => {
    const { id } = await aTechnician(owner);
    const path = `/v1/technicians/${id}/hours`;
    const { status, data, headers } = await owner.put(path, { hours: [SUNDAY, AFTERNOON, MORNING] });
    expect([status, headers.get('etag')]).toEqual([200, '"2"']);
    expect(data).toEqual({ technician_id: id, hours: [MORNING, AFTERNOON, SUNDAY], version: 2 });
    expect((await owner.get(path)).data).toEqual(data);
    expect((await owner.get(`/v1/technicians/${id}`)).data.version).toBe(2);
    await owner.patch(`/v1/technicians/${id}`, { name: 'Maud Lee' });
    expect((await owner.get(path)).data).toEqual({ ...data, version: 3 });
  });

  test('an empty list is never by the week; null takes the hours away', async () => {
    const path = await aPath();
    await owner.put(path, { hours: [MORNING] });
    expect((await owner.put(path, { hours: [] })).data.hours).toEqual([]);
    expect((await owner.put(path, { hours: null })).data.hours).toBeNull();
    const [row] = await shop.sql<{ isNull: boolean }>`
      select hours is null as "isNull" from technicians where id = ${path.split('/')[3] ?? ''}`;
    expect(row?.isNull).toBe(true);
  });

  test('seventy spans are kept, seventy-one are 422', async () => {
    const spans = Array.from({ length: 71 }, (_, at) => ({
      weekday: 1 + (at % 7),
      from: `${String(Math.floor(at / 7)).padStart(2, '0')}:00`,
      to: `${String(Math.floor(at / 7)).padStart(2, '0')}:30`,
    }));
    const path = await aPath();
    expect((await owner.put(path, { hours: spans.slice(0, 70) })).data.hours).toHaveLength(70);
    const { status, error } = await owner.put(path, { hours: spans });
    expect([status, error.issues]).toEqual([422, [{ path: 'hours', message: 'must be at most 70 spans' }]]);
  });

  test.each<[string, unknown]>([
    ['hours', undefined],
    ['hours', 'around the clock'],
    ['hours', {}],
    ['hours.0.weekday', [{ ...MORNING, weekday: 0 }]],
    ['hours.0.weekday', [{ ...MORNING, weekday: 8 }]],
    ['hours.0.weekday', [{ ...MORNING, weekday: '1' }]],
    ['hours.1.from', [MORNING, { ...AFTERNOON, from: '24:00' }]],
    ['hours.0.from', [{ ...MORNING, from: '8:00' }]],
    ['hours.0.from', [{ ...MORNING, from: '08:00:00' }]],
    ['hours.0.from', [{ ...MORNING, from: '٠٨:٠٠' }]],
    ['hours.0.to', [{ ...MORNING, to: '24:01' }]],
    ['hours.0.to', [{ ...MORNING, to: '12:60' }]],
    ['hours.0.to', [{ weekday: 1, from: '08:00' }]],
    ['hours.0.zone', [{ ...MORNING, zone: 'UTC' }]],
    ['hours.0', [{ ...MORNING, to: '08:00' }]],
    ['hours.2', [MORNING, AFTERNOON, { weekday: 1, from: '11:59', to: '13:00' }]],
    ['hours.0', [{ weekday: 1, from: '11:59', to: '13:00' }, MORNING]],
  ])('422 with the path %s for %j, and nothing is kept', async (field, hours) => {
    const path = await aPath();
    const { status, error } = await owner.put(path, { hours });
    expect([status, error.reason, error.issues[0].path]).toEqual([422, 'request.body_invalid', field]);
    expect((await owner.get(path)).data).toMatchObject({ hours: null, version: 1 });
  });

  test('403 for everybody but the owner, 404 for an unknown technician, 412 for another version', async () => {
    const path = await aPath();
    const advisor = await shop.as('advisor');
    expect((await advisor.put(path, { hours: null })).status).toBe(403);
    expect((await owner.put(`/v1/technicians/${newId()}/hours`, { hours: null })).status).toBe(404);
    const stale = await owner.put(path, { hours: null }, { headers: { 'if-match': '"9"' } });
    expect(stale.error).toMatchObject({ reason: 'technician.stale', details: { version: 1 } });
    expect((await owner.put(path, { hours: [] }, { headers: { 'if-match': '"1"' } })).data.version).toBe(2);
  });

  test('the journal tells what they were and what they are', async () => {
    const { id } = await aTechnician(owner);
    await owner.put(`/v1/technicians/${id}/hours`, { hours: [MORNING] });
    await owner.put(`/v1/technicians/${id}/hours`, { hours: null });
    const { items } = (await owner.get(`/v1/audit?entity_id=${id}&entity=technician`)).data;
    const told = items.map((row: { changes: object }) => row.changes).slice(0, 2);
    expect(told).toEqual([
      { hours: { from: [MORNING], to: null } },
      { hours: { from: null, to: [MORNING] } },
    ]);
  });
});
