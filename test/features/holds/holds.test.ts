import { afterEach, describe, expect, test } from 'bun:test';
import { clean } from '../../../src/database/cleaning.ts';
import { newTrace } from '../../../src/database/timing.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aHold,
  aService,
  aTechnician,
  aVehicle,
  inHours,
} from '../../helpers/factories.ts';

let now = Date.now();
const app = await testApp({ env: PATIENT, clock: () => now });
const owner = await app.as('owner');
const advisor = await app.as('advisor');
const MINUTE_MS = 60_000;
afterEach(() => {
  now = Date.now();
});

describe('POST /v1/holds', () => {
  test('201: keeps the start free for others, as long as its services take, and tells until when', async () => {
    const service = await aService(owner, { duration_minutes: 75, price_cents: 9_900 });
    const { id: technician_id } = await aTechnician(owner);
    const starts_at = '2031-05-05T17:00:00Z';
    const held = await advisor.post('/v1/holds', {
      ...{
        technician_id,
        starts_at,
        service_ids: [service.id],
        minutes: 5,
        location: { address: '1 Main St' },
      },
    });
    expect(held.status).toBe(201);
    expect(held.headers.get('location')).toBe(`/v1/holds/${held.data.id}`);
    expect(held.data).toMatchObject({
      ...{ technician_id, starts_at, ends_at: '2031-05-05T18:15:00Z' },
      location: { address: '1 Main St', lat: null, lng: null },
      services: [{ service_id: service.id, quantity: 1, price_cents: 9_900, duration_minutes: 75 }],
    });
    expect(Date.parse(held.data.expires_at)).toBe(now + 5 * MINUTE_MS);
    expect((await advisor.get(`/v1/holds/${held.data.id}`)).data).toEqual(held.data);
    const { id: customer_id } = await aCustomer(advisor);
    const booked = await advisor.post('/v1/appointments', {
      customer_id,
      technician_id,
      starts_at: '2031-05-05T18:00:00Z',
    });
    expect(booked.error).toMatchObject({
      reason: 'appointment.slot_taken',
      details: { conflicts_with: held.data.id },
    });
    const { data } = await advisor.get(
      `/v1/availability?technician_id=${technician_id}&from=2031-05-05T15:00:00Z&to=2031-05-05T18:30:00Z`,
    );
    expect(data.items.map((one: Data) => one.starts_at)).toEqual([
      ...['2031-05-05T15:00:00Z', '2031-05-05T15:15:00Z', '2031-05-05T15:30:00Z', '2031-05-05T15:45:00Z'],
      ...['2031-05-05T16:00:00Z', '2031-05-05T18:15:00Z'],
    ]);
  });

  test('is no appointment: lists, reads, changes and the journal do not know it', async () => {
    const hold = await aHold(owner);
    for (const answer of [
      await owner.get(`/v1/appointments/${hold.id}`),
      await owner.patch(`/v1/appointments/${hold.id}`, { notes: 'x' }),
      await owner.put(`/v1/appointments/${hold.id}/status`, { status: 'canceled' }),
      await owner.delete(`/v1/appointments/${hold.id}`),
    ])
      expect(answer.error).toMatchObject({ code: 404, reason: 'appointment.not_found' });
    const { data } = await owner.get(`/v1/appointments?technician_id=${hold.technician_id}`);
    expect(data.items).toEqual([]);
    expect(await app.sql`select id from journal where entity_id = ${hold.id}`).toHaveLength(0);
  });

  test('a technician with a living hold stays', async () => {
    const hold = await aHold(owner);
    const { error } = await owner.patch(`/v1/technicians/${hold.technician_id}`, { is_active: false });
    expect(error.reason).toBe('technician.has_active_jobs');
  });

  test('422 and 409 as a booking', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const job = await aBooking(owner, { technician_id, starts_at: inHours(500) });
    const refused = await advisor.post('/v1/holds', { technician_id, starts_at: job.starts_at });
    expect(refused.error).toMatchObject({ code: 409, reason: 'appointment.slot_taken' });
    expect(refused.error.details.next_starts).toHaveLength(3);
    const unknown = await advisor.post('/v1/holds', {
      ...{ technician_id, starts_at: inHours(600), service_ids: ['01a20bd7-9f55-7017-915d-6baafcf06004'] },
    });
    expect(unknown.error.issues[0].path).toBe('service_ids.0');
    expect((await advisor.post('/v1/holds', { technician_id, starts_at: inHours(-2) })).status).toBe(422);
  });
});

