import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');

// A shop of sixty technicians, and one of two: lists of technicians cannot be narrowed to those of one test.
const crowd = await testApp();
await crowd.sql`
  insert into technicians (id, name, initials)
  select gen_random_uuid(), case when n % 2 = 0 then 'walk ' else 'WALK ' end || n / 7, 'W'
  from generate_series(1, 60) n`;
const pair = await testApp();

const idsOf = (answer: { data: Data }): string[] => answer.data.items.map((item: Data) => item.id);

describe('POST /v1/technicians', () => {
  test('201 with the whole technician, its version and its place', async () => {
    const { staffId } = await shop.as('technician');
    const given = {
      ...{ name: 'Ana de la Cruz', initials: 'adl', phone: '(213) 373-4253', skills: ['epa-609'] },
      ...{ start: { lat: 34.05, lng: -118.25 }, staff_id: staffId, is_active: true },
    };
    const { status, data, headers } = await owner.post('/v1/technicians', given);
    expect(status).toBe(201);
    expect(data).toEqual({
      ...given,
      ...{ initials: 'ADL', phone: '+12133734253', id: expect.any(String), version: 1 },
      ...{ created_at: expect.stringMatching(/Z$/), updated_at: data.created_at },
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('location')).toBe(`/v1/technicians/${data.id}`);
    expect((await owner.get(`/v1/technicians/${data.id}`)).data).toEqual(data);
  });

  test('201 with the name alone, which gives the initials', async () => {
    const { status, data } = await owner.post('/v1/technicians', { name: 'Ana de la Cruz' });
    expect(status).toBe(201);
    expect(data).toMatchObject({ initials: 'AC', phone: null, skills: [], start: null, staff_id: null });
    expect(data.is_active).toBe(true);
  });

  test.each([
    ['name', ''],
    ['initials', ''],
    ['initials', 'ABCDE'],
    ['initials', 'A1'],
    ['initials', 'ßßß'],
    ['phone', '12'],
    ['skills', 'epa-609'],
    ['start', { lat: 34 }],
    ['start', { lat: 91, lng: 0 }],
    ['start', {}],
    ['staff_id', 'x'],
    ['staff_id', newId()],
    ['is_active', 'true'],
    ['created_at', 'now'],
  ])('422 with the path %s for %j', async (field, value) => {
    const { status, error } = await owner.post('/v1/technicians', { name: 'Mo Kim', [field]: value });
    expect(status).toBe(422);
    expect(error.issues[0].path).toStartWith(field);
  });

  test('409 for a login that another technician has, with its id; of ten at once one is made', async () => {
    const { staffId } = await shop.as('technician');
    const body = { name: 'Mo Kim', staff_id: staffId };
    const answers = await Promise.all(Array.from({ length: 10 }, () => owner.post('/v1/technicians', body)));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    const details = { id: made[0]?.data.id };
    for (const { status, error } of answers.filter((answer) => answer !== made[0])) {
      expect(status).toBe(409);
      expect(error).toMatchObject({ reason: 'technician.staff_taken', details });
    }
  });

  test('403 for everybody but the owner, 401 for a stranger', async () => {
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      expect((await (await shop.as(role)).post('/v1/technicians', { name: 'Mo' })).status).toBe(403);
    }
    expect((await shop.stranger.post('/v1/technicians', { name: 'Mo' })).status).toBe(401);
  });
});

