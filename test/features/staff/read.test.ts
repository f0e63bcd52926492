import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';

const shop = await testApp();
const owner = await shop.as('owner');

const hired = async (name: string, rest: object = {}): Promise<Data> =>
  (
    await owner.post('/v1/staff', {
      email: `${newId()}@shop.test`,
      name,
      role: 'advisor',
      password: 'kelp ozone tundra vivid',
      ...rest,
    })
  ).data;

const FIELDS = ['id', 'email', 'name', 'role', 'is_active', 'created_at', 'updated_at', 'version'];

describe('GET /v1/staff/{id}', () => {
  test('200 in the fixed shape with the version as ETag; 304 without a body to who has it', async () => {
    const made = await hired('Sam Lee');
    const path = `/v1/staff/${made.id}`;
    const { status, data, headers } = await owner.get(path);
    expect(status).toBe(200);
    expect(Object.keys(data)).toEqual(FIELDS);
    expect(data).toEqual(made);
    expect(headers.get('etag')).toBe('"1"');
    const again = await owner.get(path, { headers: { 'if-none-match': '"1"' } });
    expect([again.status, again.text]).toEqual([304, '']);
    await owner.patch(path, { name: 'Sam Li' });
    expect((await owner.get(path, { headers: { 'if-none-match': '"1"' } })).data.name).toBe('Sam Li');
  });

  test('404 for an id that is unknown or none at all', async () => {
    for (const id of [newId(), 'me', '1', `${newId()}x`]) {
      const { status, error } = await owner.get(`/v1/staff/${id}`);
      expect([status, error.reason]).toEqual([404, 'staff.not_found']);
    }
  });

  test('403 for who is no owner, 401 for a stranger', async () => {
    for (const role of ['advisor', 'technician', 'accountant'] as const) {
      const person = await shop.as(role);
      const { status, error } = await person.get(`/v1/staff/${person.staffId}`);
      expect([status, error.reason]).toEqual([403, 'access.role_not_allowed']);
    }
    expect((await shop.stranger.get('/v1/staff')).status).toBe(401);
  });
});

describe('GET /v1/staff', () => {
  test('pages by name without case, each person once, in both directions', async () => {
    await shop.sql`
      insert into staff (id, email, name, role, password_hash)
      select gen_random_uuid(), 'n' || n || '@shop.test', case when n % 2 = 0 then 'page ' else 'PAGE ' end || n % 9,
        'advisor', '-' from generate_series(1, 40) n`;
    for (const sort of ['name', '-name']) {
      const names: string[] = [];
      const ids = new Set<string>();
      let cursor = '';
      do {
        const { status, data } = await owner.get(`/v1/staff?sort=${sort}&limit=7${cursor}`);
        expect(status).toBe(200);
        for (const one of data.items) {
          expect(Object.keys(one)).toEqual(FIELDS);
          ids.add(one.id);
          names.push(one.name.toLowerCase());
        }
        cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
      } while (cursor !== '');
      const [count] = await shop.sql<{ count: number }>`select count(*) as count from staff`;
      expect(ids.size).toBe(count?.count ?? -1);
      expect(names).toHaveLength(ids.size);
      const paged = names.filter((name) => name.startsWith('page'));
      expect(paged).toEqual(sort === 'name' ? paged.toSorted() : paged.toSorted().reverse());
    }
  });

  test('is_active narrows', async () => {
    const gone = await hired('Gone Person');
    await owner.patch(`/v1/staff/${gone.id}`, { is_active: false });
    const ids = async (query: string): Promise<string[]> =>
      (await owner.get(`/v1/staff?limit=100${query}`)).data.items.map((one: Data) => one.id);
    expect(await ids('')).toContain(gone.id);
    expect(await ids('&is_active=true')).not.toContain(gone.id);
    expect(await ids('&is_active=false')).toEqual([gone.id]);
  });

  test.each([
    'sort=email',
    'sort=-email',
    'is_active=1',
    'active=true',
    'limit=0',
    'limit=101',
    'limit=2.5',
    'q=x',
  ])('400 for ?%s', async (query) => {
    const { status, error } = await owner.get(`/v1/staff?${query}`);
    expect([status, error.reason]).toEqual([400, 'request.parameter_invalid']);
    expect(error.issues[0].path).toBe(query.split('=')[0]);
  });

  test('no answer holds a password or a hash', async () => {
    await hired('Hash Holder');
    const { text } = await owner.get('/v1/staff?limit=100');
    expect(text).not.toContain('password');
    expect(text).not.toContain('argon2');
    expect(text).not.toContain('hash"');
  });
});
