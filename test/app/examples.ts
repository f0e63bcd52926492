import { ACCESS, type Access } from '../../src/access.ts';
import { shownPath } from '../../src/http/paths.ts';
import { newId } from '../../src/values/id.ts';
import type { Answer, Client, Data, TestApp } from '../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aHold,
  aLink,
  anArea,
  aService,
  aTechnician,
  aVehicle,
  aWebhook,
  inHours,
  newHold,
} from '../helpers/factories.ts';
import { OF_ESTIMATES } from './estimate-examples.ts';
import { at, deleted, type Example, type Make, type World } from './example.ts';
import { OF_MESSAGES } from './message-examples.ts';
import { OF_MONEY } from './money-examples.ts';

const PASSWORD = 'a sentence for the tests alone';
let made = 0;
const next = (): number => {
  made += 1;
  return made;
};

/** One for every route: a route without an example fails the tests that walk them. */
export const EXAMPLES: Readonly<Record<string, Make>> = {
  'GET /health': () => ({ path: '/health' }),
  'GET /health/live': () => ({ path: '/health/live' }),
  'GET /health/ready': () => ({ path: '/health/ready' }),

  'GET /openapi.json': () => ({ path: '/openapi.json' }),
  'GET /docs': () => ({ path: '/docs' }),
  'GET /docs/:asset': () => ({ path: '/docs/swagger-ui.css' }),
  'GET /book': () => ({ path: '/book' }),
  'GET /board': () => ({ path: '/board' }),
  'GET /pages/:folder/:asset': () => ({ path: '/pages/both/both.css' }),

  'POST /v1/auth/login': async (world) => ({ path: '/v1/auth/login', body: await anAccount(world) }),
  'POST /v1/auth/refresh': async (world) => refreshing('/v1/auth/refresh', await aLogin(world)),
  'POST /v1/auth/logout': async (world) => refreshing('/v1/auth/logout', await aLogin(world)),
  'POST /v1/auth/password': async (world) => ({
    path: '/v1/auth/password',
    body: { current_password: PASSWORD, new_password: 'another sentence for the tests' },
    headers: { authorization: `Bearer ${(await aLogin(world)).access_token}` },
  }),
  'POST /v1/auth/password-resets': async (world) => ({
    path: '/v1/auth/password-resets',
    body: { email: (await anAccount(world)).email },
  }),
  'POST /v1/auth/password-resets/confirm': async (world) => ({
    path: '/v1/auth/password-resets/confirm',
    body: { token: await aResetToken(world), new_password: 'another sentence for the tests' },
  }),
  'GET /v1/me': () => ({ path: '/v1/me' }),

  'GET /v1/staff': () => ({ path: '/v1/staff' }),
  'POST /v1/staff': () => ({ path: '/v1/staff', body: newStaff() }),
  'GET /v1/staff/:id': ({ owner }) => ({ path: `/v1/staff/${owner.staffId}` }),
  'PATCH /v1/staff/:id': ({ owner }) => ({ path: `/v1/staff/${owner.staffId}`, body: { name: 'Sam' } }),

  'GET /v1/customers': () => ({ path: '/v1/customers' }),
  'POST /v1/customers': () => ({
    path: '/v1/customers',
    body: {
      ...{
        name: 'Ana',
        email: `example-${next()}@example.com`,
        phone: null,
        address: '1 Main St',
        notes: 'n',
      },
      ...{ tags: ['a'], is_vip: false, sms_consent: false },
    },
  }),
  'GET /v1/customers/:id': ({ owner }) => at('/v1/customers', aCustomer(owner)),
  'PATCH /v1/customers/:id': ({ owner }) => at('/v1/customers', aCustomer(owner), { body: { name: 'Eva' } }),
  'DELETE /v1/customers/:id': ({ owner }) => at('/v1/customers', aCustomer(owner)),
  'POST /v1/customers/:id/restore': ({ owner }) =>
    at('/v1/customers', deleted(owner, '/v1/customers', aCustomer(owner)), { below: '/restore' }),
  'GET /v1/customers/:id/profile': ({ owner }) =>
    at('/v1/customers', aCustomer(owner), { below: '/profile' }),

  'GET /v1/customers/:id/notes': ({ owner }) => at('/v1/customers', aCustomer(owner), { below: '/notes' }),
  'POST /v1/customers/:id/notes': ({ owner }) =>
    at('/v1/customers', aCustomer(owner), { below: '/notes', body: { body: 'n' } }),
  'POST /v1/customers/:id/merge': async ({ owner }) => {
    const { id: other_id } = await aCustomer(owner);
    return at('/v1/customers', aCustomer(owner), { below: '/merge', body: { other_id } });
  },

  'GET /v1/vehicles': () => ({ path: '/v1/vehicles' }),
  'POST /v1/vehicles': async ({ owner }) => ({
    path: '/v1/vehicles',
    body: {
      customer_id: (await aCustomer(owner)).id,
      ...{ year: 2019, make: 'Toyota', model: 'Corolla', trim: 'LE', color: 'red', vin: null, mileage: 10 },
      ...{ license_plate: `EX${next()}`, is_primary: true, is_active: true, notes: null },
    },
  }),
  'GET /v1/vehicles/:id': ({ owner }) => at('/v1/vehicles', aVehicle(owner)),
  'PATCH /v1/vehicles/:id': ({ owner }) => at('/v1/vehicles', aVehicle(owner), { body: { color: 'blue' } }),
  'DELETE /v1/vehicles/:id': ({ owner }) => at('/v1/vehicles', aVehicle(owner)),
  'POST /v1/vehicles/:id/restore': ({ owner }) =>
    at('/v1/vehicles', deleted(owner, '/v1/vehicles', aVehicle(owner)), { below: '/restore' }),

  'POST /v1/vehicles/:id/transfer': async ({ owner }) => {
    const { id: customer_id } = await aCustomer(owner);
    return at('/v1/vehicles', aVehicle(owner), { below: '/transfer', body: { customer_id } });
  },
  'GET /v1/vehicles/:id/history': ({ owner }) => at('/v1/vehicles', aVehicle(owner), { below: '/history' }),
  'GET /v1/vehicles/:id/odometer': ({ owner }) => at('/v1/vehicles', aVehicle(owner), { below: '/odometer' }),
  'POST /v1/vehicles/:id/odometer': ({ owner }) =>
    at('/v1/vehicles', aVehicle(owner), {
      below: '/odometer',
      body: { mileage: 100, read_at: '2026-01-01T00:00:00Z', note: 'n', correction: false },
    }),
  'GET /v1/vins/:vin': () => ({ path: '/v1/vins/1HGCM82633A004352' }),

  'GET /v1/services': () => ({ path: '/v1/services' }),
  'POST /v1/services': () => ({
    path: '/v1/services',
    body: {
      ...{ code: `EX-${next()}`, name: 'Oil', category: 'Fluids', duration_minutes: 30, price_cents: 5_000 },
      ...{ kind: 'labour', description: 'd', skills: ['oil'], is_active: true },
    },
  }),
  'GET /v1/services/:id': ({ owner }) => at('/v1/services', aService(owner)),
  'PATCH /v1/services/:id': ({ owner }) => at('/v1/services', aService(owner), { body: { name: 'Oil' } }),
  'DELETE /v1/services/:id': ({ owner }) => at('/v1/services', aService(owner)),
  'POST /v1/services/:id/restore': ({ owner }) =>
    at('/v1/services', deleted(owner, '/v1/services', aService(owner)), { below: '/restore' }),

  'GET /v1/technicians': () => ({ path: '/v1/technicians' }),
  'POST /v1/technicians': () => ({
    path: '/v1/technicians',
    body: {
      ...{ name: 'Mo Kim', initials: 'MK', phone: null, skills: ['oil'], start: { lat: 34, lng: -118 } },
      ...{ staff_id: null, is_active: true },
    },
  }),
  'GET /v1/technicians/:id': ({ owner }) => at('/v1/technicians', aTechnician(owner)),
  'PATCH /v1/technicians/:id': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { body: { name: 'Mo' } }),

  'GET /v1/technicians/:id/day': ({ owner }) => at('/v1/technicians', aTechnician(owner), { below: '/day' }),

  'POST /v1/technicians/:id/calendar': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { below: '/calendar' }),
  'DELETE /v1/technicians/:id/calendar': async ({ owner }) => {
    const technician = await aTechnician(owner);
    await owner.post(`/v1/technicians/${technician.id}/calendar`);
    return { path: `/v1/technicians/${technician.id}/calendar` };
  },
  'GET /v1/technicians/:id/calendar.ics': async ({ owner }) => {
    const { id } = await aTechnician(owner);
    return { path: (await owner.post(`/v1/technicians/${id}/calendar`)).data.url };
  },

  'GET /v1/availability': async ({ owner }) => {
    const { id } = await aTechnician(owner);
    return { path: `/v1/availability?technician_id=${id}&lat=34.05&lng=-118.25&limit=3` };
  },
  'GET /v1/availability/explain': async ({ owner }) => {
    const { id } = await aTechnician(owner);
    return {
      path: `/v1/availability/explain?technician_id=${id}&starts_at=${encodeURIComponent(inHours(48))}`,
    };
  },

  'POST /v1/holds': async ({ owner }) => ({ path: '/v1/holds', body: await newHold(owner) }),
  'GET /v1/holds/:id': ({ owner }) => at('/v1/holds', aHold(owner)),
  'DELETE /v1/holds/:id': ({ owner }) => at('/v1/holds', aHold(owner)),
  'POST /v1/holds/:id/confirm': async ({ owner }) => {
    const { id: customer_id } = await aCustomer(owner);
    return at('/v1/holds', aHold(owner), { below: '/confirm', body: { customer_id } });
  },
  'GET /v1/technicians/:id/hours': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { below: '/hours' }),
  'PUT /v1/technicians/:id/hours': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), {
      below: '/hours',
      body: { hours: [{ weekday: 1, from: '08:00', to: '17:00' }] },
    }),
  'GET /v1/technicians/:id/time-off': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { below: '/time-off' }),
  'POST /v1/technicians/:id/time-off': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { below: '/time-off', body: aSpan }),
  'DELETE /v1/technicians/:id/time-off/:timeOffId': ({ owner }) => aSpanOf(owner, 'time-off'),
  'GET /v1/technicians/:id/extra-hours': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { below: '/extra-hours' }),
  'POST /v1/technicians/:id/extra-hours': ({ owner }) =>
    at('/v1/technicians', aTechnician(owner), { below: '/extra-hours', body: aSpan }),
  'DELETE /v1/technicians/:id/extra-hours/:extraHoursId': ({ owner }) => aSpanOf(owner, 'extra-hours'),
  'GET /v1/closures': () => ({ path: '/v1/closures' }),
  'POST /v1/closures': () => ({ path: '/v1/closures', body: aSpan }),
  'DELETE /v1/closures/:id': async ({ owner }) => ({
    path: `/v1/closures/${(await owner.post('/v1/closures', aSpan)).data.id}`,
  }),

  'GET /v1/service-areas': () => ({ path: '/v1/service-areas' }),
  'POST /v1/service-areas': () => ({
    path: '/v1/service-areas',
    body: {
      ...{ name: 'Downtown', kind: 'postal_codes', lat: 34, lng: -118, radius_km: null },
      ...{ postal_codes: ['90012'], trip_fee_cents: 100, is_active: true },
    },
  }),
  'GET /v1/service-areas/:id': ({ owner }) => at('/v1/service-areas', anArea(owner)),
  'PATCH /v1/service-areas/:id': ({ owner }) =>
    at('/v1/service-areas', anArea(owner), { body: { name: 'Uptown', is_active: false } }),
  'DELETE /v1/service-areas/:id': ({ owner }) => at('/v1/service-areas', anArea(owner)),

  'GET /v1/appointments': () => ({ path: '/v1/appointments' }),
  'POST /v1/appointments': async ({ owner }) => {
    const { id: vehicle_id, customer_id } = await aVehicle(owner);
    const { id: technician_id } = await aTechnician(owner);
    return {
      path: '/v1/appointments',
      body: {
        ...{ customer_id, vehicle_id, technician_id, starts_at: inHours(24), ends_at: inHours(25) },
        ...{ location: { address: '1 Main St', lat: 34, lng: -118 }, notes: 'n', force: { reason: 'asked' } },
        services: [{ service_id: (await aService(owner)).id, quantity: 2, price_cents: 100 }],
      },
    };
  },
  'GET /v1/appointments/:id': ({ owner }) => at('/v1/appointments', aBooking(owner)),
  'PATCH /v1/appointments/:id': async ({ owner }) => {
    const { id: technician_id } = await aTechnician(owner);
    return at('/v1/appointments', aBooking(owner), { body: { technician_id, starts_at: inHours(48) } });
  },
  'DELETE /v1/appointments/:id': ({ owner }) => at('/v1/appointments', aBooking(owner)),
  'POST /v1/appointments/:id/restore': ({ owner }) =>
    at('/v1/appointments', deleted(owner, '/v1/appointments', aBooking(owner)), { below: '/restore' }),
  'GET /v1/appointments/:id/history': ({ owner }) =>
    at('/v1/appointments', aBooking(owner), { below: '/history' }),
  'PUT /v1/appointments/:id/status': ({ owner }) =>
    at('/v1/appointments', aBooking(owner), { below: '/status', body: { status: 'en_route' } }),
  'POST /v1/appointments/:id/services': async ({ owner }) => {
    const { id: service_id } = await aService(owner);
    return at('/v1/appointments', aBooking(owner), {
      below: '/services',
      body: { service_id, quantity: 1, price_cents: 100 },
    });
  },
  'PATCH /v1/appointments/:id/services/:lineId': ({ owner }) => aLine(owner, { quantity: 3 }),
  'DELETE /v1/appointments/:id/services/:lineId': ({ owner }) => aLine(owner),

  'DELETE /v1/appointments/:id/links': ({ owner }) =>
    at('/v1/appointments', aBooking(owner), { below: '/links' }),

  'GET /v1/board': async ({ owner }) => {
    await aBooking(owner);
    return { path: '/v1/board' };
  },
  'GET /v1/board/stats': () => ({ path: '/v1/board/stats' }),
  'PUT /v1/board/cards/:id': ({ owner }) =>
    at('/v1/board/cards', aBooking(owner), { body: { status: 'en_route', position: 0, version: 1 } }),
  ...OF_ESTIMATES,
  ...OF_MONEY,
  ...OF_MESSAGES,

  'GET /v1/public/shop': () => ({ path: '/v1/public/shop' }),
  'GET /v1/public/services': () => ({ path: '/v1/public/services' }),
  'GET /v1/public/availability': async ({ owner }) => {
    const { id } = await aTechnician(owner);
    return { path: `/v1/public/availability?technician_id=${id}&lat=34.05&lng=-118.25&limit=3` };
  },
  'POST /v1/public/holds': async ({ owner }) => ({ path: '/v1/public/holds', body: await newHold(owner) }),
  'POST /v1/public/bookings': async (world) => ({
    path: '/v1/public/bookings',
    body: {
      ...{ hold_id: await aPublicHold(world), name: 'Sam', email: `public-${next()}@example.com` },
      ...{ vehicle: { year: 2019, make: 'Honda', model: 'Civic' }, notes: 'n' },
    },
  }),
  'GET /v1/public/appointments/:token': (world) => linked(world),
  'GET /v1/public/appointments/:token/starts': (world) => linked(world, { below: '/starts' }),
  'POST /v1/public/appointments/:token/confirm': (world) => linked(world, { below: '/confirm' }),
  'POST /v1/public/appointments/:token/reschedule': (world) =>
    linked(world, { below: '/reschedule', body: { starts_at: inHours(48) } }),
  'POST /v1/public/appointments/:token/cancel': (world) => linked(world, { below: '/cancel' }),

  'GET /v1/settings': () => ({ path: '/v1/settings' }),
  'PATCH /v1/settings': () => ({ path: '/v1/settings', body: { licence_number: 'ARD 1' } }),

  'GET /v1/audit': () => ({ path: '/v1/audit' }),
  'GET /v1/changes': () => ({ path: '/v1/changes?types=appointment.*,customer.created' }),
  'GET /v1/webhooks': () => ({ path: '/v1/webhooks' }),
  'POST /v1/webhooks': () => ({
    path: '/v1/webhooks',
    body: { url: 'https://hooks.example.com/shop', events: ['appointment.*', 'customer.created'] },
  }),
  'GET /v1/webhooks/:id': ({ owner }) => at('/v1/webhooks', aWebhook(owner)),
  'PATCH /v1/webhooks/:id': ({ owner }) =>
    at('/v1/webhooks', aWebhook(owner), {
      body: { url: 'https://hooks.example.com/other', events: ['*'], is_active: false },
    }),
  'DELETE /v1/webhooks/:id': ({ owner }) => at('/v1/webhooks', aWebhook(owner)),
  'POST /v1/webhooks/:id/secret': ({ owner }) => at('/v1/webhooks', aWebhook(owner), { below: '/secret' }),
  'POST /v1/webhooks/:id/test': ({ owner }) => at('/v1/webhooks', aWebhook(owner), { below: '/test' }),
  'GET /v1/webhooks/:id/deliveries': ({ owner }) =>
    at('/v1/webhooks', aWebhook(owner), { below: '/deliveries' }),
  'POST /v1/webhooks/:id/deliveries/:deliveryId/redeliver': async ({ owner }) => {
    const { id } = await aWebhook(owner);
    const { data } = await owner.post(`/v1/webhooks/${id}/test`);
    return { path: `/v1/webhooks/${id}/deliveries/${data.id}/redeliver` };
  },
  'POST /v1/board/tickets': () => ({ path: '/v1/board/tickets' }),
  'GET /v1/board/events': () => ({ path: '/v1/board/events' }),

  'GET /v1/reports/messages': () => ({ path: '/v1/reports/messages?from=2026-01-01' }),
};

