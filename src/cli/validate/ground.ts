import * as v from 'valibot';
import { refuse } from '../../process/refusal.ts';
import { type Bookings, prepareBookings } from './bookings.ts';
import type { Kind } from './load.ts';
import type { Session } from './session.ts';

const Settings = v.object({ timezone: v.string() });
const Jobs = v.object({ items: v.array(v.object({ customer_id: v.string() })) });
const Customers = v.object({ items: v.array(v.object({ id: v.string() })) });
const BOOKERS = ['owner', 'advisor'];

export interface Ground {
  kinds: Kind[];
  bookings: Bookings | undefined;
  /** What is not measured, and why. */
  remarks: string[];
}

/** Finds and makes what the requests need. */
export const prepare = async (session: Session, run: string, writes: boolean): Promise<Ground> => {
  if (session.role === 'technician')
    throw refuse('A technician may not read profiles: log in as an owner or advisor.');
  if (writes && !BOOKERS.includes(session.role)) {
    throw refuse(`An ${session.role} may not book: log in as an owner or advisor, or add --no-writes.`);
  }
  const { timezone } = await session.demand(['GET', '/v1/settings'], Settings);
  const today = Temporal.Now.plainDateISO(timezone);
  const from = today.toString();
  const to = today.add({ days: 1 }).toString();
  const found = await aCustomer(session, to);
  const bookings = writes ? await prepareBookings(session, run) : undefined;
  const customerId = found ?? bookings?.customerId;
  const headers = () => ({ authorization: `Bearer ${session.token()}` });
  const get = (path: string) => () => ({ path, headers: headers() });
  let count = 0;
  const book =
    ({ next }: Bookings) =>
    () => ({
      path: '/v1/appointments',
      method: 'POST',
      headers: {
        ...headers(),
        'content-type': 'application/json',
        'idempotency-key': `validate-${run}-${++count}`,
      },
      body: JSON.stringify(next()),
    });
  return {
    bookings,
    kinds: [
      { name: 'health', request: () => ({ path: '/health' }) },
      { name: 'appointments of today', request: get(`/v1/appointments?from=${from}&to=${to}&limit=100`) },
      ...(customerId === undefined
        ? []
        : [{ name: 'customer profile', request: get(`/v1/customers/${customerId}/profile`) }]),
      ...(bookings === undefined ? [] : [{ name: 'booking', request: book(bookings) }]),
    ],
    remarks: [
      ...(customerId === undefined ? ['customer profile: the shop has no customer'] : []),
      ...(writes ? [] : ['booking: --no-writes']),
    ],
  };
};

/** Somebody with a history where there is one: the customer of the latest job. */
const aCustomer = async (session: Session, to: string): Promise<string | undefined> => {
  const jobs = await session.demand(['GET', `/v1/appointments?to=${to}&sort=-starts_at&limit=1`], Jobs);
  if (jobs.items[0] !== undefined) return jobs.items[0].customer_id;
  const { items } = await session.demand(['GET', '/v1/customers?limit=1'], Customers);
  return items[0]?.id;
};