describe('GET /v1/technicians/:id', () => {
  test('200 with the version as ETag for every role; 304 to who has that version', async () => {
    const technician = await aTechnician(owner);
    const path = `/v1/technicians/${technician.id}`;
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      const { status, data, headers } = await (await shop.as(role)).get(path);
      expect(status).toBe(200);
      expect(data).toEqual(technician);
      expect(headers.get('etag')).toBe('"1"');
    }
    const again = await owner.get(path, { headers: { 'if-none-match': '"1"' } });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  test('404 for an id that is unknown or no id at all; 405 for DELETE', async () => {
    for (const id of [newId(), 'x']) {
      const { status, error } = await owner.get(`/v1/technicians/${id}`);
      expect(status).toBe(404);
      expect(error.reason).toBe('technician.not_found');
    }
    expect((await owner.delete(`/v1/technicians/${newId()}`)).status).toBe(405);
  });
});

describe('GET /v1/technicians', () => {
  test.each(['name', '-name'])(
    'walks 60 rows by %s without case, each once, equal names included',
    async (sort) => {
      const reader = await crowd.as('advisor');
      const seen: Data[] = [];
      let cursor = '';
      do {
        const { status, data } = await reader.get(`/v1/technicians?sort=${sort}&limit=13${cursor}`);
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

  test('narrows by is_active', async () => {
    const client = await pair.as('owner');
    const active = await aTechnician(client);
    const idle = await aTechnician(client, { is_active: false });
    expect(idsOf(await client.get('/v1/technicians?is_active=true'))).toEqual([active.id]);
    expect(idsOf(await client.get('/v1/technicians?is_active=false'))).toEqual([idle.id]);
    expect(idsOf(await client.get('/v1/technicians')).toSorted()).toEqual([active.id, idle.id].toSorted());
  });

  test.each(['is_active=yes', 'sort=initials', 'name=Mo', 'deleted=true'])('400 for ?%s', async (query) => {
    const { status, error } = await owner.get(`/v1/technicians?${query}`);
    expect(status).toBe(400);
    expect(error.reason).toBe('request.parameter_invalid');
  });

  test('one statement, beside the one that knows the actor', async () => {
    expect((await owner.get('/v1/technicians')).headers.get('server-timing')).toContain('2 queries');
  });
});

describe('PATCH /v1/technicians/:id', () => {
  test('200: changes what is named, keeps the rest, null clears, the version rises', async () => {
    const { staffId } = await shop.as('technician');
    const start = { lat: 34.05, lng: -118.25 };
    const technician = await aTechnician(owner, { start, staff_id: staffId, skills: ['a', 'b'] });
    const path = `/v1/technicians/${technician.id}`;
    const renamed = await owner.patch(path, { name: 'Maud Lee' });
    expect(renamed.status).toBe(200);
    expect(renamed.headers.get('etag')).toBe('"2"');
    expect(renamed.data).toEqual({
      ...technician,
      ...{ name: 'Maud Lee', version: 2, updated_at: expect.any(String) },
    });
    const cleared = await owner.patch(path, { start: null, staff_id: null, skills: [] });
    expect(cleared.data).toMatchObject({ start: null, staff_id: null, skills: [], version: 3 });
  });

  test('422 for an unknown login, null initials and unknown fields', async () => {
    const { id } = await aTechnician(owner);
    for (const [field, value] of [
      ['staff_id', newId()],
      ['initials', null],
      ['start_lat', 1],
    ] as const) {
      const { status, error } = await owner.patch(`/v1/technicians/${id}`, { [field]: value });
      expect(status).toBe(422);
      expect(error.issues[0].path).toBe(field);
    }
  });

  test('409 for a login that another technician has', async () => {
    const { staffId } = await shop.as('technician');
    const holder = await aTechnician(owner, { staff_id: staffId });
    const { id } = await aTechnician(owner);
    const { status, error } = await owner.patch(`/v1/technicians/${id}`, { staff_id: staffId });
    expect(status).toBe(409);
    expect(error).toMatchObject({ reason: 'technician.staff_taken', details: { id: holder.id } });
    expect((await owner.patch(`/v1/technicians/${holder.id}`, { staff_id: staffId })).status).toBe(200);
  });

  test('409 when a technician with unfinished jobs shall become inactive', async () => {
    const { id } = await aTechnician(owner);
    const customer = await aCustomer(owner);
    await shop.sql`
      insert into appointments (id, customer_id, technician_id, starts_at, ends_at)
      values (${newId()}, ${customer.id}, ${id}, now(), now() + interval '1 hour')`;
    const refused = await owner.patch(`/v1/technicians/${id}`, { is_active: false });
    expect(refused.status).toBe(409);
    expect(refused.error.reason).toBe('technician.has_active_jobs');
    await shop.sql`update appointments set status = 'completed' where technician_id = ${id}`;
    expect((await owner.patch(`/v1/technicians/${id}`, { is_active: false })).data.is_active).toBe(false);
  });

  test('412 when If-Match names another version; of ten at once with one ETag, one changes it', async () => {
    const { id } = await aTechnician(owner);
    const options = { headers: { 'if-match': '"1"' } };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => owner.patch(`/v1/technicians/${id}`, { name: 'Mo' }, options)),
    );
    const refused = answers.filter(({ status }) => status === 412);
    expect(refused).toHaveLength(9);
    expect(refused[0]?.error).toMatchObject({ reason: 'technician.stale', details: { version: 2 } });
  });

  test('404 for an unknown id, 403 for everybody but the owner', async () => {
    expect((await owner.patch(`/v1/technicians/${newId()}`, { name: 'Mo' })).status).toBe(404);
    const { id } = await aTechnician(owner);
    expect((await (await shop.as('advisor')).patch(`/v1/technicians/${id}`, { name: 'Mo' })).status).toBe(
      403,
    );
  });
});
