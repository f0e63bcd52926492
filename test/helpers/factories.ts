import { signatureOf } from '../../src/features/callbacks/rules.ts';
import { hashed, newToken } from '../../src/values/token.ts';
import { CALLBACK_SECRET, type Client, type Data, type TestApp } from './app.ts';

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

/** Made by an owner. */
export const aWebhook = (owner: Client, overrides: Data = {}): Promise<Data> =>
  created(owner.post('/v1/webhooks', { url: 'https://hooks.example.com/', ...overrides }));

export const aTemplate = (owner: Client, overrides: Data = {}): Promise<Data> =>
  created(
    owner.post('/v1/message-templates', {
      ...{ name: `Template ${next()}`, channel: 'sms', body: 'Hello {{customer_name}}!' },
      ...overrides,
    }),
  );

/** The headers of a callback, as the provider signs it. */
export const signed = (body: unknown, how: Parameters<typeof signedText>[1] = {}): Record<string, string> =>
  signedText(JSON.stringify(body), how);

export const signedText = (
  text: string | Uint8Array,
  { secret = CALLBACK_SECRET, at = Date.now(), id = `event-${process.pid}-${next()}` } = {},
): Record<string, string> => {
  const timestamp = String(Math.floor(at / 1_000));
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signatureOf(secret, id, timestamp, bytes)}`,
  };
};

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

/** Made by an owner: a job that is done, at a price. */
export const aDoneJob = async (app: TestApp, owner: Client, overrides: Data = {}): Promise<Data> => {
  const services = overrides.services ?? [{ service_id: (await aService(owner)).id }];
  const { id } = await aBooking(owner, { ...overrides, services });
  await app.sql`update appointments set status = 'completed', completed_at = now() where id = ${id}`;
  return (await owner.get(`/v1/appointments/${id}`)).data;
};

/** A draft over 120.00, unless the job says otherwise. */
export const anInvoice = async (app: TestApp, owner: Client, overrides: Data = {}): Promise<Data> =>
  created(owner.post(`/v1/appointments/${(await aDoneJob(app, owner, overrides)).id}/invoice`, {}));

export const anIssuedInvoice = async (app: TestApp, owner: Client, overrides: Data = {}): Promise<Data> => {
  const { id } = await anInvoice(app, owner, overrides);
  return (await owner.post(`/v1/invoices/${id}/issue`)).data;
};

/** A draft: 180.00 of labour, and two pads at 45.00. */
export const anEstimate = async (client: Client, overrides: Data = {}): Promise<Data> => {
  const customer_id = overrides.customer_id ?? (await aCustomer(client)).id;
  const lines = [
    { kind: 'labour', name: 'Front brakes', quantity: 1, unit_price_cents: 18_000 },
    { kind: 'part', name: 'Pads', quantity: 2, unit_price_cents: 4_500 },
  ];
  return created(client.post('/v1/estimates', { customer_id, lines, ...overrides }));
};

/** The estimate, and the token of its link. */
export const aSentEstimate = async (client: Client, overrides: Data = {}): Promise<Data> => {
  const { id } = await anEstimate(client, overrides);
  const { data, text } = await client.post(`/v1/estimates/${id}/send`);
  if (data === null) throw new Error(`an estimate was not sent: ${text}`);
  return { ...data.estimate, token: data.link_url.split('/').at(-1) };
};

/** What a customer says on the phone to this version of an estimate, to all lines or to those named. */
export const words = ({ version, lines }: Data, decision = 'approved'): Data => ({
  ...{ version, lines: lines.map(({ id }: Data) => ({ line_id: id, decision })) },
  ...{ name: 'Sam Carter', method: 'phone', contact: '(213) 555-0142', text: 'As estimated' },
});

export const anApprovedEstimate = async (client: Client, overrides: Data = {}): Promise<Data> => {
  const sent = await aSentEstimate(client, overrides);
  const said = await created(client.post(`/v1/estimates/${sent.id}/authorizations`, words(sent)));
  return { ...said.estimate, token: sent.token };
};

/** Headers with a key that no other request has. */
export const withKey = () => ({ headers: { 'idempotency-key': Bun.randomUUIDv7() } });

/** The whole answer: payment and invoice. */
export const aPayment = async (client: Client, invoiceId: string, body: Data = {}): Promise<Data> => {
  const payment = { amount_cents: 5_000, method: 'card', ...body };
  return created(client.post(`/v1/invoices/${invoiceId}/payments`, payment, withKey()));
};

export const aDeposit = async (client: Client, appointmentId: string, body: Data = {}): Promise<Data> => {
  const payment = { amount_cents: 3_000, method: 'cash', ...body };
  return created(client.post(`/v1/appointments/${appointmentId}/deposits`, payment, withKey()));
};

/** A link to that job, as a booking of its customer's own would have made one: its token. */
export const aLink = async (app: TestApp, appointmentId: string): Promise<string> => {
  const token = newToken();
  await app.sql`
    insert into appointment_links (token_hash, appointment_id) values (${hashed(token)}, ${appointmentId})`;
  return token;
};
