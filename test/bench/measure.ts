import type { Contender } from './contenders.ts';
import { runPgbench, runWrk, type Turn } from './loads.ts';
import { processorSecondsOf } from './processor.ts';
import type { Route } from './routes.ts';
import type { Shop } from './shop.ts';

/** A turn, and how many cores were busy with it. */
export type Seen = Turn & { ownCores: number; databaseCores: number };
export type Load = { seconds: number; connections: number };

export type Measurable = {
  who: string;
  /** Undefined where it has nothing of the kind. */
  measure(route: Route, load: Load): Promise<Seen> | undefined;
};

/** Each turn of bookings has slots of its own. */
let turns = 0;

export const ours = (shop: Shop): Measurable => ({
  who: shop.ours.name,
  measure: (route, load) =>
    watched(shop, shop.ours.pids, async () => {
      turns += 1;
      const token = await shop.login();
      return runWrk(shop.ours.address, route.ours(turns), { ...load, token });
    }),
});

export const peer = (shop: Shop, { name, address, pids, routes }: Contender): Measurable => ({
  who: name,
  measure: ({ name: route, peers }, load) =>
    peers === undefined || routes?.includes(route) === false
      ? undefined
      : watched(shop, pids, () => runWrk(address, peers, load)),
});

/** The statements alone: what the database can do. */
export const database = (shop: Shop): Measurable => ({
  who: 'PostgreSQL alone (pgbench, prepared, 20 clients)',
  measure: (route, { seconds }) =>
    watched(shop, [], async () => {
      turns += 1;
      return runPgbench(shop.postgres.url, await route.scripts(turns), { seconds });
    }),
});

const watched = async (
  { postgres }: Shop,
  pids: readonly number[],
  turn: () => Promise<Turn>,
): Promise<Seen> => {
  const busy = () => ({
    at: performance.now() / 1_000,
    own: pids.reduce((sum, pid) => sum + processorSecondsOf(pid), 0),
    database: processorSecondsOf(postgres.pid),
  });
  const before = busy();
  const seen = await turn();
  const after = busy();
  const took = after.at - before.at;
  return {
    ...seen,
    ownCores: (after.own - before.own) / took,
    databaseCores: (after.database - before.database) / took,
  };
};
