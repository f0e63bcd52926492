import { newTrace } from '../../../src/database/timing.ts';
import { type Sender, sendDue } from '../../../src/features/notices/sender.ts';
import type { Letter, Provider } from '../../../src/features/outbox/types.ts';
import { type Client, type Data, PATIENT, type TestApp, testApp } from '../../helpers/app.ts';
import { aCustomer, aTechnician } from '../../helpers/factories.ts';

/** By day in Los Angeles. */
export const NOON = '2031-03-04T20:00:00Z';

/** A shop whose clock stands still until it is set, with a sender whose provider writes down what it is handed. */
export const aShop = async (env: Record<string, string> = {}) => {
  const clock = { now: Date.parse(NOON) };
  const app = await testApp({ env: { ...PATIENT, ...env }, clock: () => clock.now });
  await app.sql`update settings set messages_per_hour = 1000, horizon_days = 3650`;
  const owner = alwaysNew(app, clock);
  const handed: Letter[] = [];
  const provide: { next: Provider } = { next: async () => null };
  const record: Provider = (letter, signal) => {
    handed.push(letter);
    return provide.next(letter, signal);
  };
  const logged: [Data, string][] = [];
  const line = (fields: Data, message: string) => {
    logged.push([fields, message]);
  };
  const counts: Record<string, number> = {};
  const sender: Sender = {
    sql: app.pool.database(newTrace('outbox')),
    providers: { sms: record, email: record },
    log: { info: line, warn: line },
    counted: (outcome) => {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    },
    clock: () => clock.now,
  };
  /** Until nothing more is due. Gives what went out. */
  const send = async (): Promise<Letter[]> => {
    const before = handed.length;
    while (await sendDue(sender));
    return handed.slice(before);
  };
  const at = (instant: string): void => {
    clock.now = Date.parse(instant);
  };
  return { app, owner, clock, at, send, sender, handed, provide, logged, counts };
};

/** An owner whose token never ends, wherever the clock is set. */
const alwaysNew = (app: TestApp, clock: { now: number }): Client => {
  let last: { at: number; client: Promise<Client> } | undefined;
  const client = (): Promise<Client> => {
    if (last?.at !== clock.now) last = { at: clock.now, client: app.as('owner') };
    return last.client;
  };
  return {
    ...{ staffId: '', own: {} },
    send: async (method, path, options) => (await client()).send(method, path, options),
    get: async (path, options) => (await client()).get(path, options),
    post: async (path, body, options) => (await client()).post(path, body, options),
    put: async (path, body, options) => (await client()).put(path, body, options),
    patch: async (path, body, options) => (await client()).patch(path, body, options),
    delete: async (path, options) => (await client()).delete(path, options),
  };
};

export type Shop = Awaited<ReturnType<typeof aShop>>;

let made = 0;
/** Who wants texts, and has an e-mail address too. */
export const aTexter = (owner: Client, overrides: Data = {}): Promise<Data> => {
  made += 1;
  const phone = `+1213555${String(1_000 + made).padStart(4, '0')}`;
  return aCustomer(owner, { name: 'Ana', phone, sms_consent: true, ...overrides });
};

/** A job of a technician of its own, at a start. */
export const aJob = async (owner: Client, starts_at: string, overrides: Data = {}): Promise<Data> => {
  const customer_id = overrides.customer_id ?? (await aTexter(owner)).id;
  const { id: technician_id } = await aTechnician(owner);
  const job = { customer_id, technician_id, starts_at, ...overrides };
  const { status, data, text } = await owner.post('/v1/appointments', job);
  if (status !== 201) throw new Error(text);
  return data;
};

export const move = (owner: Client, id: string, status: string) =>
  owner.put(`/v1/appointments/${id}/status`, { status });

export const bodiesOf = (letters: readonly Letter[]): string[] => letters.map(({ body }) => body);
