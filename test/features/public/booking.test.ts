import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { anEmail, aVisitor, bookedAs, details, env, holdAs } from './visitors.ts';

const app = await testApp({ env });
const owner = await app.as('owner');

const jobOf = async ({ appointment }: Data): Promise<Data> =>
  (await owner.get(`/v1/appointments/${appointment.id}`)).data;
const customerOf = async (booking: Data): Promise<Data> =>
  (await owner.get(`/v1/customers/${(await jobOf(booking)).customer_id}`)).data;
const vehicleOf = async (booking: Data): Promise<Data> =>
  (await owner.get(`/v1/vehicles/${(await jobOf(booking)).vehicle_id}`)).data;

test('from the services to a booking, to another start, to its end: without a login', async () => {
  const visitor = aVisitor(app);
  const service = await aService(owner, { name: 'Public brakes', skills: ['public brakes'] });
  const retired = await aService(owner, { name: 'Public retired', is_active: false });
  const technician = await aTechnician(owner, { skills: ['public brakes'] });

  const offered = (await visitor.get('/v1/public/services?limit=100')).data.items;
  expect(offered.map(({ id }: Data) => id)).toContain(service.id);
  expect(offered.map(({ id }: Data) => id)).not.toContain(retired.id);

  const query = `service_ids=${service.id}&lat=34.05&lng=-118.25&limit=5`;
  const starts = (await visitor.get(`/v1/public/availability?${query}`)).data.items;
  expect(starts).toHaveLength(5);
  expect(starts[0].technician_id).toBe(technician.id);

  const hold = await visitor.post('/v1/public/holds', {
    ...{ technician_id: technician.id, starts_at: starts[0].starts_at, service_ids: [service.id] },
    location: { address: '1 Main St', lat: 34.05, lng: -118.25 },
  });
  expect(hold.status).toBe(201);
  expect(hold.data).toMatchObject({ ends_at: starts[0].ends_at, services: [{ service_id: service.id }] });
  const then = (await visitor.get(`/v1/public/availability?${query}`)).data.items;
  expect(then[0].starts_at).not.toBe(starts[0].starts_at);

  const booked = await visitor.post(
    '/v1/public/bookings',
    details({ hold_id: hold.data.id, notes: 'Gate 7' }),
  );
  expect(booked.status).toBe(201);
  const { appointment, manage_url } = booked.data;
  expect(manage_url).toMatch(/^\/v1\/public\/appointments\/[\w-]{43}$/);
  expect(booked.headers.get('location')).toBe(manage_url);
  expect(booked.headers.get('cache-control')).toBe('no-store');
  expect(appointment).toMatchObject({
    status: 'scheduled',
    starts_at: starts[0].starts_at,
    total_cents: 12_000,
  });
  expect(await jobOf(booked.data)).toMatchObject({ notes: 'Gate 7', location: { address: '1 Main St' } });

  expect((await visitor.get(manage_url)).data).toEqual(appointment);
  const confirmed = await visitor.post(`${manage_url}/confirm`);
  expect(confirmed.data.confirmed_at).toBeString();
  expect((await visitor.post(`${manage_url}/confirm`)).data).toEqual(confirmed.data);

  const [, , other] = then;
  const moved = await visitor.post(`${manage_url}/reschedule`, { starts_at: other.starts_at });
  expect(moved.data).toMatchObject({
    starts_at: other.starts_at,
    ends_at: other.ends_at,
    technician_id: technician.id,
  });
  const canceled = await visitor.post(`${manage_url}/cancel`);
  expect(canceled.data).toMatchObject({ status: 'canceled', canceled_at: expect.any(String) });
  expect((await visitor.post(`${manage_url}/cancel`)).data).toEqual(canceled.data);
});

