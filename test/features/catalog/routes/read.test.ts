import { describe, expect, test } from 'bun:test';
import { newId } from '../../../../src/values/id.ts';
import { type Data, testApp } from '../../../helpers/app.ts';
import { aService } from '../../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const technician = await shop.as('technician');

const untouched = await testApp();

const idsOf = (answer: { data: Data }): string[] => answer.data.items.map((item: Data) => item.id);

describe('the starting catalog', () => {
  test('holds what a mobile mechanic sells, each of sound length and price, packages with items', async () => {
    const services = await untouched.sql<{
      shape: string;
      kind: string;
    }>`select shape, kind from service_shapes`;
    expect(services.length).toBeGreaterThanOrEqual(25);
    for (const service of services.map(({ shape }) => JSON.parse(shape))) {
      expect(service.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(service.code).toMatch(/^[A-Z0-9-]{1,40}$/);
      expect(service.duration_minutes).toBeWithin(10, 241);
      expect(service.price_cents).toBeWithin(1_000, 100_001);
      expect(service.items.length > 0).toBe(service.kind === 'package');
    }
    expect(new Set(services.map(({ kind }) => kind))).toEqual(new Set(['labour', 'part', 'package']));
  });

  test('sells a package for less than its items one by one', async () => {
    const dear = await untouched.sql`
      select p.code from services p join service_items i on i.package_id = p.id join services s on s.id = i.service_id
      group by p.id having sum(s.price_cents * i.quantity) <= p.price_cents`;
    expect(dear).toEqual([]);
  });

  test('asks for a certificate where the law or the voltage does', async () => {
    const skilled = await untouched.sql`
      select code, to_jsonb(skills) as skills from services where skills <> '{}' order by code`;
    expect(skilled).toEqual([
      { code: 'AC-RECHARGE', skills: ['epa-609'] },
      { code: 'HYBRID-BATTERY-CHECK', skills: ['high-voltage'] },
    ]);
  });
});

describe('GET /v1/services/:id', () => {
  test('200 with the version as ETag for every role; 304 to who has that version', async () => {
    const service = await aService(owner);
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      const { status, data, headers } = await (await shop.as(role)).get(`/v1/services/${service.id}`);
      expect(status).toBe(200);
      expect(data).toEqual(service);
      expect(headers.get('etag')).toBe('"1"');
    }
    const again = await owner.get(`/v1/services/${service.id}`, { headers: { 'if-none-match': '"1"' } });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  test('404 for an id that is unknown or no id at all', async () => {
    for (const id of [newId(), 'OIL-SYNTHETIC']) {
      const { status, error } = await owner.get(`/v1/services/${id}`);
      expect(status).toBe(404);
      expect(error.reason).toBe('service.not_found');
    }
  });
});

describe('GET /v1/services', () => {
  test.each(['name', '-name'])(
    'walks 60 rows by %s without case, each once, equal names included',
    async (sort) => {
      const category = `Walk ${sort}`;
      await shop.sql`
      insert into services (id, code, name, category, duration_minutes, price_cents, kind)
      select gen_random_uuid(), 'WALK' || ${sort} || n, case when n % 2 = 0 then 'walk ' else 'WALK ' end || n / 7,
        ${category}, 10, 100, 'part'
      from generate_series(1, 60) n`;
      const seen: Data[] = [];
      let cursor = '';
      do {
        const path = `/v1/services?category=${encodeURIComponent(category)}&sort=${sort}&limit=13${cursor}`;
        const { status, data } = await technician.get(path);
        expect(status).toBe(200);
        expect(data.items.length).toBe(data.next_cursor === null ? 8 : 13);
        seen.push(...data.items);
        cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
      } while (cursor !== '');
      const keys = seen.map((one) => `${one.name.toLowerCase()} ${one.id}`);
      const sorted = keys.toSorted();
      expect(new Set(keys).size).toBe(60);
      expect(keys).toEqual(sort === 'name' ? sorted : sorted.toReversed());
    },
  );

  test('narrows by categories, kinds and is_active', async () => {
    const [one, two] = ['Narrow one', 'Narrow two'];
    const labour = await aService(owner, { category: one, name: 'A' });
    const part = await aService(owner, { category: one, kind: 'part', name: 'B' });
    const idle = await aService(owner, { category: two, is_active: false, name: 'C' });
    const both = `category=${one},${two}`;
    expect(idsOf(await owner.get(`/v1/services?category=${one}`))).toEqual([labour.id, part.id]);
    expect(idsOf(await owner.get(`/v1/services?${both}`))).toEqual([labour.id, part.id, idle.id]);
    expect(idsOf(await owner.get(`/v1/services?${both}&kind=part`))).toEqual([part.id]);
    expect(idsOf(await owner.get(`/v1/services?${both}&kind=part,package`))).toEqual([part.id]);
    expect(idsOf(await owner.get(`/v1/services?${both}&is_active=false`))).toEqual([idle.id]);
    expect(idsOf(await owner.get(`/v1/services?${both}&is_active=true`))).toEqual([labour.id, part.id]);
  });

  test('leaves deleted ones out; deleted=true lists them alone', async () => {
    const { id } = await aService(owner, { category: 'Gone' });
    await owner.delete(`/v1/services/${id}`);
    expect(idsOf(await owner.get('/v1/services?category=Gone'))).toEqual([]);
    expect(idsOf(await owner.get('/v1/services?category=Gone&deleted=true'))).toEqual([id]);
  });

  test.each([
    'kind=labor',
    'is_active=1',
    'sort=price_cents',
    'category=',
    'category=a,,b',
    'limit=101',
    'q=oil',
  ])('400 for ?%s', async (query) => {
    const { status, error } = await owner.get(`/v1/services?${query}`);
    expect(status).toBe(400);
    expect(error.reason).toBe('request.parameter_invalid');
  });

  test('one statement, beside the one that knows the actor', async () => {
    expect((await owner.get('/v1/services')).headers.get('server-timing')).toContain('2 queries');
  });

  test('401 for a stranger', async () => {
    expect((await shop.stranger.get('/v1/services')).status).toBe(401);
  });
});
