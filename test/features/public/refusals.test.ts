import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aHold, aService, aTechnician } from '../../helpers/factories.ts';
import { aVisitor, book, bookedAs, details, env, holdAs, soon } from './visitors.ts';

const app = await testApp({ env });
const owner = await app.as('owner');
const at = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Nothing that leads to anybody else's job. */
const TOLD = ['rule', 'next_starts', 'lead_minutes', 'latest'];

const tryHold = async (body: Data) => {
  const { error, text } = await aVisitor(app).post('/v1/public/holds', body);
  for (const name of Object.keys(error?.details ?? {})) expect(TOLD).toContain(name);
  return { error, text };
};

describe('POST /v1/public/holds', () => {
  test('409 for a start that is taken, with the next ones and without a word of whose it is', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const job = await aBooking(owner, { technician_id, starts_at: at(72) });
    const hold = await aHold(owner, { technician_id, starts_at: at(100) });
    for (const [taken, starts_at] of [
      [job, job.starts_at],
      [hold, hold.starts_at],
    ]) {
      const { error, text } = await tryHold({ technician_id, starts_at });
      expect([error.code, error.reason]).toEqual([409, 'appointment.slot_taken']);
      expect(error.details.next_starts).toHaveLength(3);
      expect(text).not.toContain(taken.id);
      expect(text).not.toContain('busy');
      const [next] = error.details.next_starts;
      expect((await aVisitor(app).post('/v1/public/holds', { technician_id, starts_at: next })).status).toBe(
        201,
      );
    }
  });

  test('409 where the drive is too long, without telling how long or from when', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const far = { address: null, lat: 37.77, lng: -122.42 };
    await aBooking(owner, { technician_id, starts_at: at(72), location: far });
    const { error } = await tryHold({
      technician_id,
      starts_at: at(73.2),
      location: { lat: 34.05, lng: -118.25 },
    });
    expect(error).toMatchObject({ code: 409, reason: 'appointment.travel_infeasible' });
    expect(error.message).toBe('The technician cannot be there in time. Take another time or technician.');
    expect(Object.keys(error.details).sort()).toEqual(['next_starts', 'rule']);
  });

  test('409 too soon and too far ahead, which staff may book all the same', async () => {
    const { data: was } = await owner.get('/v1/settings');
    await owner.patch('/v1/settings', { lead_minutes: 120, horizon_days: 30 });
    const { id: technician_id } = await aTechnician(owner);
    const early = await tryHold({ technician_id, starts_at: at(1) });
    expect(early.error).toMatchObject({
      code: 409,
      reason: 'appointment.too_soon',
      details: { lead_minutes: 120 },
    });
    expect(Date.parse(early.error.details.next_starts[0])).toBeGreaterThanOrEqual(Date.now() + 119 * 60_000);
    const late = await tryHold({ technician_id, starts_at: at(31 * 24) });
    expect(late.error).toMatchObject({ code: 409, reason: 'appointment.too_far_ahead' });
    const { data } = await aVisitor(app).get(
      `/v1/public/availability?technician_id=${technician_id}&limit=1`,
    );
    expect(Date.parse(data.items[0].starts_at)).toBeGreaterThanOrEqual(Date.now() + 119 * 60_000);
    const beyond = `from=${at(30 * 24 + 1)}&to=${at(40 * 24)}`;
    const none = await aVisitor(app).get(`/v1/public/availability?technician_id=${technician_id}&${beyond}`);
    expect(none.data.items).toEqual([]);
    for (const hours of [1, 31 * 24]) await aBooking(owner, { technician_id, starts_at: at(hours) });
    await owner.patch('/v1/settings', { lead_minutes: was.lead_minutes, horizon_days: was.horizon_days });
  });

  test('409 outside the hours, the service area and the jobs of a day', async () => {
    const { id: technician_id } = await aTechnician(owner);
    await app.sql`update technicians set hours = '[]' where id = ${technician_id}`;
    expect((await tryHold({ technician_id, starts_at: at(72) })).error.reason).toBe(
      'appointment.outside_hours',
    );
    const { id: other } = await aTechnician(owner);
    await app.sql`update settings set jobs_per_day = 1`;
    const noon = `${at(96).slice(0, 10)}T18:00:00Z`;
    await aBooking(owner, { technician_id: other, starts_at: noon });
    const full = await tryHold({ technician_id: other, starts_at: noon.replace('18:', '21:') });
    expect(full.error.reason).toBe('appointment.day_full');
    await app.sql`update settings set jobs_per_day = null`;
    await app.sql`insert into service_areas (id, name, kind, lat, lng, radius_km)
      values (${newId()}, 'Secret base', 'radius', 34, -118, 10)`;
    const outside = await tryHold({
      technician_id: other,
      starts_at: at(150),
      location: { lat: 37, lng: -122 },
    });
    expect(outside.error.reason).toBe('appointment.outside_area');
    expect(outside.text).not.toContain('Secret');
    await app.sql`delete from service_areas`;
  });

  test('422 for more than fifteen minutes, an unknown service or technician, a field of the staff', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: retired } = await aService(owner, { is_active: false });
    const wrong: [string, Data][] = [
      ['minutes', { minutes: 16 }],
      ['service_ids.0', { service_ids: [retired] }],
      ['technician_id', { technician_id: newId() }],
      ['force', { force: { reason: 'please' } }],
    ];
    for (const [path, field] of wrong) {
      const { error } = await tryHold({ technician_id, starts_at: soon(), ...field });
      expect(error).toMatchObject({ code: 422, issues: [{ path }] });
    }
  });
});

