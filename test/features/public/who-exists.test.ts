import { describe, expect, test } from 'bun:test';
import { type Answer, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { anEmail, aVisitor, book, bookedAs, env, holdAs, queriesOf, soon } from './visitors.ts';

const app = await testApp({ env });
const owner = await app.as('owner');
const { id: service } = await aService(owner);
const civic = { year: 2019, make: 'Honda', model: 'Civic' };

/** One whom the shop knows well, with the vehicle that strangers will guess. */
const aKnownOne = async () => {
  const customer = await aCustomer(owner, {
    ...{ name: 'Ana Secret', address: '9 Hidden Lane', notes: 'pays late', tags: ['fleet'], is_vip: true },
  });
  const vehicle = await aVehicle(owner, {
    ...{ ...civic, make: 'HONDA', customer_id: customer.id, license_plate: `SEC${Date.now() % 100_000}` },
  });
  await aVehicle(owner, { customer_id: customer.id, make: 'Ferrari', model: 'F40', year: 1990 });
  return { customer, vehicle };
};

/** The same hold for either of them, but for its technician. */
const bookingOf = async (email: string, starts_at: string): Promise<Answer> => {
  const visitor = aVisitor(app);
  const { id: technician_id } = await aTechnician(owner);
  const { id } = await holdAs(visitor, owner, { technician_id, starts_at, service_ids: [service] });
  return book(visitor, id, { email, vehicle: civic });
};

/** Ids, tokens and the time of the booking itself, which differ for any two. */
const evened = ({ status, body, headers }: Answer): unknown => {
  const text = JSON.stringify(body)
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'id')
    .replaceAll(/appointments\/[\w-]{43}/g, 'appointments/token')
    .replaceAll(/"created_at":"[^"]+"/g, '"created_at":"now"');
  const names = [...headers.keys()].sort();
  return { status, text, names, etag: headers.get('etag') };
};