describe('POST /v1/holds/{id}/confirm', () => {
  test('201: an appointment with the place and the price that were held, whatever the shop set since', async () => {
    const service = await aService(owner, { price_cents: 5_000 });
    const hold = await aHold(owner, { service_ids: [service.id], starts_at: '2031-06-02T17:00:00Z' });
    await owner.patch(`/v1/services/${service.id}`, { price_cents: 7_000 });
    await owner.delete(`/v1/services/${service.id}`);
    await app.sql`update technicians set hours = '[]' where id = ${hold.technician_id}`;
    const vehicle = await aVehicle(advisor);
    const confirmed = await advisor.post(`/v1/holds/${hold.id}/confirm`, {
      ...{ customer_id: vehicle.customer_id, vehicle_id: vehicle.id, notes: 'ring twice' },
    });
    expect(confirmed.status).toBe(201);
    expect(confirmed.headers.get('location')).toBe(`/v1/appointments/${confirmed.data.id}`);
    expect(confirmed.data).toMatchObject({
      ...{
        status: 'scheduled',
        technician_id: hold.technician_id,
        starts_at: hold.starts_at,
        ends_at: hold.ends_at,
      },
      ...{ vehicle_id: vehicle.id, notes: 'ring twice', total_cents: 5_000 },
    });
    const { data } = await advisor.get(`/v1/appointments/${confirmed.data.id}/history`);
    expect(data.items.map((row: Data) => row.action)).toContain('created');
    expect((await advisor.get(`/v1/holds/${hold.id}`)).status).toBe(404);
    expect(
      (await advisor.post(`/v1/holds/${hold.id}/confirm`, { customer_id: vehicle.customer_id })).status,
    ).toBe(404);
  });

  test('409 when the vehicle is elsewhere: the hold stays', async () => {
    const vehicle = await aVehicle(advisor);
    const { customer_id } = vehicle;
    const starts_at = inHours(900);
    await aBooking(advisor, { customer_id, vehicle_id: vehicle.id, starts_at });
    const hold = await aHold(owner, { starts_at });
    const refused = await advisor.post(`/v1/holds/${hold.id}/confirm`, {
      customer_id,
      vehicle_id: vehicle.id,
    });
    expect(refused.error.reason).toBe('appointment.vehicle_busy');
    expect((await advisor.post(`/v1/holds/${hold.id}/confirm`, { customer_id })).status).toBe(201);
  });

  test('works to the last moment, and not after it', async () => {
    const { id: customer_id } = await aCustomer(advisor);
    const hold = await aHold(owner, { minutes: 1 });
    const late = await aHold(owner, { minutes: 1 });
    now += MINUTE_MS - 1;
    expect((await advisor.post(`/v1/holds/${hold.id}/confirm`, { customer_id })).status).toBe(201);
    now += 1;
    expect((await advisor.post(`/v1/holds/${late.id}/confirm`, { customer_id })).error.reason).toBe(
      'hold.not_found',
    );
  });
});

describe('a hold that is over', () => {
  test('blocks nobody: the start is offered, and the booking takes it away', async () => {
    const hold = await aHold(owner, { minutes: 1, starts_at: '2031-07-07T17:00:00Z' });
    const { technician_id, starts_at } = hold;
    now += MINUTE_MS;
    const { data } = await owner.get(
      `/v1/availability?technician_id=${technician_id}&from=${starts_at}&to=2031-07-07T17:15:00Z`,
    );
    expect(data.items).toHaveLength(1);
    await aBooking(advisor, { technician_id, starts_at });
    expect(await app.sql`select id from appointments where id = ${hold.id}`).toHaveLength(0);
  });

  test('is cleaned away within the hour', async () => {
    const hold = await aHold(owner);
    await app.sql`update appointments set hold_expires_at = now() - interval '1 minute' where id = ${hold.id}`;
    await clean(app.pool.database(newTrace('test')));
    expect(await app.sql`select id from appointments where id = ${hold.id}`).toHaveLength(0);
  });
});

describe('DELETE /v1/holds/{id}', () => {
  test('200: the start is free again; 404 the second time', async () => {
    const { id, technician_id, starts_at } = await aHold(owner);
    expect((await advisor.delete(`/v1/holds/${id}`)).data).toEqual({ released: true });
    expect((await advisor.delete(`/v1/holds/${id}`)).status).toBe(404);
    await aBooking(advisor, { technician_id, starts_at });
  });
});

describe('races', () => {
  test('forty holds, bookings, moves and returns at once for one start: one gets it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id: technician_id } = await aTechnician(owner);
      const starts_at = `2031-08-${10 + round}T17:00:00Z`;
      const customer = await aCustomer(advisor);
      const elsewhere = async (at: number) =>
        aBooking(advisor, {
          customer_id: customer.id,
          technician_id,
          starts_at: `2031-09-${10 + at}T17:00:00Z`,
        });
      const moving = await Promise.all(Array.from({ length: 10 }, (_, at) => elsewhere(at)));
      const returning: Data[] = [];
      for (let at = 0; at < 10; at += 1) {
        const job = await aBooking(advisor, { customer_id: customer.id, technician_id, starts_at });
        await advisor.put(`/v1/appointments/${job.id}/status`, { status: 'canceled' });
        returning.push(job);
      }
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, () => advisor.post('/v1/holds', { technician_id, starts_at })),
        ...Array.from({ length: 10 }, () =>
          advisor.post('/v1/appointments', { customer_id: customer.id, technician_id, starts_at }),
        ),
        ...moving.map(({ id }) => advisor.patch(`/v1/appointments/${id}`, { starts_at })),
        ...returning.map(({ id }) => advisor.put(`/v1/appointments/${id}/status`, { status: 'scheduled' })),
      ]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      for (const { ok, error } of answers) {
        if (!ok) expect(error).toMatchObject({ code: 409, reason: 'appointment.slot_taken' });
      }
    }
  });

  test('a confirmation, a release and a second confirmation at once: one of them', async () => {
    const { id: customer_id } = await aCustomer(advisor);
    for (let round = 0; round < 10; round += 1) {
      const hold = await aHold(owner);
      const answers = await Promise.all([
        advisor.post(`/v1/holds/${hold.id}/confirm`, { customer_id }),
        advisor.delete(`/v1/holds/${hold.id}`),
        advisor.post(`/v1/holds/${hold.id}/confirm`, { customer_id }),
      ]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      for (const { ok, error } of answers) if (!ok) expect(error.reason).toBe('hold.not_found');
    }
  });
});
