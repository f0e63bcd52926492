import { hashed, newToken } from '../../src/values/token.ts';
import type { Client, Data, TestApp } from './app.ts';

let made = 0;
const next = (): number => {
  made += 1;
  return made;
};

const created = async (answer: Promise<{ status: number; data: Data; text: string }>): Promise<Data> => {
  const { status, data, text } = await answer;
  if (status !== 201) throw new Error(`a factory was refused: ${status} ${text}`);
  return data;
};

/** Made through the API by `client` (owner or advisor), with valid defaults. */
export const aCustomer = (client: Client, overrides: Data = {}): Promise<Data> =>
  created(
    client.post('/v1/customers', {
      name: 'Ana Ruiz',
      email: `ana-${process.pid}-${next()}@example.com`,
      ...overrides,
    }),
  );

export const aVehicle = async (client: Client, overrides: Data = {}): Promise<Data> => {
  const customerId = overrides.customer_id ?? (await aCustomer(client)).id;
  const vehicle = { customer_id: customerId, year: 2019, make: 'Toyota', model: 'Corolla', ...overrides };
  return created(client.post('/v1/vehicles', vehicle));
};

/** Made by an owner. */
export const aTechnician = (owner: Client, overrides: Data = {}): Promise<Data> =>
  created(owner.post('/v1/technicians', { name: 'Mo Kim', ...overrides }));

/** Made by an owner. */
export const aService = (owner: Client, overrides: Data = {}): Promise<Data> =>
  created(
    owner.post('/v1/services', {
      code: `TEST-${next()}`,
      name: 'Test service',
      category: 'Tests',
      duration_minutes: 45,
      price_cents: 12_000,
      kind: 'labour',
      ...overrides,
    }),
  );

/** Made by an owner. */
export const anArea = (owner: Client, overrides: Data = {}): Promise<Data> =>
  created(
    owner.post('/v1/service-areas', {
      ...{ name: `Area ${next()}`, kind: 'radius', lat: 34.05, lng: -118.24, radius_km: 25 },
      ...overrides,
    }),
  );

/** Hours from now, as an instant; no two calls give the same one. */
export const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Asked for by an owner: the technician is a new one. */
export const newHold = async (owner: Client, overrides: Data = {}): Promise<Data> => ({
  technician_id: overrides.technician_id ?? (await aTechnician(owner)).id,
  starts_at: inHours(24 + next()),
  minutes: 4,
  ...overrides,
});

export const aHold = async (owner: Client, overrides: Data = {}): Promise<Data> =>
  created(owner.post('/v1/holds', await newHold(owner, overrides)));

export const aBooking = async (client: Client, overrides: Data = {}): Promise<Data> => {
  const customerId = overrides.customer_id ?? (await aCustomer(client)).id;
  return created(
    client.post('/v1/appointments', {
      customer_id: customerId,
      starts_at: inHours(24 + next()),
      ...overrides,
    }),
  );
};

/** A link to that job, as a booking of its customer's own would have made one: its token. */
export const aLink = async (app: TestApp, appointmentId: string): Promise<string> => {
  const token = newToken();
  await app.sql`
    insert into appointment_links (token_hash, appointment_id) values (${hashed(token)}, ${appointmentId})`;
  return token;
};
