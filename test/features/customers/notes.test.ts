import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aTechnician } from '../../helpers/factories.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

const pathOf = ({ id }: Data): string => `/v1/customers/${id}/notes`;

describe('POST /v1/customers/{id}/notes', () => {
  test('201: the note with its author; the customer stays as it was; the journal tells of it', async () => {
    const customer = await aCustomer(advisor);
    const { status, data, headers } = await advisor.post(pathOf(customer), {
      body: ' Two dogs.\r\nRing twice. ',
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(pathOf(customer));
    expect(data).toEqual({
      id: expect.any(String),
      customer_id: customer.id,
      body: 'Two dogs.\nRing twice.',
      author: { id: advisor.staffId, name: 'A advisor' },
      created_at: expect.any(String),
    });
    expect((await advisor.get(`/v1/customers/${customer.id}`)).data).toEqual(customer);
    const owner = await shop.as('owner');
    const { items } = (await owner.get(`/v1/audit?entity=note&entity_id=${data.id}`)).data;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ action: 'created', actor: { id: advisor.staffId } });
    expect(items[0].changes.body).toEqual({ from: null, to: data.body });
  });

  test('422 for a note without words, too long, of a wrong type, or with more than that', async () => {
    const customer = await aCustomer(advisor);
    const cases: [object, string][] = [
      [{}, 'body'],
      [{ body: ' \n ' }, 'body'],
      [{ body: 'x'.repeat(5_001) }, 'body'],
      [{ body: 5 }, 'body'],
      [{ body: 'a', author_id: newId() }, 'author_id'],
    ];
    for (const [body, path] of cases) {
      const { status, error } = await advisor.post(pathOf(customer), body);
      expect([status, error.issues[0].path]).toEqual([422, path]);
    }
    expect((await advisor.get(pathOf(customer))).data.items).toEqual([]);
  });

  test('404 for an unknown and a deleted customer, 412 for another version', async () => {
    const customer = await aCustomer(advisor);
    const stale = await advisor.post(pathOf(customer), { body: 'a' }, { headers: { 'if-match': '"9"' } });
    expect(stale.error.reason).toBe('customer.stale');
    await advisor.delete(`/v1/customers/${customer.id}`);
    for (const one of [customer, { id: newId() }]) {
      expect((await advisor.post(pathOf(one), { body: 'a' })).error.reason).toBe('customer.not_found');
    }
  });
});

describe('GET /v1/customers/{id}/notes', () => {
  test('200: the newest first, in pages, of twenty that were written at once; none of another customer', async () => {
    const customer = await aCustomer(advisor);
    await advisor.post(pathOf(await aCustomer(advisor)), { body: 'of another' });
    const bodies = Array.from({ length: 20 }, (_, at) => `note ${at}`);
    await Promise.all(bodies.map((body) => advisor.post(pathOf(customer), { body })));
    const last = (await advisor.post(pathOf(customer), { body: 'the last' })).data;
    const seen: Data[] = [];
    let cursor = '';
    do {
      const { data } = await advisor.get(`${pathOf(customer)}?limit=8${cursor}`);
      seen.push(...data.items);
      cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`;
    } while (cursor !== '');
    expect(seen[0]).toEqual(last);
    expect(seen.map((one) => one.body).sort()).toEqual([...bodies, 'the last'].sort());
    const times = seen.map((one) => Date.parse(one.created_at));
    expect(times).toEqual([...times].sort((one, other) => other - one));
  });

  test('a technician reads those of the customers of their own jobs, and writes none', async () => {
    const owner = await shop.as('owner');
    const mechanic = await shop.as('technician');
    const technician = await aTechnician(owner, { staff_id: mechanic.staffId });
    const customer = await aCustomer(owner);
    expect((await mechanic.get(pathOf(customer))).error.reason).toBe('customer.not_found');
    await aBooking(owner, { customer_id: customer.id, technician_id: technician.id });
    expect((await mechanic.get(pathOf(customer))).data.items).toEqual([]);
    expect((await mechanic.post(pathOf(customer), { body: 'a' })).status).toBe(403);
  });
});
