import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { testApp } from '../../helpers/app.ts';
import { aCustomer } from '../../helpers/factories.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');

describe('GET /v1/customers/{id}', () => {
  test('200 with the version as ETag; 304 without a body to who has that version', async () => {
    const customer = await aCustomer(advisor);
    const path = `/v1/customers/${customer.id}`;
    const { status, data, headers } = await advisor.get(path);
    expect([status, data, headers.get('etag')]).toEqual([200, customer, '"1"']);
    const again = await advisor.get(path, { headers: { 'if-none-match': '"1"' } });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', '"1"']);
    await advisor.patch(path, { name: 'New' });
    const changed = await advisor.get(path, { headers: { 'if-none-match': '"1"' } });
    expect([changed.status, changed.data.name]).toEqual([200, 'New']);
  });

  test('404 for an id that is unknown or none; an id in capital letters is the same id', async () => {
    for (const id of [newId(), 'x', '%00', `${newId()}0`]) {
      const { status, error } = await advisor.get(`/v1/customers/${id}`);
      expect([status, error.reason]).toEqual([404, 'customer.not_found']);
    }
    const customer = await aCustomer(advisor);
    expect((await advisor.get(`/v1/customers/${customer.id.toUpperCase()}`)).data).toEqual(customer);
  });
});

describe('PATCH /v1/customers/{id}', () => {
  test('200: a merge: what is named changes, null clears, the rest stays; version and ETag rise', async () => {
    const before = await aCustomer(advisor, {
      phone: '+13105550001',
      address: '1 Main St',
      notes: 'old',
      tags: ['a', 'b'],
      is_vip: true,
    });
    const path = `/v1/customers/${before.id}`;
    const patch = { name: 'New Name', address: null, tags: ['c'], sms_consent: true };
    const { status, data, headers } = await advisor.patch(path, patch);
    expect(status).toBe(200);
    expect(data).toEqual({ ...before, ...patch, updated_at: data.updated_at, version: 2 });
    expect(Date.parse(data.updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at));
    expect(headers.get('etag')).toBe('"2"');
    expect((await advisor.get(path)).data).toEqual(data);
    expect((await advisor.patch(path, { notes: null, tags: [], email: null })).data).toMatchObject({
      notes: null,
      tags: [],
      email: null,
      phone: '+13105550001',
      version: 3,
    });
  });

  test('200: e-mail and phone may change places in one step; their own are not taken', async () => {
    const { id, email } = await aCustomer(advisor);
    const path = `/v1/customers/${id}`;
    expect((await advisor.patch(path, { email: email.toUpperCase() })).data.email).toBe(email);
    const swapped = await advisor.patch(path, { email: null, phone: '310-555-0002' });
    expect(swapped.data).toMatchObject({ email: null, phone: '+13105550002' });
  });

  test('422: the last way to reach the customer cannot be cleared; the field is named', async () => {
    const byEmail = await aCustomer(advisor);
    const byPhone = await aCustomer(advisor, { email: null, phone: '+13105550003' });
    const both = await aCustomer(advisor, { phone: '+13105550004' });
    const cases: [string, object, string][] = [
      [byEmail.id, { email: null }, 'email'],
      [byPhone.id, { phone: null }, 'phone'],
      [both.id, { phone: null, email: null }, 'email'],
    ];
    for (const [id, patch, path] of cases) {
      const { status, error } = await advisor.patch(`/v1/customers/${id}`, patch);
      expect([status, error.reason, error.issues?.[0].path]).toEqual([422, 'request.body_invalid', path]);
      expect((await advisor.get(`/v1/customers/${id}`)).data.version).toBe(1);
    }
  });

  test('409: an address or number of somebody else, and whose it is', async () => {
    const holder = await aCustomer(advisor, { phone: '+13105550005' });
    const path = `/v1/customers/${(await aCustomer(advisor)).id}`;
    const byEmail = await advisor.patch(path, { email: holder.email.toUpperCase() });
    expect([byEmail.status, byEmail.error.reason]).toEqual([409, 'customer.email_taken']);
    const byPhone = await advisor.patch(path, { phone: '(310) 555-0005' });
    expect([byPhone.status, byPhone.error.reason]).toEqual([409, 'customer.phone_taken']);
    for (const { error } of [byEmail, byPhone]) expect(error.details).toEqual({ id: holder.id });
  });

  test('412 customer.stale with the current version; of a hundred at once with one ETag one is 200', async () => {
    const { id } = await aCustomer(advisor);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        advisor.patch(`/v1/customers/${id}`, { notes: `by ${at}` }, { headers: { 'if-match': '"1"' } }),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(99);
    for (const { status, error } of refused) {
      expect([status, error.reason, error.details]).toEqual([412, 'customer.stale', { version: 2 }]);
    }
  });

  test('without If-Match none of a hundred at once is lost: the version counts them all', async () => {
    const { id } = await aCustomer(advisor);
    const patches = Array.from({ length: 100 }, (_, at) => ({
      [at % 2 === 0 ? 'notes' : 'address']: `by ${at}`,
    }));
    const answers = await Promise.all(patches.map((patch) => advisor.patch(`/v1/customers/${id}`, patch)));
    const versions = answers.map(({ data }) => data.version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 100 }, (_, at) => at + 2));
    const { data } = await advisor.get(`/v1/customers/${id}`);
    expect([data.notes, data.address].every((text) => text?.startsWith('by '))).toBe(true);
  });

  test('404 for an unknown, a malformed and a deleted one', async () => {
    const { id: deleted } = await aCustomer(advisor);
    await advisor.delete(`/v1/customers/${deleted}`);
    for (const id of [newId(), 'x', deleted]) {
      const { status, error } = await advisor.patch(`/v1/customers/${id}`, { name: 'X' });
      expect([status, error.reason]).toEqual([404, 'customer.not_found']);
    }
  });

  test('422 names the field: empty, of a wrong type, unknown, not to be changed', async () => {
    const { id } = await aCustomer(advisor);
    const cases: [object, string][] = [
      [{ name: '' }, 'name'],
      [{ name: null }, 'name'],
      [{ email: '' }, 'email'],
      [{ phone: '' }, 'phone'],
      [{ phone: '555' }, 'phone'],
      [{ address: '' }, 'address'],
      [{ notes: ' ' }, 'notes'],
      [{ tags: null }, 'tags'],
      [{ is_vip: null }, 'is_vip'],
      [{ version: 1 }, 'version'],
      [{ deleted_at: null }, 'deleted_at'],
      [{ nmae: 'x' }, 'nmae'],
    ];
    for (const [patch, path] of cases) {
      const { status, error } = await advisor.patch(`/v1/customers/${id}`, patch);
      expect([status, error.issues[0].path]).toEqual([422, path]);
    }
    for (const body of [undefined, []]) {
      expect((await advisor.patch(`/v1/customers/${id}`, body)).status).toBe(422);
    }
    expect((await advisor.get(`/v1/customers/${id}`)).data.version).toBe(1);
  });
});

describe('consent to text messages', () => {
  test('was given for a number, and does not go over to another', async () => {
    const { id } = await aCustomer(advisor, { phone: '+13105550777', sms_consent: true });
    const other = await advisor.patch(`/v1/customers/${id}`, { phone: '+13105550778' });
    expect(other.data.sms_consent).toBe(false);
    const asked = await advisor.patch(`/v1/customers/${id}`, { phone: '+13105550779', sms_consent: true });
    expect(asked.data.sms_consent).toBe(true);
    expect((await advisor.patch(`/v1/customers/${id}`, { name: 'Eva' })).data.sms_consent).toBe(true);
  });
});
