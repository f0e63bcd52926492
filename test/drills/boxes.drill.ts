import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Data } from '../helpers/app.ts';
import { whyNoPgBouncer } from '../helpers/pgbouncer.ts';
import { OWNER } from '../process/requests.ts';
import { household, isRunning, until } from '../process/started.ts';
import {
  AT_REST,
  ask,
  MAX_CONNECTIONS,
  POOL,
  type Way,
  WHILE_ROLLING,
  watchConnections,
  withBoxes,
} from './boxes.ts';
import { figure, ms } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { servedAgainMs, startLoad } from './load.ts';
import { bookOneSlot, shownReasons } from './one-slot.ts';
import { type DrillShop, isLong, rowsOf, scaled } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

const assertOneSlotIsSoldOnce = async (way: Way, shop: DrillShop): Promise<void> => {
  const [clients, rounds, seen] = [scaled(1_000, 100), scaled(10, 2), new Map<string, number>()];
  for (let round = 0; round < rounds; round += 1) {
    const starts_at = new Date(Date.UTC(2091, 0, 1 + round)).toISOString();
    expect(await bookOneSlot(shop, { clients, starts_at, seen })).toBe(1);
  }
  const what = `answers to ${clients} × ${rounds} bookings of one slot`;
  figure(`boxes, ${way}`, what, shownReasons(seen), 'one each');
};

/** Sent to both at once, and to each after. */
const assertOneKeyHasOneEffect = async (way: Way, shop: DrillShop): Promise<void> => {
  const body = { name: 'Once', email: 'once@example.com' };
  const asked = { token: shop.token, key: crypto.randomUUID(), body };
  const send = (at: number) => ask(shop.addresses[at % 2], '/v1/customers', asked);
  const atOnce = await Promise.all(Array.from({ length: 60 }, (_, at) => send(at)));
  const after = [];
  while (after.length < 4) after.push(await send(after.length));
  const kept = atOnce.filter(({ status }) => status === 201);
  const refusals = new Set(atOnce.flatMap(({ reason }) => reason ?? []));
  expect(refusals.difference(new Set(['idempotency.in_progress', 'database.busy']))).toEqual(new Set());
  expect(kept.length).toBeGreaterThan(0);
  expect(after.map(({ status }) => status)).toEqual(Array(4).fill(201));
  expect(new Set([...kept, ...after].map(({ text }) => text)).size).toBe(1);
  const rows = await rowsOf(shop.databaseUrl, `select id from customers where email = '${body.email}'`);
  expect(rows.map(({ id }) => id)).toEqual([kept[0]?.data.id]);
  figure(
    `boxes, ${way}`,
    'one key × 60 over both at once',
    `1 effect, ${kept.length} equal answers`,
    'one effect',
  );
};

const assertSessionsAreShared = async ({ addresses: [one, other], token }: DrillShop): Promise<void> => {
  const [password, next] = ['seven violet trams over the hill', 'eight violet trams over the hill'];
  const person = { name: 'Mo Kim', email: 'mo@shop.test', password };
  const hired = await ask(one, '/v1/staff', { token, body: { ...person, role: 'advisor' } });
  const logIn = async (address: string | undefined, secret: string): Promise<Data> => {
    const { data } = await ask(address, '/v1/auth/login', {
      body: { email: person.email, password: secret },
    });
    return data;
  };
  /** What each box answers to that session. */
  const seen = (session: Data): Promise<number[]> =>
    Promise.all(
      [one, other].map(async (at) => (await ask(at, '/v1/me', { token: session.access_token })).status),
    );
  const [first, second] = [await logIn(one, password), await logIn(other, password)];
  expect([await seen(first), await seen(second)]).toEqual([
    [200, 200],
    [200, 200],
  ]);

  await ask(other, '/v1/auth/logout', { body: { refresh_token: first.refresh_token } });
  expect([await seen(first), await seen(second)]).toEqual([
    [401, 401],
    [200, 200],
  ]);

  const third = await logIn(one, password);
  const change = { current_password: password, new_password: next };
  const changed = await ask(one, '/v1/auth/password', { token: third.access_token, body: change });
  expect(changed.status).toBe(200);
  expect([await seen(second), await seen(third)]).toEqual([
    [401, 401],
    [401, 401],
  ]);

  const fourth = await logIn(other, next);
  expect(await seen(fourth)).toEqual([200, 200]);
  await ask(one, `/v1/staff/${hired.data.id}`, { token, method: 'PATCH', body: { is_active: false } });
  expect(await seen(fourth)).toEqual([401, 401]);
  const refreshed = await ask(other, '/v1/auth/refresh', { body: { refresh_token: fourth.refresh_token } });
  expect(refreshed.status).toBe(401);
};

