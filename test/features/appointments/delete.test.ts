import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
const at = (job: Data, below = ''): string => `/v1/appointments/${job.id}${below}`;

describe('GET /v1/appointments/:id', () => {
  test('200 with the version as ETag; 304 without a body to who has that version', async () => {
    const job = await aBooking(advisor, { services: [{ service_id: (await aService(owner)).id }] });
    const { status, data, headers } = await (await shop.as('accountant')).get(at(job));
    expect([status, headers.get('etag')]).toEqual([200, '"1"']);
    expect(data).toEqual(job);
    const known = await advisor.get(at(job), { headers: { 'if-none-match': '"1"' } });
    expect([known.status, known.text]).toEqual([304, '']);
    await advisor.patch(at(job), { notes: 'new' });
    expect((await advisor.get(at(job), { headers: { 'if-none-match': '"1"' } })).headers.get('etag')).toBe(
      '"2"',
    );
  });

  test('404 for a deleted, an unknown and a malformed id', async () => {
    const job = await aBooking(advisor);
    await advisor.delete(at(job));
    for (const id of [job.id, newId(), 'x', '%00']) {
      const { status, error } = await advisor.get(`/v1/appointments/${id}`);
      expect([status, error.reason]).toEqual([404, 'appointment.not_found']);
    }
  });
});

describe('DELETE /v1/appointments/:id', () => {
  test('200: the job with the time of its deletion; whatever is done to it then is 404', async () => {
    const { id: service_id } = await aService(owner);
    const job = await aBooking(advisor, { services: [{ service_id }] });
    const { status, data } = await advisor.delete(at(job));
    expect(status).toBe(200);
    expect(data).toEqual({
      ...job,
      deleted_at: expect.stringMatching(/Z$/),
      updated_at: data.deleted_at,
      version: 2,
    });
    const line = at(job, `/services/${job.services[0].id}`);
    const answers = [
      ...[await advisor.delete(at(job)), await advisor.patch(at(job), { notes: 'x' })],
      ...[
        await advisor.put(at(job, '/status'), { status: 'en_route' }),
        await advisor.post(at(job, '/services'), { service_id }),
      ],
      ...[await advisor.patch(line, { quantity: 2 }), await advisor.delete(line)],
    ];
    expect(answers.map(({ error }) => error.reason)).toEqual(Array(6).fill('appointment.not_found'));
  });

  test('frees the technician and the vehicle at once', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: vehicle_id, customer_id } = await aVehicle(advisor);
    const booking = { customer_id, vehicle_id, technician_id, starts_at: '2031-01-01T10:00:00Z' };
    await advisor.delete(at(await aBooking(advisor, booking)));
    expect((await aBooking(advisor, booking)).status).toBe('scheduled');
  });

  test('412 for an old version, and the job stays', async () => {
    const job = await aBooking(advisor);
    const { status, error } = await advisor.delete(at(job), { headers: { 'if-match': '"2"' } });
    expect([status, error.reason, error.details]).toEqual([412, 'appointment.stale', { version: 1 }]);
    expect((await advisor.delete(at(job), { headers: { 'if-match': '"1"' } })).status).toBe(200);
  });

  test('403 for a technician, on own jobs too', async () => {
    const technician = await shop.as('technician');
    const { id: technician_id } = await aTechnician(owner, { staff_id: technician.staffId });
    const job = await aBooking(advisor, { technician_id });
    expect((await technician.delete(at(job))).status).toBe(403);
    expect((await technician.post(at(job, '/restore'))).status).toBe(403);
  });
});

describe('POST /v1/appointments/:id/restore', () => {
  test('200: as it was, services and all, a version later; a second time nothing changes', async () => {
    const job = await aBooking(advisor, {
      services: [{ service_id: (await aService(owner)).id }],
      notes: 'n',
    });
    await advisor.delete(at(job));
    const restored = await advisor.post(at(job, '/restore'));
    expect(restored.status).toBe(200);
    expect(restored.data).toEqual({ ...job, updated_at: expect.any(String), version: 3 });
    expect((await advisor.post(at(job, '/restore'))).data).toEqual(restored.data);
    expect((await advisor.get(at(job))).data).toEqual(restored.data);
  });

  test('409: an active job passes the guard again, for its technician and for its vehicle', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: vehicle_id, customer_id } = await aVehicle(advisor);
    const starts_at = '2031-02-01T10:00:00Z';
    const job = await aBooking(advisor, { customer_id, vehicle_id, technician_id, starts_at });
    await advisor.delete(at(job));
    const sameVan = await aBooking(advisor, { technician_id, starts_at });
    const slot = await advisor.post(at(job, '/restore'));
    expect(slot.error).toMatchObject({
      code: 409,
      reason: 'appointment.slot_taken',
      details: { conflicts_with: sameVan.id },
    });
    await advisor.delete(at(sameVan));
    const sameVehicle = await aBooking(advisor, {
      customer_id,
      vehicle_id,
      starts_at: '2031-02-01T10:30:00Z',
    });
    const busy = await advisor.post(at(job, '/restore'));
    expect(busy.error).toMatchObject({
      code: 409,
      reason: 'appointment.vehicle_busy',
      details: { conflicts_with: sameVehicle.id },
    });
    expect((await advisor.get(at(job))).status).toBe(404);
    await advisor.put(at(sameVehicle, '/status'), { status: 'canceled' });
    expect((await advisor.post(at(job, '/restore'))).data.deleted_at).toBeNull();
  });

  test('200: a job that is over comes back into a place that is taken: it holds nobody', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const starts_at = '2031-03-01T10:00:00Z';
    for (const status of ['canceled', 'no_show', 'completed']) {
      const job = await aBooking(advisor, { technician_id, starts_at });
      await shop.sql`update appointments set status = ${status} where id = ${job.id}`;
      await advisor.delete(at(job));
      const other = await aBooking(advisor, { technician_id, starts_at });
      expect((await advisor.post(at(job, '/restore'))).data).toMatchObject({ status, deleted_at: null });
      await advisor.delete(at(other));
    }
  });

  test('twenty restored into one slot at once: one comes back', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const jobs: Data[] = [];
    for (let count = 0; count < 20; count += 1) {
      const job = await aBooking(advisor, { technician_id, starts_at: '2031-04-01T10:00:00Z' });
      await advisor.delete(at(job));
      jobs.push(job);
    }
    const answers = await Promise.all(jobs.map((job) => advisor.post(at(job, '/restore'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
  });

  test('404 for an unknown and a malformed id', async () => {
    for (const id of [newId(), 'x'])
      expect((await advisor.post(`/v1/appointments/${id}/restore`)).status).toBe(404);
  });
});
