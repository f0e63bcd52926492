import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aVehicle } from '../../helpers/factories.ts';

const shop = await testApp();
const advisor = await shop.as('advisor');
const owner = await shop.as('owner');

const merge = (kept: Data, other: Data, options = {}) =>
  advisor.post(`/v1/customers/${kept.id}/merge`, { other_id: other.id }, options);
const customerNow = async ({ id }: Data) => advisor.get(`/v1/customers/${id}`);
const idsAt = async (path: string): Promise<string[]> =>
  (await advisor.get(path)).data.items.map((one: Data) => one.id).sort();

const anIssued = async (job: Data): Promise<string> => {
  const id = newId();
  await shop.sql`
    insert into invoices (id, appointment_id, customer_id, status, number, subtotal_cents, total_cents)
    values (${id}, ${job.id}, ${job.customer_id}, 'issued', ${Math.floor(Math.random() * 2 ** 30)}, 9000, 9000)`;
  return id;
};

describe('POST /v1/customers/{id}/merge', () => {
  test('200: vehicles, jobs of every state, invoices and notes move over; the other is deleted', async () => {
    const [kept, other] = [await aCustomer(advisor), await aCustomer(advisor)];
    const vehicles = [
      await aVehicle(advisor, { customer_id: kept.id }),
      await aVehicle(advisor, { customer_id: other.id }),
      await aVehicle(advisor, { customer_id: other.id }),
    ];
    const active = await aBooking(advisor, { customer_id: other.id, vehicle_id: vehicles[1].id });
    const canceled = await aBooking(advisor, { customer_id: other.id });
    await advisor.put(`/v1/appointments/${canceled.id}/status`, { status: 'canceled' });
    const own = await aBooking(advisor, { customer_id: kept.id });
    const invoice = await anIssued(active);
    // The job shows what its invoice comes to.
    const { version } = (await advisor.get(`/v1/appointments/${active.id}`)).data;
    const note = (await advisor.post(`/v1/customers/${other.id}/notes`, { body: 'n' })).data;

    const { status, data, headers } = await merge(kept, other);
    expect([status, data.id, data.version, headers.get('etag')]).toEqual([200, kept.id, 2, '"2"']);
    expect((await customerNow(kept)).data).toEqual(data);
    expect((await customerNow(other)).status).toBe(404);

    expect(await idsAt(`/v1/vehicles?customer_id=${kept.id}`)).toEqual(vehicles.map((one) => one.id).sort());
    const jobs = [active.id, canceled.id, own.id].sort();
    expect(await idsAt(`/v1/appointments?customer_id=${kept.id}`)).toEqual(jobs);
    expect(await idsAt(`/v1/customers/${kept.id}/notes`)).toEqual([note.id]);
    const rows = await shop.sql`select customer_id, version from invoices where id = ${invoice}`;
    expect(rows).toEqual([{ customer_id: kept.id, version: 2 }]);
    const profile = (await advisor.get(`/v1/customers/${kept.id}/profile`)).data;
    expect(profile.totals.unpaid_cents).toBe(9_000);
    expect((await advisor.get(`/v1/appointments/${active.id}`)).data.version).toBe(version + 1);
  });

  test('200: what is empty is filled, what is there stays; the address and number are free for it', async () => {
    const kept = await aCustomer(advisor, { email: null, phone: '+13105550101', name: 'Kept' });
    const other = await aCustomer(advisor, {
      ...{ name: 'Other', phone: '+13105550102', address: '2 Elm St', notes: 'two dogs', tags: ['fleet'] },
      ...{ is_vip: true, sms_consent: true },
    });
    const { data } = await merge(kept, other);
    expect(data).toMatchObject({
      ...{ name: 'Kept', email: other.email, phone: '+13105550101', address: '2 Elm St', notes: 'two dogs' },
      // The consent was given for the other number.
      ...{ tags: ['fleet'], is_vip: true, sms_consent: false },
    });
    expect((await aCustomer(advisor, { phone: '+13105550102' })).phone).toBe('+13105550102');
  });

  test('200: one primary vehicle is left, the one that it was', async () => {
    const first = await aVehicle(advisor, { is_primary: true });
    const second = await aVehicle(advisor, { is_primary: true });
    const third = await aVehicle(advisor);
    const primaryOf = async (customerId: string): Promise<string[]> =>
      (await advisor.get(`/v1/vehicles?customer_id=${customerId}`)).data.items
        .filter((one: Data) => one.is_primary)
        .map((one: Data) => one.id);
    await merge({ id: first.customer_id }, { id: second.customer_id });
    expect(await primaryOf(first.customer_id)).toEqual([first.id]);
    await merge({ id: third.customer_id }, { id: first.customer_id });
    expect(await primaryOf(third.customer_id)).toEqual([first.id]);
  });

  test('the journal tells who did it, and of each thing that moved, under one correlation id', async () => {
    const [kept, vehicle] = [await aCustomer(advisor), await aVehicle(advisor)];
    const { correlationId } = await merge(kept, { id: vehicle.customer_id });
    const { items } = (await owner.get(`/v1/audit?actor_id=${advisor.staffId}&limit=100`)).data;
    const told = items.filter((row: Data) => row.correlation_id === correlationId);
    const moved = { customer_id: { from: vehicle.customer_id, to: kept.id } };
    expect(told).toContainEqual(
      expect.objectContaining({ entity_id: vehicle.id, changes: expect.objectContaining(moved) }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ entity_id: vehicle.customer_id, action: 'deleted' }),
    );
  });

  test('422 for itself, for an unknown and for a deleted other one', async () => {
    const [kept, gone] = [await aCustomer(advisor), await aCustomer(advisor)];
    await advisor.delete(`/v1/customers/${gone.id}`);
    for (const other of [kept, { id: kept.id.toUpperCase() }, gone, { id: newId() }, { id: 'x' }]) {
      const { status, error } = await merge(kept, other);
      expect([status, error.issues[0].path]).toEqual([422, 'other_id']);
    }
    expect((await customerNow(kept)).data).toEqual(kept);
  });

  test('404 for an unknown and a deleted customer, 412 for another version: nothing moves', async () => {
    const vehicle = await aVehicle(advisor);
    const [kept, gone] = [await aCustomer(advisor), await aCustomer(advisor)];
    await advisor.delete(`/v1/customers/${gone.id}`);
    const other = { id: vehicle.customer_id };
    for (const one of [gone, { id: newId() }]) {
      expect((await merge(one, other)).error.reason).toBe('customer.not_found');
    }
    const stale = await merge(kept, other, { headers: { 'if-match': '"9"' } });
    expect(stale.error).toMatchObject({ code: 412, reason: 'customer.stale', details: { version: 1 } });
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data).toEqual(vehicle);
  });

  test('a dry run moves nothing', async () => {
    const [kept, vehicle] = [await aCustomer(advisor), await aVehicle(advisor)];
    const body = { other_id: vehicle.customer_id };
    expect((await advisor.post(`/v1/customers/${kept.id}/merge?dry_run=true`, body)).status).toBe(200);
    expect((await advisor.get(`/v1/vehicles/${vehicle.id}`)).data).toEqual(vehicle);
    expect((await customerNow({ id: vehicle.customer_id })).status).toBe(200);
  });

  test('two into each other at once: one is done, of the other there is nothing left to merge', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [await aVehicle(advisor), await aVehicle(advisor)];
      const [left, right] = [{ id: one.customer_id }, { id: other.customer_id }];
      const answers = await Promise.all([merge(left, right), merge(right, left)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
      const kept = answers.find(({ status }) => status === 200)?.data;
      expect(await idsAt(`/v1/vehicles?customer_id=${kept.id}`)).toEqual([one.id, other.id].sort());
    }
  });

  test('a booking for the other one at once: it is moved too, or refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [kept, other] = [await aCustomer(advisor), await aCustomer(advisor)];
      const booking = { customer_id: other.id, starts_at: `2101-08-${10 + round}T10:00:00Z` };
      const [merged, booked] = await Promise.all([
        merge(kept, other),
        advisor.post('/v1/appointments', booking),
      ]);
      expect(merged.status).toBe(200);
      expect([201, 422]).toContain(booked.status);
      const jobs = booked.status === 201 ? [booked.data.id] : [];
      expect(await idsAt(`/v1/appointments?customer_id=${kept.id}`)).toEqual(jobs);
    }
  });

  test('every table that refers to customers is one that a merge moves', async () => {
    const tables = await shop.sql<{ name: string }>`
      select distinct conrelid::regclass::text as name from pg_constraint
      where contype = 'f' and confrelid = 'customers'::regclass order by 1`;
    expect(tables.map(({ name }) => name)).toEqual([
      'appointments',
      'customer_notes',
      'estimates',
      'invoices',
      'vehicles',
    ]);
  });
});
