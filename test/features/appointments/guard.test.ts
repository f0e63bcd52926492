import { afterEach, describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician } from '../../helpers/factories.ts';

const app = await testApp({ env: { SHOP_TIMEZONE: 'America/Los_Angeles' } });
const owner = await app.as('owner');
const advisor = await app.as('advisor');
const { id: customer_id } = await aCustomer(owner);
const HERE = { lat: 34, lng: -118 };
/** 33.4 km by the great circle: 66 minutes at 40 km/h with the usual road factor. */
const FAR = { lat: 34.3, lng: -118 };
const force = { reason: 'the customer insists' };

const withHours = async (from: string, to: string): Promise<Data> => {
  const technician = await aTechnician(owner);
  const hours = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from, to }));
  await app.sql`update technicians set hours = ${app.sql.json(hours)} where id = ${technician.id}`;
  return technician;
};
const book = (body: Data) => advisor.post('/v1/appointments', { customer_id, ...body });
const path = ({ id }: Data): string => `/v1/appointments/${id}`;
const at = (time: string): string => `2031-03-03T${time}:00-08:00`;
const utc = (time: string): string => `2031-03-03T${time}:00Z`;

afterEach(async () => {
  await app.sql`update settings set buffer_before_minutes = 0, buffer_after_minutes = 0, jobs_per_day = null`;
  await app.sql`delete from service_areas`;
});

describe('hours', () => {
  test('409 outside them, with the next starts; force passes, is stored, and keeps lane 0', async () => {
    const { id: technician_id } = await withHours('08:00', '17:00');
    const late = { technician_id, starts_at: at('16:30') };
    const { error } = await book(late);
    expect(error).toMatchObject({
      ...{ code: 409, reason: 'appointment.outside_hours' },
      details: {
        rule: 'hours',
        next_starts: ['2031-03-04T16:00:00Z', '2031-03-04T16:15:00Z', '2031-03-04T16:30:00Z'],
      },
    });
    const forced = await book({ ...late, force });
    expect([forced.status, forced.data.force_reason]).toEqual([201, force.reason]);
    const [row] = await app.sql`select lane, forced_by from appointments where id = ${forced.data.id}`;
    expect(row).toMatchObject({ lane: 0, forced_by: advisor.staffId });
  });

  test('a force that was not needed is not stored', async () => {
    const { id: technician_id } = await withHours('08:00', '17:00');
    const { data } = await book({ technician_id, starts_at: at('09:00'), force });
    expect(data.force_reason).toBeNull();
  });

  test('a move of the start, the end or the technician is judged; notes, and the vehicle, are not', async () => {
    const { id: technician_id } = await withHours('08:00', '17:00');
    const { id: other } = await withHours('12:00', '17:00');
    const job = await aBooking(advisor, { customer_id, technician_id, starts_at: at('09:00') });
    for (const patch of [{ starts_at: at('06:00') }, { ends_at: at('17:15') }, { technician_id: other }])
      expect((await advisor.patch(path(job), patch)).error?.reason).toBe('appointment.outside_hours');
    await app.sql`update technicians set hours = '[]' where id = ${technician_id}`;
    expect((await advisor.patch(path(job), { notes: 'gate code' })).status).toBe(200);
    expect((await advisor.patch(path(job), { vehicle_id: null })).status).toBe(200);
    // Coming back where it was asks for the neighbours alone.
    for (const status of ['canceled', 'scheduled'])
      expect((await advisor.put(`${path(job)}/status`, { status })).status).toBe(200);
  });
});