describe('the customer of a booking', () => {
  test('who is new is made, without consent, with a vehicle; the journal names them', async () => {
    const email = anEmail();
    const booking = await bookedAs(aVisitor(app), owner, { email, phone: '(213) 555-0171' });
    const customer = await customerOf(booking);
    expect(customer).toMatchObject({ name: 'Sam Carter', email, phone: '+12135550171', sms_consent: false });
    expect(await vehicleOf(booking)).toMatchObject({ make: 'Honda', model: 'Civic', year: 2019 });
    const { items } = (await owner.get(`/v1/audit?actor_id=${customer.id}`)).data;
    expect(items.map(({ entity, action }: Data) => `${entity} ${action}`).sort()).toEqual([
      ...['appointment created', 'customer created', 'vehicle created'],
    ]);
    for (const { actor } of items)
      expect(actor).toEqual({ id: customer.id, name: 'Sam Carter', role: 'customer' });
  });

  test('who is known by e-mail or phone keeps what the shop has; what differs stands in the notes', async () => {
    const known = await aCustomer(owner, { name: 'Ana Ruiz', phone: '(213) 555-0172' });
    const byPhone = await bookedAs(aVisitor(app), owner, {
      ...{ name: 'A. Ruiz', phone: '213-555-0172', email: 'other@example.com', notes: 'Ring twice' },
    });
    const byEmail = await bookedAs(aVisitor(app), owner, {
      name: 'ana ruiz',
      email: known.email.toUpperCase(),
    });
    for (const booking of [byPhone, byEmail]) expect(await customerOf(booking)).toEqual(known);
    expect((await jobOf(byPhone)).notes).toBe(
      'Ring twice\nName given: A. Ruiz\nE-mail given: other@example.com',
    );
    expect((await jobOf(byEmail)).notes).toBeNull();
    expect((await jobOf(byPhone)).vehicle_id).toBe((await jobOf(byEmail)).vehicle_id);
    const { items } = (await owner.get(`/v1/audit?entity_id=${byPhone.appointment.id}`)).data;
    expect(items[0].actor).toEqual({ id: known.id, name: 'Ana Ruiz', role: 'customer' });
  });

  test('a vehicle is found in whatever case, an inactive or another one is not', async () => {
    const { id: customer_id, email } = await aCustomer(owner);
    const car = { customer_id, year: 2015, make: 'FORD', model: 'Transit' };
    await aVehicle(owner, { ...car, is_active: false });
    const { id } = await aVehicle(owner, car);
    const found = await bookedAs(aVisitor(app), owner, {
      email,
      vehicle: { ...car, customer_id: undefined, make: 'Ford' },
    });
    expect((await jobOf(found)).vehicle_id).toBe(id);
    const other = { year: 2016, make: 'Ford', model: 'Transit' };
    const made = await bookedAs(aVisitor(app), owner, { email, vehicle: other });
    expect(await vehicleOf(made)).toMatchObject({ ...other, customer_id, is_primary: false });
  });

  test('a deleted one stays deleted: a new one is made', async () => {
    const gone = await aCustomer(owner, { phone: '(213) 555-0173' });
    await owner.delete(`/v1/customers/${gone.id}`);
    const booking = await bookedAs(aVisitor(app), owner, { email: undefined, phone: '(213) 555-0173' });
    expect((await customerOf(booking)).id).not.toBe(gone.id);
    expect((await owner.get(`/v1/customers/${gone.id}`)).status).toBe(404);
  });
});

test('local phone numbers and bare dates are read as the shop reads them, from the next request on', async () => {
  const settings = { phone_region: 'GB', timezone: 'Asia/Tokyo' };
  const { data: was } = await owner.get('/v1/settings');
  await owner.patch('/v1/settings', settings);
  const booking = await bookedAs(aVisitor(app), owner, { phone: '020 7183 8750' });
  expect((await customerOf(booking)).phone).toBe('+442071838750');
  const { id } = await aTechnician(owner);
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  const { data } = await aVisitor(app).get(`/v1/public/availability?technician_id=${id}&from=${day}&limit=1`);
  expect(data.items[0].local_start).toBe(`${day}T00:00:00+09:00`);
  await owner.patch('/v1/settings', { phone_region: was.phone_region, timezone: was.timezone });
});

test('the address of a link is the one that the shop has set, never what a request says of its host', async () => {
  const other = await testApp({ url: app.url, env: { ...env, PUBLIC_URL: 'https://book.shop.example' } });
  const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  for (const [worker, base] of [
    [other, 'https://book.shop.example'],
    [app, ''],
  ] as const) {
    const visitor = aVisitor(worker);
    const { id: hold_id } = await holdAs(visitor, owner);
    const { data } = await visitor.post('/v1/public/bookings', details({ hold_id }), forged);
    expect(data.manage_url.startsWith(`${base}/v1/public/appointments/`)).toBe(true);
  }
});
