import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, testApp } from '../../../helpers/app.ts';
import { aService } from '../../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

const itemOf = ({ id }: Data, quantity = 1): Data => ({ service_id: id, quantity });
const aPackage = (...services: Data[]): Promise<Data> =>
  aService(owner, { kind: 'package', items: services.map((service) => itemOf(service)) });

describe('PATCH /v1/services/:id', () => {
  test('200: changes what is named, keeps the rest, null clears, the version rises', async () => {
    const service = await aService(owner, { description: 'Long.', skills: ['epa-609'] });
    const change = { price_cents: 1, description: null, skills: [], code: `${service.code}-b` };
    const { status, data, headers } = await owner.patch(`/v1/services/${service.id}`, change);
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"2"');
    const code = `${service.code}-B`;
    expect(data).toEqual({ ...service, ...change, code, version: 2, updated_at: expect.any(String) });
  });

  test('200: items take the place of the old ones, and stay when they are not named', async () => {
    const [one, two] = [await aService(owner), await aService(owner)];
    const { id } = await aPackage(one);
    const items = [itemOf(two, 2), itemOf(one, 4)];
    expect((await owner.patch(`/v1/services/${id}`, { items })).data.items).toEqual(items);
    expect((await owner.patch(`/v1/services/${id}`, { name: 'Other' })).data.items).toEqual(items);
  });

  test('200: a package that becomes labour loses its items; the way back needs some', async () => {
    const one = await aService(owner);
    const { id } = await aPackage(one);
    const path = `/v1/services/${id}`;
    expect((await owner.patch(path, { kind: 'labour' })).data).toMatchObject({ kind: 'labour', items: [] });
    const bare = await owner.patch(path, { kind: 'package' });
    expect(bare.status).toBe(422);
    expect(bare.error.issues[0].path).toBe('items');
    const whole = await owner.patch(path, { kind: 'package', items: [itemOf(one)] });
    expect(whole.data).toMatchObject({ kind: 'package', items: [itemOf(one)] });
  });

  test('422 for the package itself, a package, an unknown or deleted service among its items', async () => {
    const one = await aService(owner);
    const [pack, other, gone] = [await aPackage(one), await aPackage(one), await aService(owner)];
    await owner.delete(`/v1/services/${gone.id}`);
    for (const id of [pack.id, other.id, gone.id, newId()]) {
      const { status, error } = await owner.patch(`/v1/services/${pack.id}`, { items: [itemOf({ id })] });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe('items.0.service_id');
    }
    expect((await owner.get(`/v1/services/${pack.id}`)).data).toEqual(pack);
  });

  test('422 for items of a labour and for no items of a package', async () => {
    const one = await aService(owner);
    const pack = await aPackage(one);
    for (const [id, items] of [
      [one.id, [itemOf(pack)]],
      [pack.id, []],
    ]) {
      const { status, error } = await owner.patch(`/v1/services/${id}`, { items });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe('items');
    }
  });

  test('422 when an item of a package shall become a package', async () => {
    const [one, two] = [await aService(owner), await aService(owner)];
    await aPackage(one);
    const { status, error } = await owner.patch(`/v1/services/${one.id}`, {
      kind: 'package',
      items: [itemOf(two)],
    });
    expect(status).toBe(422);
    expect(error.issues[0].path).toBe('kind');
  });

  test('of two that become packages of each other at once, one does', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, two] = [await aService(owner), await aService(owner)];
      const answers = await Promise.all([
        owner.patch(`/v1/services/${one.id}`, { kind: 'package', items: [itemOf(two)] }),
        owner.patch(`/v1/services/${two.id}`, { kind: 'package', items: [itemOf(one)] }),
      ]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    }
  });

  test('422 for unknown fields and for null where there must be something', async () => {
    const { id } = await aService(owner);
    for (const [field, value] of [
      ['code', null],
      ['version', 1],
      ['price_cents', '1'],
    ] as const) {
      const { status, error } = await owner.patch(`/v1/services/${id}`, { [field]: value });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe(field);
    }
  });

  test('409 for a code that is taken, with the id of who has it', async () => {
    const [one, two] = [await aService(owner), await aService(owner)];
    const { status, error } = await owner.patch(`/v1/services/${two.id}`, { code: one.code });
    expect(status).toBe(409);
    expect(error).toMatchObject({ reason: 'service.code_taken', details: { id: one.id } });
  });

  test('412 when If-Match names another version; of ten at once with one ETag, one changes it', async () => {
    const { id } = await aService(owner);
    const options = { headers: { 'if-match': '"1"' } };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => owner.patch(`/v1/services/${id}`, { price_cents: n }, options)),
    );
    const refused = answers.filter(({ status }) => status === 412);
    expect(refused).toHaveLength(9);
    expect(refused[0]?.error).toMatchObject({ reason: 'service.stale', details: { version: 2 } });
  });

  test('404 for an unknown and for a deleted service', async () => {
    const { id } = await aService(owner);
    await owner.delete(`/v1/services/${id}`);
    for (const absent of [id, newId()]) {
      expect((await owner.patch(`/v1/services/${absent}`, { name: 'x' })).status).toBe(404);
    }
  });

  test('403 for everybody but the owner', async () => {
    const { id } = await aService(owner);
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      expect((await (await shop.as(role)).patch(`/v1/services/${id}`, { name: 'x' })).status).toBe(403);
    }
  });
});