describe('buffers', () => {
  test('are part of a job’s time: they are kept with the job, and hold in the database too', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await owner.patch('/v1/settings', { buffer_before_minutes: 10, buffer_after_minutes: 20 });
    const job = await aBooking(advisor, { customer_id, technician_id, starts_at: at('09:00') });
    const tooSoon = await book({ technician_id, starts_at: at('10:29') });
    expect(tooSoon.error).toMatchObject({
      reason: 'appointment.slot_taken',
      details: {
        conflicts_with: job.id,
        busy_to: utc('18:20'),
        next_starts: [utc('18:30'), utc('18:45'), utc('19:00')],
      },
    });
    expect((await book({ technician_id, starts_at: at('10:30') })).status).toBe(201);
    expect((await book({ technician_id, starts_at: at('07:31') })).error?.reason).toBe(
      'appointment.slot_taken',
    );
    const behindTheBack = app.sql`
      insert into appointments (id, customer_id, technician_id, starts_at, ends_at, buffer_before_minutes)
      values (gen_random_uuid(), ${customer_id}, ${technician_id}, ${at('08:00')}, ${at('08:51')}, 5)`;
    expect(
      await behindTheBack.then(
        () => 'taken',
        (error) => error.constraint_name ?? error.message,
      ),
    ).toContain('appointments_technician_free');
    // What the shop sets now is for later jobs.
    await owner.patch('/v1/settings', { buffer_before_minutes: 0, buffer_after_minutes: 0 });
    expect((await book({ technician_id, starts_at: at('07:50'), ends_at: at('08:50') })).status).toBe(201);
    expect((await book({ technician_id, starts_at: at('07:00'), ends_at: at('07:51') })).error?.reason).toBe(
      'appointment.slot_taken',
    );
  });
});

describe('drives', () => {
  test('409 with the minutes short, on either side; a job without a place is asked nothing', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const job = await aBooking(advisor, {
      customer_id,
      technician_id,
      starts_at: at('12:00'),
      location: HERE,
    });
    const after = await book({ technician_id, starts_at: at('13:30'), location: FAR });
    expect(after.error).toMatchObject({
      ...{ code: 409, reason: 'appointment.travel_infeasible' },
      details: {
        rule: 'travel_before',
        minutes: 66,
        gap_minutes: 30,
        short_minutes: 36,
        conflicts_with: job.id,
      },
    });
    expect(after.error.details.next_starts[0]).toBe(utc('22:15'));
    const before = await book({ technician_id, starts_at: at('10:00'), location: FAR });
    expect(before.error.details).toMatchObject({ rule: 'travel_after', gap_minutes: 60, short_minutes: 6 });
    expect((await book({ technician_id, starts_at: at('13:00') })).status).toBe(201);
    expect((await book({ technician_id, starts_at: at('14:06'), location: FAR })).status).toBe(201);
  });

  test('a place that changes is judged, and so is who comes back', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await aBooking(advisor, { customer_id, technician_id, starts_at: at('12:00'), location: HERE });
    const next = await aBooking(advisor, {
      customer_id,
      technician_id,
      starts_at: at('13:00'),
      location: HERE,
    });
    const moved = await advisor.patch(path(next), { location: FAR });
    expect(moved.error?.reason).toBe('appointment.travel_infeasible');
    expect((await advisor.put(`${path(next)}/status`, { status: 'canceled' })).status).toBe(200);
    await aBooking(advisor, { customer_id, technician_id, starts_at: at('14:30'), location: FAR });
    const back = await advisor.put(`${path(next)}/status`, { status: 'scheduled' });
    expect(back.error).toMatchObject({
      reason: 'appointment.travel_infeasible',
      details: { rule: 'travel_after' },
    });
  });

  test('force passes over a drive; the pair stays permitted while both stay', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await aBooking(advisor, { customer_id, technician_id, starts_at: at('12:00'), location: HERE });
    const forced = await book({ technician_id, starts_at: at('13:00'), location: FAR, force });
    expect([forced.status, forced.data.force_reason]).toEqual([201, force.reason]);
    expect((await advisor.patch(path(forced.data), { notes: 'x' })).status).toBe(200);
    expect((await advisor.patch(path(forced.data), { starts_at: at('13:15') })).error?.reason).toBe(
      'appointment.travel_infeasible',
    );
  });
});