describe('who books does not learn whether the shop knew them', () => {
  test('known and unknown get the same answer, after the same statements', async () => {
    const { customer } = await aKnownOne();
    const starts_at = soon();
    const known = await bookingOf(customer.email, starts_at);
    const unknown = await bookingOf(anEmail(), starts_at);
    expect(known.status).toBe(201);
    expect(evened(known)).toEqual(evened(unknown));
    expect(queriesOf(app, known)).toBe(queriesOf(app, unknown));
    // And nobody is told how many there were, for a busy vehicle costs some more.
    expect(known.headers.has('server-timing')).toBe(false);
    expect(known.text).not.toMatch(/Ana|Secret|Hidden|HONDA|Ferrari|fleet|SEC\d/);
  });

  test('nor do the link and what it can do, after the staff have filled in what they know', async () => {
    const { customer } = await aKnownOne();
    const starts_at = soon();
    const answers: unknown[][] = [];
    for (const email of [customer.email, anEmail()]) {
      const { data } = await bookingOf(email, starts_at);
      await owner.patch(`/v1/appointments/${data.appointment.id}`, {
        ...{ notes: 'owes us money', location: { address: customer.address } },
      });
      const visitor = aVisitor(app);
      const read = await visitor.get(data.manage_url);
      const later = { starts_at: new Date(Date.parse(starts_at) + 3_600_000).toISOString() };
      const moved = await visitor.post(`${data.manage_url}/reschedule`, later);
      for (const { text } of [read, moved]) expect(text).not.toMatch(/Ana|Secret|Hidden|HONDA|owes/);
      expect(moved.status).toBe(200);
      answers.push([evened(read), evened(moved)]);
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  test('that the vehicle has a job elsewhere shows in the notes for the staff alone', async () => {
    const { customer, vehicle } = await aKnownOne();
    const starts_at = soon();
    await aBooking(owner, { customer_id: customer.id, vehicle_id: vehicle.id, starts_at });
    const known = await bookingOf(customer.email, starts_at);
    const unknown = await bookingOf(anEmail(), starts_at);
    expect(evened(known)).toEqual(evened(unknown));
    const { data: job } = await owner.get(`/v1/appointments/${known.data.appointment.id}`);
    expect([job.customer_id, job.vehicle_id]).toEqual([customer.id, null]);
    expect(job.notes).toContain('2019 Honda Civic has another job at that time');
  });

  test('nor can it be found out by moving a job over one of theirs', async () => {
    const { customer, vehicle } = await aKnownOne();
    const there = soon();
    await aBooking(owner, { customer_id: customer.id, vehicle_id: vehicle.id, starts_at: there });
    const { appointment, manage_url } = await bookedAs(aVisitor(app), owner, {
      email: customer.email,
      vehicle: civic,
    });
    const moved = await aVisitor(app).post(`${manage_url}/reschedule`, { starts_at: there });
    expect([moved.status, Date.parse(moved.data?.starts_at)]).toEqual([200, Date.parse(there)]);
    const { data: job } = await owner.get(`/v1/appointments/${appointment.id}`);
    expect(job.vehicle_id).toBeNull();
    expect(job.notes).toContain('2019 HONDA Civic has another job at that time');
  });

  test('nor by the next starts of a refusal: they are those of the technician alone', async () => {
    const { customer, vehicle } = await aKnownOne();
    const hour = 3_600_000;
    const there = Math.ceil(Date.parse(soon()) / hour) * hour;
    const at = (ms: number): string => new Date(ms).toISOString();
    const { id: technician_id } = await aTechnician(owner);
    await aBooking(owner, { technician_id, starts_at: at(there) });
    await aBooking(owner, { customer_id: customer.id, vehicle_id: vehicle.id, starts_at: at(there + hour) });
    const mine = { technician_id, email: customer.email, vehicle: civic };
    const { manage_url } = await bookedAs(aVisitor(app), owner, mine);
    const { error } = await aVisitor(app).post(`${manage_url}/reschedule`, { starts_at: at(there) });
    expect(error.reason).toBe('appointment.slot_taken');
    expect(Date.parse(error.details.next_starts[0])).toBe(there + hour);
  });
});

/** Every key that a stranger may find in an answer: one more is a decision that this list makes visible. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  services: [
    'items',
    'next_cursor',
    'id',
    'name',
    'category',
    'description',
    'duration_minutes',
    'price_cents',
    'kind',
  ],
  availability: [
    ...['items', 'next_cursor', 'technician_id', 'starts_at', 'ends_at', 'local_start', 'is_area_centre'],
    ...['trip_fee_cents', 'needs_review'],
  ],
  hold: [
    ...[
      'id',
      'technician_id',
      'starts_at',
      'ends_at',
      'location',
      'services',
      'expires_at',
      'trip_fee_cents',
    ],
    ...['needs_review', 'address', 'lat', 'lng'],
    ...['service_id', 'name', 'kind', 'quantity', 'duration_minutes', 'price_cents'],
  ],
  appointment: [
    ...['id', 'status', 'technician_id', 'starts_at', 'ends_at', 'services', 'total_cents', 'trip_fee_cents'],
    ...['needs_review', 'confirmed_at', 'canceled_at', 'created_at'],
    ...['service_id', 'name', 'kind', 'quantity', 'duration_minutes', 'price_cents'],
  ],
};

const keysOf = (value: Data): string[] => {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
};

test('no answer to a stranger holds a key that is not on the list, and each one that is', async () => {
  const visitor = aVisitor(app);
  const { id: technician_id } = await aTechnician(owner);
  const hold = await visitor.post('/v1/public/holds', {
    ...{
      technician_id,
      starts_at: soon(),
      service_ids: [service],
      location: { address: 'x', lat: 34, lng: -118 },
    },
  });
  const booking = await book(visitor, hold.data.id);
  const { appointment, manage_url, ...rest } = booking.data;
  expect(rest).toEqual({});
  const answers: [string, Data][] = [
    ['services', (await visitor.get('/v1/public/services')).data],
    ['availability', (await visitor.get(`/v1/public/availability?technician_id=${technician_id}`)).data],
    ['hold', hold.data],
    ['appointment', appointment],
    ['appointment', (await visitor.get(manage_url)).data],
    ['appointment', (await visitor.post(`${manage_url}/confirm`)).data],
    ['appointment', (await visitor.post(`${manage_url}/reschedule`, { starts_at: soon() })).data],
    ['appointment', (await visitor.post(`${manage_url}/cancel`)).data],
  ];
  for (const [what, data] of answers) {
    expect([what, [...new Set(keysOf(data))].sort()]).toEqual([what, [...new Set(KEYS[what])].sort()]);
  }
});
