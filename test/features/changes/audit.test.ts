import { describe, expect, test } from 'bun:test';
import { type Client, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, inHours } from '../../helpers/factories.ts';

const app = await testApp();
const owner = await app.as('owner');
const advisor = await app.as('advisor');

const rowsOf = async (entityId: string, client: Client = owner): Promise<Data[]> =>
  (await client.get(`/v1/audit?entity_id=${entityId}&limit=100`)).data.items;

describe('GET /v1/audit', () => {
  test('tells who changed what from what to what, and under which correlation id', async () => {
    const headers = { 'x-correlation-id': 'call-17' };
    const { data: made } = await advisor.post(
      '/v1/customers',
      { name: 'Ana', email: 'ana@example.com', tags: ['fleet'] },
      { headers },
    );
    await owner.patch(`/v1/customers/${made.id}`, { name: 'Eva', notes: 'n', tags: [] });
    await owner.delete(`/v1/customers/${made.id}`);
    await owner.post(`/v1/customers/${made.id}/restore`);
    const rows = await rowsOf(made.id);
    expect(rows.map(({ action, actor }) => [action, actor.id, actor.role])).toEqual([
      ['restored', owner.staffId, 'owner'],
      ['deleted', owner.staffId, 'owner'],
      ['changed', owner.staffId, 'owner'],
      ['created', advisor.staffId, 'advisor'],
    ]);
    const [, , changed, created] = rows;
    expect(created).toMatchObject({
      entity: 'customer',
      correlation_id: 'call-17',
      changes: { name: { from: null, to: 'Ana' }, tags: { from: null, to: ['fleet'] } },
    });
    expect(changed?.changes).toEqual({
      name: { from: 'Ana', to: 'Eva' },
      notes: { from: null, to: 'n' },
      tags: { from: ['fleet'], to: [] },
    });
  });

  test('a write that is refused, tried or rolled back leaves no row', async () => {
    const { id, version } = await aCustomer(owner);
    await owner.patch(`/v1/customers/${id}?dry_run=true`, { name: 'B' });
    await owner.patch(`/v1/customers/${id}`, { name: 'C' }, { headers: { 'if-match': '"7"' } });
    await owner.patch(`/v1/customers/${id}`, { email: null });
    expect(await rowsOf(id)).toHaveLength(version);
  });

  test('a password is never told, only that it changed', async () => {
    const password = 'seven wet dogs on a bench';
    const account = { email: 'ida@example.com', name: 'Ida', role: 'advisor', password };
    const { data: staff } = await owner.post('/v1/staff', account);
    const login = await app.stranger.post('/v1/auth/login', { email: account.email, password });
    const headers = { authorization: `Bearer ${login.data.access_token}` };
    const change = { current_password: password, new_password: 'eight wet dogs on a bench' };
    expect((await app.stranger.post('/v1/auth/password', change, { headers })).status).toBe(200);
    const rows = await rowsOf(staff.id);
    expect(rows[0]).toMatchObject({
      action: 'changed',
      changes: { password: { from: null, to: 'changed' } },
    });
    expect(JSON.stringify(rows)).not.toMatch(/argon2|wet dogs|password_hash/);
  });

  test('a change behind the API stands there too, without an actor', async () => {
    const { id } = await aCustomer(owner);
    await app.sql`update customers set name = 'By hand' where id = ${id}`;
    const [row] = await rowsOf(id);
    expect(row).toMatchObject({ actor: null, changes: { name: { to: 'By hand' } } });
  });

  test('filters by actor, entity, thing and time; pages without a gap', async () => {
    const other = await app.as('owner');
    for (let count = 0; count < 5; count += 1) await aCustomer(other);
    const { id } = await aTechnician(other);
    const all = (await owner.get(`/v1/audit?actor_id=${other.staffId}`)).data.items;
    expect(all).toHaveLength(6);
    const technicians = await owner.get(`/v1/audit?actor_id=${other.staffId}&entity=technician`);
    expect(technicians.data.items.map(({ entity_id }: Data) => entity_id)).toEqual([id]);
    const walked: string[] = [];
    let cursor = '';
    do {
      const { data } = await owner.get(`/v1/audit?actor_id=${other.staffId}&limit=2${cursor}`);
      walked.push(...data.items.map((row: Data) => row.id));
      cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
    } while (cursor !== '');
    expect(walked).toEqual(all.map((row: Data) => row.id));
    const past = await owner.get(`/v1/audit?actor_id=${other.staffId}&to=2020-01-01`);
    expect(past.data.items).toEqual([]);
    expect((await owner.get('/v1/audit?entity=customers')).status).toBe(400);
  });
});

describe('GET /v1/appointments/{id}/history', () => {
  test('tells each change of the job and of its services', async () => {
    const { id: service_id } = await aService(owner);
    const job = await aBooking(owner, { services: [{ service_id }], starts_at: inHours(30) });
    await owner.put(`/v1/appointments/${job.id}/status`, { status: 'en_route' });
    await owner.patch(`/v1/appointments/${job.id}/services/${job.services[0].id}`, { quantity: 3 });
    const { data } = await owner.get(`/v1/appointments/${job.id}/history`);
    expect(data.items.map(({ action, entity }: Data) => `${entity} ${action}`)).toEqual([
      'appointment changed',
      'appointment changed',
      'appointment changed',
      'appointment created',
    ]);
    expect(data.items[0].changes.services).toMatchObject({ from: { quantity: 1 }, to: { quantity: 3 } });
    expect(data.items[1].changes.status).toEqual({ from: 'scheduled', to: 'en_route' });
  });

  test('a technician sees the history of their own jobs alone', async () => {
    const technician = await app.as('technician');
    const { id: technician_id } = await aTechnician(owner, { staff_id: technician.staffId });
    const own = await aBooking(owner, { technician_id });
    const foreign = await aBooking(owner);
    expect((await technician.get(`/v1/appointments/${own.id}/history`)).status).toBe(200);
    expect((await technician.get(`/v1/appointments/${foreign.id}/history`)).status).toBe(404);
  });
});