describe('service areas', () => {
  const anArea = (fee: number) => app.sql`
    insert into service_areas (id, name, kind, lat, lng, radius_km, trip_fee_cents)
    values (gen_random_uuid(), 'Town', 'radius', ${HERE.lat}, ${HERE.lng}, 10, ${fee})`;

  test('the trip fee is kept with the job; outside is refused, or accepted for review', async () => {
    await anArea(2_500);
    const inside = await book({ starts_at: at('09:00'), location: HERE });
    expect(inside.data).toMatchObject({ trip_fee_cents: 2_500, needs_review: false });
    const outside = await book({ starts_at: at('09:00'), location: FAR });
    expect(outside.error).toMatchObject({ code: 409, reason: 'appointment.outside_area' });
    expect(outside.error.details.next_starts).toBeUndefined();
    await owner.patch('/v1/settings', { outside_area: 'review' });
    const reviewed = await book({ starts_at: at('09:00'), location: FAR });
    expect(reviewed.data).toMatchObject({ trip_fee_cents: 0, needs_review: true });
    const moved = await advisor.patch(path(reviewed.data), { location: HERE });
    expect(moved.data).toMatchObject({ trip_fee_cents: 2_500, needs_review: false });
    await owner.patch('/v1/settings', { outside_area: 'block' });
  });
});

describe('jobs a day', () => {
  test('409 when the local day is full, completed ones counted; another day is free', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await owner.patch('/v1/settings', { jobs_per_day: 2 });
    const done = await aBooking(advisor, { customer_id, technician_id, starts_at: at('00:30') });
    for (const status of ['in_progress', 'completed']) await advisor.put(`${path(done)}/status`, { status });
    await aBooking(advisor, { customer_id, technician_id, starts_at: at('22:00') });
    const full = await book({ technician_id, starts_at: at('12:00') });
    expect(full.error).toMatchObject({
      reason: 'appointment.day_full',
      details: { jobs: 2, jobs_per_day: 2 },
    });
    expect(full.error.details.next_starts[0]).toBe('2031-03-04T08:00:00Z');
    expect((await book({ technician_id, starts_at: '2031-03-04T00:00:00-08:00' })).status).toBe(201);
  });
});

describe('a job that is done', () => {
  test('stands in nobody’s way: its time can be sold again', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const done = await aBooking(advisor, { customer_id, technician_id, starts_at: at('09:00') });
    for (const status of ['in_progress', 'completed']) await advisor.put(`${path(done)}/status`, { status });
    expect((await book({ technician_id, starts_at: at('09:00') })).status).toBe(201);
  });
});

describe('a new start', () => {
  test('keeps the length of the job to the millisecond', async () => {
    for (const [ends, moved] of [
      ['2031-03-03T17:30:30Z', '2031-03-04T17:30:30Z'],
      ['2031-03-03T17:30:00.001Z', '2031-03-04T17:30:00.001Z'],
    ]) {
      const job = await aBooking(advisor, { starts_at: '2031-03-03T17:00:00Z', ends_at: ends });
      const { data } = await advisor.patch(path(job), { starts_at: '2031-03-04T17:00:00Z' });
      expect(data.ends_at).toBe(moved);
    }
  });
});

describe('422: what no other start would help', () => {
  test('skills, an absurd span, an inactive technician', async () => {
    const hybrid = await aService(owner, { skills: ['hybrid'] });
    const { id: technician_id } = await aTechnician(owner);
    const services = [{ service_id: hybrid.id }];
    const cases: [Data, string][] = [
      [{ technician_id, services, starts_at: at('09:00') }, 'technician_id'],
      [{ technician_id, starts_at: at('09:00'), ends_at: at('09:00') }, 'ends_at'],
      [{ technician_id, starts_at: at('09:00'), ends_at: '2199-03-03T00:00:00Z' }, 'ends_at'],
      [{ technician_id, starts_at: '2020-01-01T00:00:00Z', force }, 'starts_at'],
      [
        { technician_id: (await aTechnician(owner, { is_active: false })).id, starts_at: at('09:00') },
        'technician_id',
      ],
    ];
    for (const [body, where] of cases) {
      const { status, error } = await book(body);
      expect([body, status, error?.issues?.[0]?.path]).toEqual([body, 422, where]);
    }
  });
});
