import { startPostgres } from '../../src/process/postgres.ts';
import type { Data } from '../helpers/app.ts';
import { connect } from '../helpers/connection.ts';
import { pgBouncerTo } from '../helpers/pgbouncer.ts';
import type { Household, Started } from '../process/started.ts';
import { type DrillShop, openShop } from './shop.ts';

export const MAX_CONNECTIONS = 40;
/** Three are kept for the superuser: 37, for two boxes of two workers and one that replaces them, health apart. */
export const POOL = Math.floor((MAX_CONNECTIONS - 3) / 2 / 3) - 1;
export const WHILE_ROLLING = 2 * 3 * (POOL + 1);
export const AT_REST = 2 * 2 * (POOL + 1);

export type Way = 'PgBouncer' | 'no PgBouncer';
export type Boxes = {
  shop: DrillShop;
  other: Started;
  startOther(): Promise<Started>;
  adminUrl: string;
};

/** Two boxes, each with a folder and ports of its own, on one PostgreSQL that has too few connections for their wishes. */
export const withBoxes = async (
  house: Household,
  way: Way,
  use: (boxes: Boxes) => Promise<void>,
): Promise<void> => {
  await using atEnd = new AsyncDisposableStack();
  const say = (): void => undefined;
  const postgres = await startPostgres({ dataDir: house.folder(), maxConnections: MAX_CONNECTIONS, say });
  atEnd.defer(() => postgres.stop());
  const bouncer = way === 'PgBouncer' ? await pgBouncerTo(postgres.url, AT_REST) : undefined;
  atEnd.defer(async () => bouncer?.stop());
  const variables = {
    ...{ JWT_SECRET: crypto.randomUUID() + crypto.randomUUID(), BOXES: '2', WORKERS: '2', DB_POOL_MAX: '20' },
    DATABASE_DIRECT_URL: postgres.url,
    ...(bouncer === undefined
      ? { DATABASE_URL: postgres.url }
      : { DATABASE_URL: bouncer.url, DB_PREPARE: 'false' }),
  };
  const shop = await openShop(house, variables);
  const otherFolder = house.folder();
  const startOther = async (): Promise<Started> => {
    const other = house.serve({ DATA_DIR: otherFolder, GRACE_S: '10', LOG_LEVEL: 'warn', ...variables });
    shop.addresses[1] = await other.ready();
    return other;
  };
  const other = await startOther();
  await use({ shop, other, startOther, adminUrl: postgres.adminUrl });
};

type Asked = { token?: string; method?: string; key?: string; body?: object };

export const ask = async (
  address: string | undefined,
  path: string,
  { token, method, key, body }: Asked = {},
) => {
  const response = await fetch(`${address}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    keepalive: false,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: Data = JSON.parse(text);
  return { status: response.status, text, data: answer.data, reason: answer.error?.reason };
};

/** The most connections that the program had to the server, seen twenty times a second. */
export const watchConnections = (adminUrl: string) => {
  const admin = connect(adminUrl);
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const [row] = await admin`select count(*)::int4 as count from pg_stat_activity where usename = 'shop'`;
      most = Math.max(most, row?.count);
      await Bun.sleep(50);
    }
    await admin.end();
  })();
  return async (): Promise<number> => {
    isOver = true;
    await watching;
    return most;
  };
};
