import { describe, expect, test } from 'bun:test';
import { PATIENT, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle, inHours } from '../../helpers/factories.ts';

// On a busy machine the line may be long: not the patience is tested here.
const app = await testApp({ env: PATIENT });
const owner = await app.as('owner');
const advisor = await app.as('advisor');

describe('POST /v1/appointments', () => {
  test('201: a booking with everything comes back in the fixed shape, with Location and ETag', async () => {
    const vehicle = await aVehicle(advisor);
    const technician = await aTechnician(owner);
    const service = await aService(owner, { duration_minutes: 30, price_cents: 5_000 });
    const booked = await advisor.post('/v1/appointments', {
      customer_id: vehicle.customer_id,
      vehicle_id: vehicle.id,
      technician_id: technician.id,
      starts_at: '2031-03-01T09:00:00-08:00',
      location: { address: '1 Main St', lat: 34.05, lng: -118.25 },
      services: [{ service_id: service.id, quantity: 2 }],
      notes: 'gate code 12',
    });
    expect(booked.status).toBe(201);
    expect(booked.headers.get('location')).toBe(`/v1/appointments/${booked.data.id}`);
    expect(booked.headers.get('etag')).toBe('"1"');
    expect(booked.data).toMatchObject({
      status: 'scheduled',
      customer_id: vehicle.customer_id,
      vehicle_id: vehicle.id,
      technician_id: technician.id,
      starts_at: '2031-03-01T17:00:00Z',
      ends_at: '2031-03-01T18:00:00Z',
      location: { address: '1 Main St', lat: 34.05, lng: -118.25 },
      services: [
        { service_id: service.id, kind: 'labour', quantity: 2, duration_minutes: 30, price_cents: 5_000 },
      ],
      total_cents: 10_000,
      paid_cents: 0,
      notes: 'gate code 12',
      en_route_at: null,
      started_at: null,
      ready_at: null,
      completed_at: null,
      canceled_at: null,
      version: 1,
    });
    expect((await advisor.get(`/v1/appointments/${booked.data.id}`)).data).toEqual(booked.data);
  });

  test('201: without an end a job lasts an hour, or as long as its services', async () => {
    const plain = await aBooking(advisor, { starts_at: '2031-03-02T10:00:00Z' });
    expect(plain.ends_at).toBe('2031-03-02T11:00:00Z');
    expect(plain.location).toBeNull();
    const service = await aService(owner, { duration_minutes: 90 });
    const longer = await aBooking(advisor, {
      starts_at: '2031-03-02T10:00:00Z',
      services: [{ service_id: service.id, price_cents: 1 }],
    });
    expect(longer.ends_at).toBe('2031-03-02T11:30:00Z');
    expect(longer.total_cents).toBe(1);
  });

  test('201: ranges are half-open: one job may begin as the other ends', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await aBooking(advisor, {
      technician_id,
      starts_at: '2031-03-03T10:00:00Z',
      ends_at: '2031-03-03T11:00:00Z',
    });
    await aBooking(advisor, {
      technician_id,
      starts_at: '2031-03-03T11:00:00Z',
      ends_at: '2031-03-03T12:00:00Z',
    });
    await aBooking(advisor, {
      technician_id,
      starts_at: '2031-03-03T09:00:00Z',
      ends_at: '2031-03-03T10:00:00Z',
    });
  });

  test('409 appointment.slot_taken names the job in the way and the next free starts', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const first = await aBooking(advisor, { technician_id, starts_at: '2031-03-04T10:00:00Z' });
    await aBooking(advisor, { technician_id, starts_at: '2031-03-04T11:30:00Z' });
    const { id: customer_id } = await aCustomer(advisor);
    const refused = await advisor.post('/v1/appointments', {
      customer_id,
      technician_id,
      starts_at: '2031-03-04T10:30:00Z',
    });
    expect(refused.status).toBe(409);
    expect(refused.error.reason).toBe('appointment.slot_taken');
    expect(refused.error.details).toMatchObject({
      conflicts_with: first.id,
      next_starts: ['2031-03-04T12:30:00Z', '2031-03-04T12:45:00Z', '2031-03-04T13:00:00Z'],
    });
    const [next] = refused.error.details.next_starts;
    await aBooking(advisor, { technician_id, starts_at: next });
  });

  test('409 appointment.vehicle_busy: a vehicle cannot be in two jobs', async () => {
    const vehicle = await aVehicle(advisor);
    const at = { customer_id: vehicle.customer_id, vehicle_id: vehicle.id };
    const first = await aBooking(advisor, { ...at, starts_at: '2031-03-05T10:00:00Z' });
    const refused = await advisor.post('/v1/appointments', { ...at, starts_at: '2031-03-05T10:59:00Z' });
    expect(refused.status).toBe(409);
    expect(refused.error).toMatchObject({
      reason: 'appointment.vehicle_busy',
      details: { conflicts_with: first.id },
    });
  });

  test('201 with force: stored in another lane, with reason and person, and still in the way of the next', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await aBooking(advisor, { technician_id, starts_at: '2031-03-06T10:00:00Z' });
    const forced = await aBooking(advisor, {
      technician_id,
      starts_at: '2031-03-06T10:30:00Z',
      force: { reason: 'two vans that day' },
    });
    expect(forced.force_reason).toBe('two vans that day');
    const [row] = await app.sql`select lane, forced_by from appointments where id = ${forced.id}`;
    expect(row).toEqual({ lane: 1, forced_by: advisor.staffId });
    const { id: customer_id } = await aCustomer(advisor);
    const later = await advisor.post('/v1/appointments', {
      customer_id,
      technician_id,
      starts_at: '2031-03-06T11:15:00Z',
    });
    expect(later.error).toMatchObject({
      reason: 'appointment.slot_taken',
      details: { conflicts_with: forced.id },
    });
    const unneeded = await aBooking(advisor, {
      technician_id,
      starts_at: '2031-03-06T15:00:00Z',
      force: { reason: 'not needed' },
    });
    expect(unneeded.force_reason).toBeNull();
  });

  test('422 names the field that cannot be', async () => {
    const mine = await aVehicle(advisor);
    const other = await aVehicle(advisor);
    const resting = await aTechnician(owner, { is_active: false });
    const unskilled = await aTechnician(owner, { skills: ['brakes'] });
    const service = await aService(owner, { skills: ['epa-609'] });
    const retired = await aService(owner, { is_active: false });
    const { customer_id } = mine;
    const nobody = '01a20bd7-9f55-7017-915d-6baafcf0605d';
    const starts_at = '2031-03-07T10:00:00Z';
    const cases: [object, string][] = [
      [{ customer_id: nobody, starts_at }, 'customer_id'],
      [{ customer_id, starts_at, vehicle_id: other.id }, 'vehicle_id'],
      [{ customer_id, starts_at, vehicle_id: nobody }, 'vehicle_id'],
      [{ customer_id, starts_at, technician_id: nobody }, 'technician_id'],
      [{ customer_id, starts_at, technician_id: resting.id }, 'technician_id'],
      [
        { customer_id, starts_at, technician_id: unskilled.id, services: [{ service_id: service.id }] },
        'technician_id',
      ],
      [
        { customer_id, starts_at, services: [{ service_id: service.id }, { service_id: retired.id }] },
        'services.1.service_id',
      ],
      [{ customer_id, starts_at, services: [{ service_id: nobody }] }, 'services.0.service_id'],
      [{ customer_id, starts_at, ends_at: starts_at }, 'ends_at'],
      [{ customer_id, starts_at, ends_at: '2031-03-07T09:00:00Z' }, 'ends_at'],
      [{ customer_id, starts_at, ends_at: '2031-03-09T10:01:00Z' }, 'ends_at'],
      [{ customer_id, starts_at: inHours(-0.3) }, 'starts_at'],
      [{ customer_id, starts_at: '2031-03-07T10:00:00' }, 'starts_at'],
      [{ customer_id, starts_at, status: 'completed' }, 'status'],
      [{ customer_id }, 'starts_at'],
      [{ starts_at }, 'customer_id'],
    ];
    for (const [body, path] of cases) {
      const refused = await advisor.post('/v1/appointments', body);
      expect([refused.status, refused.error.issues[0].path]).toEqual([422, path]);
    }
    await aBooking(advisor, { starts_at: inHours(-0.2) });
    await aBooking(advisor, { starts_at, ends_at: '2031-03-09T10:00:00Z' });
  });

  test('one hundred at once for one slot: one 201, 99 × 409 appointment.slot_taken, one row', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(advisor);
    const booking = { customer_id, technician_id, starts_at: '2031-03-08T10:00:00Z' };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => advisor.post('/v1/appointments', booking)),
    );
    const outcomes = answers.map(({ status, error }) => `${status} ${error?.reason ?? ''}`).sort();
    expect(outcomes).toEqual(['201 ', ...Array(99).fill('409 appointment.slot_taken')]);
    const rows = await app.sql`select id from appointments where technician_id = ${technician_id}`;
    expect(rows).toHaveLength(1);
  });

  test('sixteen overlapping windows of one vehicle and four technicians at once: never two in one place, no 5xx', async () => {
    const vehicle = await aVehicle(advisor);
    const technicians = await Promise.all([1, 2, 3, 4].map(() => aTechnician(owner)));
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, at) =>
        advisor.post('/v1/appointments', {
          customer_id: vehicle.customer_id,
          vehicle_id: vehicle.id,
          technician_id: technicians[at % 4].id,
          starts_at: new Date(Date.UTC(2031, 2, 9, 8, 15 * (at % 16))).toISOString(),
          ends_at: new Date(Date.UTC(2031, 2, 9, 10, 15 * (at % 16))).toISOString(),
        }),
      ),
    );
    expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([201, 409]);
    const overlaps = await app.sql`
      select from appointments a join appointments b on a.id < b.id and a.vehicle_id = b.vehicle_id
        and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
      where a.vehicle_id = ${vehicle.id}`;
    expect(overlaps).toHaveLength(0);
  });
});