describe('POST /v1/public/bookings', () => {
  test('422 for a hold that is over, booked, of the staff, or none', async () => {
    const visitor = aVisitor(app);
    const over = await holdAs(visitor, owner);
    await app.sql`update appointments set hold_expires_at = now() where id = ${over.id}`;
    const booked = await holdAs(visitor, owner);
    expect((await book(visitor, booked.id)).status).toBe(201);
    for (const id of [over.id, booked.id, (await aHold(owner)).id, newId()]) {
      const { error } = await book(visitor, id);
      expect(error).toMatchObject({ code: 422, issues: [{ path: 'hold_id' }] });
    }
  });

  test('422 without a way to reach the customer, for a number of another region, for a field it does not know', async () => {
    const visitor = aVisitor(app);
    const { id: hold_id } = await holdAs(visitor, owner);
    const wrong: [string, Data][] = [
      ['email', { email: undefined }],
      ['phone', { phone: '020 7183 8750' }],
      ['vehicle.make', { vehicle: { year: 2019, make: '', model: 'Civic' } }],
      ['vehicle.vin', { vehicle: { year: 2019, make: 'Honda', model: 'Civic', vin: '1HGCM82633A004352' } }],
      ['sms_consent', { sms_consent: true }],
      ['customer_id', { customer_id: newId() }],
    ];
    for (const [path, field] of wrong) {
      const { error } = await visitor.post('/v1/public/bookings', details({ hold_id, ...field }));
      expect([error.code, error.issues[0].path]).toEqual([422, path]);
    }
    expect((await book(visitor, hold_id)).status).toBe(201);
  });
});

describe('a job that is no more its customer’s to change', () => {
  test.each(['en_route', 'in_progress', 'ready', 'completed', 'no_show'])('%s: 409', async (status) => {
    const { appointment, manage_url } = await bookedAs(aVisitor(app), owner);
    await app.sql`update appointments set status = ${status} where id = ${appointment.id}`;
    for (const [below, body] of [['confirm'], ['reschedule', { starts_at: soon() }], ['cancel']] as const) {
      const { error } = await aVisitor(app).post(`${manage_url}/${below}`, body);
      expect(error).toMatchObject({ code: 409, reason: 'appointment.closed', details: { status } });
    }
  });

  test('called off: it cannot be confirmed or moved; begun by the clock: neither, nor called off', async () => {
    const { appointment, manage_url } = await bookedAs(aVisitor(app), owner);
    await aVisitor(app).post(`${manage_url}/cancel`);
    for (const below of ['confirm', 'reschedule']) {
      const body = below === 'confirm' ? undefined : { starts_at: soon() };
      expect((await aVisitor(app).post(`${manage_url}/${below}`, body)).error.reason).toBe(
        'appointment.closed',
      );
    }
    await app.sql`update appointments set status = 'scheduled', starts_at = now() - interval '1 minute',
      ends_at = now() + interval '1 hour' where id = ${appointment.id}`;
    expect((await aVisitor(app).post(`${manage_url}/cancel`)).error.reason).toBe('appointment.closed');
  });

  test('to a start that is taken, or too far ahead: 409, and it stays where it is', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { appointment, manage_url } = await bookedAs(aVisitor(app), owner, { technician_id });
    const other = await aBooking(owner, { technician_id, starts_at: at(300) });
    const taken = await aVisitor(app).post(`${manage_url}/reschedule`, { starts_at: other.starts_at });
    expect(taken.error).toMatchObject({ code: 409, reason: 'appointment.slot_taken' });
    expect(taken.text).not.toContain(other.id);
    const far = await aVisitor(app).post(`${manage_url}/reschedule`, { starts_at: at(366 * 24) });
    expect(far.error.reason).toBe('appointment.too_far_ahead');
    expect((await aVisitor(app).get(manage_url)).data).toEqual(appointment);
  });
});
