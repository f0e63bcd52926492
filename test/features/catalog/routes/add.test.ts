import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { testApp } from '../../../helpers/app.ts';
import { aService } from '../../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

let made = 0;
const aCode = (): string => {
  made += 1;
  return `NEW-${made}`;
};
const labour = () => ({
  ...{ code: aCode(), name: 'Door lock actuator', category: 'Electrical' },
  ...{ duration_minutes: 90, price_cents: 28_900, kind: 'labour' },
});

describe('POST /v1/services', () => {
  test('201 with the whole service, its version and its place', async () => {
    const given = { ...labour(), description: 'One door.', skills: ['epa-609'], is_active: false };
    const { status, data, headers } = await owner.post('/v1/services', given);
    expect(status).toBe(201);
    expect(data).toEqual({
      ...given,
      ...{ id: expect.any(String), items: [], deleted_at: null, version: 1 },
      ...{ created_at: expect.stringMatching(/Z$/), updated_at: data.created_at },
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('location')).toBe(`/v1/services/${data.id}`);
    expect((await owner.get(`/v1/services/${data.id}`)).data).toEqual(data);
  });

  test('201 with the required fields alone, the code in upper case', async () => {
    const { status, data } = await owner.post('/v1/services', { ...labour(), code: ' mixed-Case-1 ' });
    expect(status).toBe(201);
    expect(data).toMatchObject({ code: 'MIXED-CASE-1', description: null, skills: [], is_active: true });
  });

  test('201: a package keeps its items in their order', async () => {
    const items = [];
    for (const quantity of [3, 1, 1_000]) items.push({ service_id: (await aService(owner)).id, quantity });
    items.reverse();
    const { status, data } = await owner.post('/v1/services', { ...labour(), kind: 'package', items });
    expect(status).toBe(201);
    expect(data.items).toEqual(items);
  });

  test.each([
    ['code', ''],
    ['code', 'x'.repeat(41)],
    ['code', 'oil change'],
    ['code', 'straße'],
    ['name', ' '],
    ['category', 'Oil, filters'],
    ['duration_minutes', -1],
    ['duration_minutes', 2_881],
    ['price_cents', 0.5],
    ['price_cents', -1],
    ['price_cents', 1e12],
    ['kind', 'labor'],
    ['description', ''],
    ['skills', ['a', 'A']],
    ['is_active', null],
    ['items', {}],
    ['deleted_at', null],
  ])('422 with the path %s for %p', async (field, value) => {
    const { status, error } = await owner.post('/v1/services', { ...labour(), [field]: value });
    expect(status).toBe(422);
    expect(error.issues[0].path).toBe(field);
  });

  test.each([0, 1_001, 1.5])('422 for the quantity %p of an item', async (quantity) => {
    const { id } = await aService(owner);
    const items = [{ service_id: id, quantity }];
    const { status, error } = await owner.post('/v1/services', { ...labour(), kind: 'package', items });
    expect(status).toBe(422);
    expect(error.issues[0].path).toBe('items.0.quantity');
  });

  test('422 for a package without items or with 51, and for items of a labour', async () => {
    const { id } = await aService(owner);
    const item = { service_id: id, quantity: 1 };
    for (const change of [
      { kind: 'package' },
      { kind: 'package', items: [] },
      { kind: 'package', items: Array.from({ length: 51 }, () => item) },
      { kind: 'labour', items: [item] },
    ]) {
      const { status, error } = await owner.post('/v1/services', { ...labour(), ...change });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe('items');
    }
  });

  test('422 with the path of an item that is unknown, deleted or a package', async () => {
    const { id } = await aService(owner);
    const inside = await aService(owner, { kind: 'package', items: [{ service_id: id, quantity: 1 }] });
    const deleted = await aService(owner);
    await owner.delete(`/v1/services/${deleted.id}`);
    for (const service_id of [newId(), inside.id, deleted.id]) {
      const items = [
        { service_id: id, quantity: 1 },
        { service_id, quantity: 1 },
      ];
      const { status, error } = await owner.post('/v1/services', { ...labour(), kind: 'package', items });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe('items.1.service_id');
    }
  });

  test('409 for a code that is taken, in any case, with the id of who has it', async () => {
    const { id, code } = await aService(owner);
    const { status, error } = await owner.post('/v1/services', { ...labour(), code: code.toLowerCase() });
    expect(status).toBe(409);
    expect(error).toMatchObject({ reason: 'service.code_taken', details: { id } });
  });

  test('of ten with one code at once, one is made', async () => {
    const body = labour();
    const answers = await Promise.all(Array.from({ length: 10 }, () => owner.post('/v1/services', body)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test('403 for everybody but the owner, 401 for a stranger', async () => {
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      expect((await (await shop.as(role)).post('/v1/services', labour())).status).toBe(403);
    }
    expect((await shop.stranger.post('/v1/services', labour())).status).toBe(401);
  });
});
