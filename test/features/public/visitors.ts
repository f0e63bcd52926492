import { type Answer, type Client, type Data, PATIENT, type TestApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';

/** Everybody's address is told by a proxy, so that each visitor can have one of their own. */
export const env = { TRUST_PROXY: '1', ...PATIENT };

export type Visitor = {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};

let made = 0;
const next = (): number => {
  made += 1;
  return made;
};

/** Somebody without a login, from an address that nobody else has. */
export const aVisitor = (app: TestApp, address = `198.51.${next() >> 8}.${made & 255}`): Visitor => {
  const own = { 'x-forwarded-for': address };
  return {
    get: (path, headers = {}) => app.stranger.get(path, { headers: { ...own, ...headers } }),
    post: (path, body, headers = {}) => app.stranger.post(path, body, { headers: { ...own, ...headers } }),
  };
};

/** Far enough ahead, and never twice the same. */
export const soon = (): string => new Date(Date.now() + (48 + 2 * next()) * 3_600_000).toISOString();

export const anEmail = (): string => `visitor-${next()}@example.com`;

/** What a form sends: everything but the hold. */
export const details = (overrides: Data = {}): Data => ({
  ...{ name: 'Sam Carter', email: anEmail(), vehicle: { year: 2019, make: 'Honda', model: 'Civic' } },
  ...overrides,
});

const created = (answer: Answer): Data => {
  if (answer.status !== 201) throw new Error(`a visitor was refused: ${answer.status} ${answer.text}`);
  return answer.data;
};

export const holdAs = async (visitor: Visitor, owner: Client, overrides: Data = {}): Promise<Data> => {
  const technician_id = overrides.technician_id ?? (await aTechnician(owner)).id;
  return created(await visitor.post('/v1/public/holds', { technician_id, starts_at: soon(), ...overrides }));
};

export const book = (visitor: Visitor, hold_id: string, overrides: Data = {}): Promise<Answer> =>
  visitor.post('/v1/public/bookings', details({ hold_id, ...overrides }));

/** A booking, and the address that opens it. */
export const bookedAs = async (visitor: Visitor, owner: Client, overrides: Data = {}): Promise<Data> => {
  const { technician_id, starts_at, service_ids, ...given } = overrides;
  const asked = Object.fromEntries(
    Object.entries({ technician_id, starts_at, service_ids }).filter(([, value]) => value !== undefined),
  );
  const { id } = await holdAs(visitor, owner, asked);
  return created(await book(visitor, id, given));
};

export const queriesOf = ({ lines }: TestApp, { correlationId }: Answer): number =>
  Number(
    lines.find((line) => line.correlation_id === correlationId && typeof line.queries === 'number')?.queries,
  );
