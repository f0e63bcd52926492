import { describe, expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';

const app = await testApp();
const owner = await app.as('owner');
const advisor = await app.as('advisor');

describe('PATCH /v1/appointments/{id}', () => {
  test('200: a new start keeps the length; version and ETag rise', async () => {
    const job = await aBooking(advisor, {
      starts_at: '2032-01-05T10:00:00Z',
      ends_at: '2032-01-05T10:45:00Z',
    });
    const moved = await advisor.patch(`/v1/appointments/${job.id}`, { starts_at: '2032-01-06T08:00:00Z' });
    expect(moved.status).toBe(200);
    expect(moved.data).toMatchObject({
      starts_at: '2032-01-06T08:00:00Z',
      ends_at: '2032-01-06T08:45:00Z',
      version: 2,
    });
    expect(moved.headers.get('etag')).toBe('"2"');
  });

  test('200: null clears, services are replaced, an agreed price stays', async () => {
    const service = await aService(owner, { price_cents: 9_000 });
    const other = await aService(owner, { price_cents: 1_000 });
    const { id: technician_id } = await aTechnician(owner);
    const job = await aBooking(advisor, {
      technician_id,
      notes: 'bell is broken',
      location: { address: '2 Side St' },
      services: [{ service_id: service.id, price_cents: 7_500 }],
    });
    const patched = await advisor.patch(`/v1/appointments/${job.id}`, {
      technician_id: null,
      notes: null,
      location: null,
      services: [{ service_id: service.id, quantity: 2 }, { service_id: other.id }],
    });
    expect(patched.data).toMatchObject({
      technician_id: null,
      notes: null,
      location: null,
      total_cents: 16_000,
    });
    expect(patched.data.services.map((line: { price_cents: number }) => line.price_cents)).toEqual([
      7_500, 1_000,
    ]);
  });

  test('409: a reschedule, an assignment and a restore pass the guard; the job itself is never in its own way', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const first = await aBooking(advisor, { technician_id, starts_at: '2032-01-07T10:00:00Z' });
    const second = await aBooking(advisor, { technician_id, starts_at: '2032-01-07T12:00:00Z' });
    const free = await aBooking(advisor, { starts_at: '2032-01-07T10:30:00Z' });
    const path = `/v1/appointments/${second.id}`;
    expect((await advisor.patch(path, { starts_at: '2032-01-07T10:59:00Z' })).error.reason).toBe(
      'appointment.slot_taken',
    );
    expect((await advisor.patch(path, { starts_at: '2032-01-07T12:30:00Z' })).status).toBe(200);
    const assigned = await advisor.patch(`/v1/appointments/${free.id}`, { technician_id });
    expect(assigned.error).toMatchObject({
      reason: 'appointment.slot_taken',
      details: { conflicts_with: first.id },
    });
    await advisor.delete(path);
    const inPlace = await aBooking(advisor, { technician_id, starts_at: '2032-01-07T12:45:00Z' });
    expect((await advisor.post(`${path}/restore`)).error).toMatchObject({
      details: { conflicts_with: inPlace.id },
    });
    await advisor.delete(`/v1/appointments/${inPlace.id}`);
    expect((await advisor.post(`${path}/restore`)).data).toMatchObject({ id: second.id, deleted_at: null });
  });

  test('409 appointment.closed for a finished job, but its notes can change', async () => {
    const job = await aBooking(advisor);
    await advisor.put(`/v1/appointments/${job.id}/status`, { status: 'canceled' });
    const refused = await advisor.patch(`/v1/appointments/${job.id}`, { starts_at: '2032-02-01T10:00:00Z' });
    expect([refused.status, refused.error.reason]).toEqual([409, 'appointment.closed']);
    expect((await advisor.patch(`/v1/appointments/${job.id}`, { notes: 'called twice' })).data.notes).toBe(
      'called twice',
    );
  });

  test('412 for a version that is no longer the newest; of a hundred with one ETag one wins', async () => {
    const job = await aBooking(advisor);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        advisor.patch(
          `/v1/appointments/${job.id}`,
          { notes: `note ${at}` },
          { headers: { 'if-match': '"1"' } },
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(99).fill(412)]);
    const stale = answers.find(({ status }) => status === 412);
    expect(stale?.error).toMatchObject({ reason: 'appointment.stale', details: { version: 2 } });
    expect((await advisor.get(`/v1/appointments/${job.id}`)).data.version).toBe(2);
  });

  test('two swaps at once, each into the place of the other, end without a deadlock for a client', async () => {
    const [one, two] = await Promise.all([aTechnician(owner), aTechnician(owner)]);
    const jobs = await Promise.all(
      [one, two].map(({ id: technician_id }) =>
        aBooking(advisor, { technician_id, starts_at: '2032-01-09T10:00:00Z' }),
      ),
    );
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all([
        advisor.patch(`/v1/appointments/${jobs[0].id}`, { technician_id: two.id }),
        advisor.patch(`/v1/appointments/${jobs[1].id}`, { technician_id: one.id }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([409, 409]);
    }
  });

  test('422 for a vehicle of somebody else, whose owner is the job’s customer only', async () => {
    const job = await aBooking(advisor);
    const vehicle = await aVehicle(advisor);
    const refused = await advisor.patch(`/v1/appointments/${job.id}`, { vehicle_id: vehicle.id });
    expect([refused.status, refused.error.issues[0].path]).toEqual([422, 'vehicle_id']);
  });
});

describe('a technician', () => {
  test('sees and moves own jobs only, and changes notes and services but no prices', async () => {
    const login = await app.as('technician');
    const { id: technician_id } = await aTechnician(owner, { staff_id: login.staffId });
    const service = await aService(owner);
    const own = await aBooking(advisor, { technician_id, starts_at: '2032-03-01T10:00:00Z' });
    const other = await aBooking(advisor, { starts_at: '2032-03-01T10:00:00Z' });
    expect((await login.get('/v1/appointments')).data.items.map(({ id }: { id: string }) => id)).toEqual([
      own.id,
    ]);
    expect((await login.get(`/v1/appointments/${own.id}`)).status).toBe(200);
    expect((await login.get(`/v1/appointments/${other.id}`)).error.reason).toBe('appointment.not_found');
    expect((await login.put(`/v1/appointments/${other.id}/status`, { status: 'en_route' })).status).toBe(404);
    expect((await login.patch(`/v1/appointments/${other.id}`, { notes: 'x' })).status).toBe(404);
    expect((await login.put(`/v1/appointments/${own.id}/status`, { status: 'en_route' })).data.status).toBe(
      'en_route',
    );
    const path = `/v1/appointments/${own.id}`;
    expect((await login.patch(path, { notes: 'dog', services: [{ service_id: service.id }] })).status).toBe(
      200,
    );
    expect((await login.patch(path, { technician_id: null })).status).toBe(403);
    expect((await login.patch(path, { services: [{ service_id: service.id, price_cents: 1 }] })).status).toBe(
      403,
    );
    expect((await login.post(`${path}/services`, { service_id: service.id, price_cents: 1 })).status).toBe(
      403,
    );
    expect((await login.get(`/v1/customers/${own.customer_id}`)).status).toBe(200);
    expect((await login.get(`/v1/customers/${other.customer_id}`)).status).toBe(404);
    expect((await login.get(`/v1/customers/${own.customer_id}/profile`)).status).toBe(403);
  });
});

describe('services on the job', () => {
  test('are added, changed and removed; the job’s version and total follow', async () => {
    const service = await aService(owner, { price_cents: 4_000 });
    const job = await aBooking(advisor);
    const path = `/v1/appointments/${job.id}/services`;
    const added = await advisor.post(path, { service_id: service.id, quantity: 3 });
    expect([added.status, added.data.total_cents, added.data.version]).toEqual([201, 12_000, 2]);
    const [line] = added.data.services;
    const changed = await advisor.patch(`${path}/${line.id}`, { quantity: 1, price_cents: 3_500 });
    expect([changed.status, changed.data.total_cents, changed.data.version]).toEqual([200, 3_500, 3]);
    const removed = await advisor.delete(`${path}/${line.id}`);
    expect([removed.status, removed.data.services, removed.data.total_cents]).toEqual([200, [], 0]);
    expect((await advisor.delete(`${path}/${line.id}`)).error.reason).toBe('service.not_found');
  });

  test('keep the price that they were sold for when the catalog changes', async () => {
    const service = await aService(owner, { price_cents: 4_000 });
    const job = await aBooking(advisor, { services: [{ service_id: service.id }] });
    await owner.patch(`/v1/services/${service.id}`, { price_cents: 9_900, name: 'Renamed' });
    expect((await advisor.get(`/v1/appointments/${job.id}`)).data).toMatchObject({
      total_cents: 4_000,
      services: [{ name: 'Test service', price_cents: 4_000 }],
    });
  });
});

describe('GET /v1/appointments', () => {
  test('filters by each field, half-open, and refuses what it does not know', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(advisor);
    const at = (hour: string) => ({ technician_id, customer_id, starts_at: `2033-05-0${hour}` });
    const first = await aBooking(advisor, at('1T10:00:00Z'));
    const second = await aBooking(advisor, at('1T11:00:00Z'));
    const third = await aBooking(advisor, at('2T10:00:00Z'));
    await advisor.put(`/v1/appointments/${second.id}/status`, { status: 'canceled' });
    const ids = async (query: string) =>
      (await advisor.get(`/v1/appointments?technician_id=${technician_id}&${query}`)).data.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await ids('from=2033-05-01T10:00:00Z&to=2033-05-01T11:00:00Z')).toEqual([first.id]);
    expect(await ids('from=2033-05-01&to=2033-05-02')).toEqual([first.id, second.id]);
    expect(await ids('status=scheduled,canceled&sort=-starts_at')).toEqual([third.id, second.id, first.id]);
    expect(await ids('status=canceled')).toEqual([second.id]);
    expect(await ids(`customer_id=${customer_id}&sort=-updated_at&limit=1`)).toEqual([second.id]);
    const unknown = await advisor.get('/v1/appointments?technican_id=x');
    expect([unknown.status, unknown.error.reason]).toEqual([400, 'request.parameter_invalid']);
    expect(unknown.error.message).toContain('technician_id');
  });

  test('pages through everything once, in both directions, and binds the cursor to its filters', async () => {
    const { id: customer_id } = await aCustomer(advisor);
    const booked = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        aBooking(advisor, { customer_id, starts_at: `2034-01-01T0${at % 4}:00:00Z` }),
      ),
    );
    for (const sort of ['starts_at', '-starts_at', 'updated_at', '-updated_at']) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await advisor.get(
          `/v1/appointments?customer_id=${customer_id}&sort=${sort}&limit=5${cursor}`,
        );
        seen.push(...page.data.items.map(({ id }: { id: string }) => id));
        cursor = page.data.next_cursor === null ? '' : `&cursor=${page.data.next_cursor}`;
      } while (cursor !== '');
      expect(seen.toSorted()).toEqual(booked.map(({ id }) => id).sort());
    }
    const page = await advisor.get(`/v1/appointments?customer_id=${customer_id}&limit=5`);
    const other = await advisor.get(`/v1/appointments?limit=5&cursor=${page.data.next_cursor}`);
    expect([other.status, other.error.issues[0].path]).toEqual([400, 'cursor']);
    expect((await advisor.get('/v1/appointments?cursor=nonsense')).status).toBe(400);
  });
});