/** Every route as the application knows it, such as "GET /v1/me". */
export const routesOf = ({ app }: TestApp): string[] => [
  ...new Set(
    app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${shownPath(path)}`),
  ),
];

/** Nothing of its answer is stored, mostly for it holds a token: it ignores keys and cannot be tried first. */
export const isUnkept = (route: string): boolean =>
  route.includes('/v1/auth/') ||
  route.includes('/callbacks') ||
  [
    ...['POST /v1/technicians/:id/calendar', 'POST /v1/board/tickets'],
    ...['POST /v1/webhooks', 'POST /v1/webhooks/:id/secret'],
  ].includes(route);

export const isWrite = (route: string): boolean => !route.startsWith('GET ');

export const accessOf = (route: string): Access => {
  const access = ACCESS[route];
  if (access === undefined) throw new Error(`no access entry: ${route}`);
  return access;
};

export const exampleOf = async (world: World, route: string): Promise<Example> => {
  const make = EXAMPLES[route];
  if (make === undefined) throw new Error(`test/app/examples.ts has no example of ${route}`);
  return make(world);
};

/** The route's path with ids that nobody has. */
export const pathWithUnknownIds = (route: string): string =>
  (route.split(' ')[1] ?? '').replaceAll(/:\w+/g, () => newId());

export const methodOf = (route: string): string => route.split(' ')[0] ?? '';

/** Sends it as the owner. */
export const sendExample = (
  { owner }: World,
  route: string,
  { path, body, headers = {} }: Example,
): Promise<Answer> => owner.send(methodOf(route), path, { ...(body === undefined ? {} : { body }), headers });

const newStaff = () => ({
  email: `staff-${next()}@example.com`,
  name: 'Somebody New',
  role: 'advisor',
  password: PASSWORD,
});

const anAccount = async ({ owner }: World) => {
  const account = newStaff();
  const { status } = await owner.post('/v1/staff', account);
  if (status !== 201) throw new Error(`no account: ${status}`);
  return { email: account.email, password: account.password };
};

const aLogin = async (world: World): Promise<Data> =>
  (await world.app.stranger.post('/v1/auth/login', await anAccount(world))).data;

/** As it stands in the mail. */
const aResetToken = async (world: World): Promise<string> => {
  const { email } = await anAccount(world);
  await world.app.stranger.post('/v1/auth/password-resets', { email });
  const [mail] = await world.app.sql<{ body: string }>`select body from outbox where recipient = ${email}`;
  return /token is: (\S+)/.exec(mail?.body ?? '')?.[1] ?? '';
};

const refreshing = (path: string, { refresh_token }: Data): Example => ({ path, body: { refresh_token } });

const aPublicHold = async ({ app, owner }: World): Promise<string> => {
  const { id } = await aHold(owner);
  await app.sql`update appointments set hold_stranger = '\\x01' where id = ${id}`;
  return id;
};

/** With the link of a job that the owner booked. */
const linked = async (
  { app, owner }: World,
  { below = '', body }: { below?: string; body?: Data } = {},
): Promise<Example> => {
  const { id: technician_id } = await aTechnician(owner);
  const token = await aLink(app, (await aBooking(owner, { technician_id })).id);
  const path = `/v1/public/appointments/${token}${below}`;
  return body === undefined ? { path } : { path, body };
};

const aLine = async (owner: Client, body?: Data): Promise<Example> => {
  const { id: service_id } = await aService(owner);
  const job = await aBooking(owner, { services: [{ service_id }] });
  const path = `/v1/appointments/${job.id}/services/${job.services[0].id}`;
  return body === undefined ? { path } : { path, body };
};

/** Far away: no booking of another example lies in it. */
const aSpan = { starts_at: '2102-12-24', ends_at: '2102-12-27T12:00:00-08:00', reason: 'Holidays' };

const aSpanOf = async (owner: Client, noun: 'time-off' | 'extra-hours'): Promise<Example> => {
  const path = `/v1/technicians/${(await aTechnician(owner)).id}/${noun}`;
  return { path: `${path}/${(await owner.post(path, aSpan)).data.id}` };
};