const assertLimitsAreShared = async ({ addresses }: DrillShop): Promise<void> => {
  const statuses: number[] = [];
  for (let at = 0; at < 10; at += 1) {
    const body = { email: OWNER.email, password: `a wrong guess ${at}` };
    statuses.push((await ask(addresses[at % 2], '/v1/auth/login', { body })).status);
  }
  expect(statuses).toEqual(Array(10).fill(401));
  for (const address of addresses)
    expect((await ask(address, '/v1/auth/login', { body: OWNER })).reason).toBe('auth.too_many_attempts');
};

const WAYS: [Way, missing: string | undefined][] = [
  ['PgBouncer', whyNoPgBouncer],
  ['no PgBouncer', undefined],
];

// The short form takes the way with more between.
describe.each(isLong || whyNoPgBouncer !== undefined ? WAYS : WAYS.slice(0, 1))(
  'two boxes on one PostgreSQL, %s between',
  (way, missing) => {
    const drill = missing === undefined ? test : test.skip;

    drill('sell a slot once, keep a key, know people and count their failed logins as one does', () =>
      withBoxes(house, way, async ({ shop }) => {
        await assertOneSlotIsSoldOnce(way, shop);
        await assertOneKeyHasOneEffect(way, shop);
        await assertSessionsAreShared(shop);
        await assertLimitsAreShared(shop);
      }),
    );

    drill('keep within their connections when both are rolled, and lose nothing when one is killed', () =>
      withBoxes(house, way, async ({ shop, other, startOther, adminUrl }) => {
        expect(other.said.join()).toContain(
          `get ${POOL} connections each instead of 20: the server allows ${MAX_CONNECTIONS - 3} to 2 boxes in all`,
        );
        const mostSeen = watchConnections(adminUrl);
        const ledger = openLedger(shop);
        const load = startLoad(shop, ledger, { writers: scaled(60, 16), readers: scaled(60, 16) });
        for (const server of [shop.server, other]) server.signal('SIGHUP');
        for (const server of [shop.server, other]) await server.hears(/^reloaded$/);
        await Bun.sleep(scaled(5_000, 500));
        other.signalGroup('SIGKILL');
        await until('its end', () => !isRunning(other.pid));
        const servedMs = await servedAgainMs(shop.address, performance.now());
        await Bun.sleep(scaled(5_000, 1_000));
        await startOther();
        await Bun.sleep(scaled(5_000, 500));
        const reads = await load.stop();
        const unknown = await ledger.settle();
        const most = await mostSeen();
        await assertLedger(ledger, shop);
        // A box that is killed answers nothing; whatever is answered is right.
        expect(reads.filter(({ status }) => status !== 200 && status !== undefined)).toEqual([]);
        expect(most).toBeGreaterThan(AT_REST / 2);
        // PgBouncer has so many of its own, and each supervisor one that goes past it.
        expect(most).toBeLessThanOrEqual(way === 'PgBouncer' ? AT_REST + 2 : WHILE_ROLLING);
        figure(`boxes, ${way}`, 'the other box serves after the kill', ms(servedMs), 'at once');
        const writes = `${ledger.entries.length}, ${unknown}`;
        figure(`boxes, ${way}`, 'writes noted, of them unknown at first', writes, 'L1–L3, I1, I3, I6 hold');
        figure(`boxes, ${way}`, 'most connections at once', most, `≤ ${MAX_CONNECTIONS - 3}, the server's`);
      }),
    );
  },
);
