import type { Sql } from '../../src/database/sql.ts';
import { findAppointment } from '../../src/features/appointments/queries.ts';
import { readBoard } from '../../src/features/board/queries.ts';
import { boardDay } from '../../src/features/board/rules.ts';
import { readProfile } from '../../src/features/customers/profile.ts';
import { type BookingShop, bookingRequests, bookingScript } from './booking.ts';
import type { Shop } from './shop.ts';
import { record, type Statement, written } from './statements.ts';

/** What is measured: requests to us and to the peers, and the same for the database alone. */
export type Route = {
  name: string;
  ours(turn: number): readonly string[];
  /** None where the peers have nothing of the kind. */
  peers?: readonly string[];
  scripts(turn: number): Promise<readonly string[]>;
  statement?: Statement;
};

/** Many, so that none is in anybody's cache alone, and few enough for one prepared statement of pgbench each. */
const IDS = 100;

type Read = {
  name: string;
  ids: string;
  path(id: string): string;
  columns: string[];
  query(sql: Sql, id: string): Promise<unknown>;
};

/** The shop's zone, as the demo has it. */
const CLOCK = { zone: 'America/Los_Angeles', now: new Date().toISOString() };

const READS: Read[] = [
  {
    name: 'profile',
    ids: `select id from customers where deleted_at is null order by md5(id::text) limit ${IDS}`,
    path: (id) => `/v1/customers/${id}/profile`,
    columns: ['customer', 'vehicles', 'items', 'totals'],
    query: (sql, id) => readProfile(sql, id, { limit: 25 }),
  },
  {
    name: 'appointment',
    ids: `select id from appointments where status <> 'held' order by md5(id::text) limit ${IDS}`,
    path: (id) => `/v1/appointments/${id}`,
    columns: ['shape'],
    query: (sql, id) => findAppointment(sql, id, null),
  },
  {
    name: 'board',
    ids: `select to_char(current_date + n - ${IDS / 2}, 'YYYY-MM-DD') as id from generate_series(1, ${IDS}) n`,
    path: (id) => `/v1/board?date=${id}`,
    columns: ['shape'],
    query: (sql, date) => readBoard(sql, { day: boardDay(date, CLOCK), ...CLOCK, technicianId: undefined }),
  },
];

export const readRoutes = async (shop: Shop): Promise<Route[]> => [
  {
    name: 'health',
    ours: () => [get('/health')],
    peers: [get('/health')],
    scripts: async () => ['select 1;'],
  },
  ...(await Promise.all(READS.map((one) => routeFrom(shop, one)))),
  booking(shop, await shop.openBookings()),
];

const get = (path: string): string => `GET\t${path}\t`;

const routeFrom = async (shop: Shop, { name, ids, path, columns, query }: Read): Promise<Route> => {
  const found = await shop.ids(ids);
  const statement = await record(shop.postgres.url, { ids: found, columns }, query);
  return {
    name,
    statement,
    ours: () => found.map((one) => get(path(one))),
    peers: found.map((one) => get(`/${name}/${one}`)),
    scripts: async () => found.map((one) => `${written(statement, one)};`),
  };
};

const booking = (shop: Shop, whom: BookingShop): Route => ({
  name: 'booking',
  ours: (turn) => bookingRequests(whom, turn),
  scripts: async (turn) => [await bookingScript(shop.postgres.url, whom, turn)],
});
