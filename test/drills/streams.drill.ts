import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { type Listener, listenTo, type Told } from '../features/changes/listener.ts';
import { household, kill, until } from '../process/started.ts';
import { ask } from './ask.ts';
import { figure, ms, percent } from './figures.ts';
import { percentile } from './load.ts';
import { type DrillShop, openShop, rowsOf, SLOWER, scaled, slowDrill, workersOf } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

/** A client that comes back with the last id that it knows, as EventSource does. */
const follow = async ({ address, token }: DrillShop) => {
  const told: Told[] = [];
  let [isOver, resets, returns] = [false, 0, 0];
  const own = { authorization: `Bearer ${token}` };
  const get = (path: string, headers: Record<string, string>) =>
    fetch(`${address}${path}`, { headers, keepalive: false });
  let listener: Listener = await listenTo(get, { own });
  const gather = (): void => {
    for (const one of listener.told.splice(0)) {
      if (one.event === 'reset') resets += 1;
      if (one.event !== 'hello' && one.event !== 'reset')
        told.push({ ...one, data: { heard: performance.now(), ...one.data } });
    }
  };
  const following = (async () => {
    while (!isOver) {
      gather();
      if (listener.hasEnded()) {
        const lastEventId = listener.lastId();
        returns += 1;
        listener = await listenTo(get, { own }, { lastEventId }).catch(() => listener);
      }
      await Bun.sleep(20);
    }
    gather();
    await listener.leave();
  })();
  return {
    ids: () => told.map(({ id }) => Number(id)),
    told,
    returns: () => returns,
    resets: () => resets,
    stop: async () => {
      isOver = true;
      await following;
    },
  };
};

/** So many writes a second, each when its time has come. */
const writeSteadily = async (shop: DrillShop, { perS, forMs }: { perS: number; forMs: number }) => {
  const written: { id: string; at: number }[] = [];
  const pending: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; performance.now() - began < forMs; sent += 1) {
    await Bun.sleep(Math.max(0, began + (sent * 1_000) / perS - performance.now()));
    const body = { name: 'Drill', email: `stream-${process.pid}-${sent}@example.com` };
    const write = ask(shop, 'POST', '/v1/customers', { body, keepalive: true }).then(
      ({ status, data }) => {
        if (status === 201) written.push({ id: data.id, at: performance.now() });
      },
      () => undefined,
    );
    pending.push(write);
  }
  await Promise.all(pending);
  return written;
};

test('of three workers one is killed: every client is told of every change once, in order', async () => {
  const [clients, perS, forMs] = [60, scaled(200, 60), scaled(20_000, 4_000)];
  const shop = await openShop(house, { WORKERS: '3' });
  const followers = await Promise.all(Array.from({ length: clients }, () => follow(shop)));
  const [start] = await rowsOf(shop.databaseUrl, 'select last::int4 from journal_head');
  const writing = writeSteadily(shop, { perS, forMs });
  await Bun.sleep(forMs / 2);
  const [victim = 0] = await workersOf(shop);
  kill(victim, 'SIGKILL');
  const written = await writing;
  const rows = () =>
    rowsOf(
      shop.databaseUrl,
      `select position::int4, entity_id from changes where entity in ('appointment', 'customer', 'vehicle', 'technician')
      and position > ${start?.last} order by position`,
    );
  const told = await until('everything to be told', async () => {
    const all = await rows();
    const isWhole = all.length >= written.length && followers.every(({ told }) => told.length >= all.length);
    return isWhole ? all : undefined;
  });
  for (const follower of followers) await follower.stop();
  const positions = told.map(({ position }) => position);
  for (const follower of followers) expect(follower.ids()).toEqual(positions);
  const known = new Set(told.map(({ entity_id }) => entity_id));
  expect(written.filter(({ id }) => !known.has(id))).toEqual([]);
  expect(followers.reduce((sum, { resets }) => sum + resets(), 0)).toBe(0);
  const returns = followers.reduce((sum, follower) => sum + follower.returns(), 0);
  expect(returns).toBeGreaterThan(0);

  const writtenAt = new Map(written.map(({ id, at }) => [id, at]));
  // Those who were with the worker that was killed hear late.
  const delays = followers
    .filter((follower) => follower.returns() === 0)
    .flatMap((follower) =>
      follower.told.map(
        ({ data }) => Number(data.heard) - (writtenAt.get(String(data.entity_id)) ?? Number.NaN),
      ),
    )
    .filter((delay) => !Number.isNaN(delay));
  figure(
    'streams',
    `${positions.length} changes × ${clients} clients, ${returns} came back after the kill`,
    'each once, in order',
    'each once, in order',
  );
  figure(
    'streams',
    'from the answer to the writer until the others hear, p99',
    ms(percentile(delays, 0.99)),
    '≤ 1 s',
  );
  expect(percentile(delays, 0.5)).toBeLessThan(1_000 * SLOWER);
});

/** Writers who write again as soon as they are answered: writes a second. */
const throughput = async (
  shop: DrillShop,
  { writers, forMs }: { writers: number; forMs: number },
): Promise<number> => {
  let [written, isOver] = [0, false];
  const write = async (at: number): Promise<void> => {
    for (let turn = 0; !isOver; turn += 1) {
      const body = { status: turn % 2 === 0 ? 'en_route' : 'scheduled' };
      const path = `/v1/appointments/${jobs[at]}/status`;
      const { status } = await ask(shop, 'PUT', path, { body, keepalive: true });
      if (status === 200) written += 1;
    }
  };
  const jobs = await Promise.all(
    Array.from({ length: writers }, async (_, at) => {
      const starts_at = new Date(Date.UTC(2095, 0, 1 + jobDay + at)).toISOString();
      const body = { customer_id: shop.customerId, starts_at };
      return (await ask(shop, 'POST', '/v1/appointments', { body })).data.id as string;
    }),
  );
  jobDay += writers;
  const began = performance.now();
  const writing = Promise.all(Array.from({ length: writers }, (_, at) => write(at)));
  await Bun.sleep(forMs);
  const perS = (written / (performance.now() - began)) * 1_000;
  isOver = true;
  await writing;
  return perS;
};
let jobDay = 0;

const listening = async (shop: DrillShop, streams: number): Promise<() => Promise<unknown>> => {
  const port = new URL(shop.address).port;
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'listeners.ts'), port, shop.token, String(streams)],
    {
      ...{ stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' },
    },
  );
  const reader = child.stdout.getReader();
  await reader.read();
  return () => {
    child.stdin.end();
    return child.exited;
  };
};

slowDrill('500 open streams cost the writers less than 5 %', async () => {
  const shop = await openShop(house, { WORKERS: '2' });
  const load = { writers: 8, forMs: 15_000 };
  await throughput(shop, { ...load, forMs: 5_000 });
  const rates: { without: number[]; with: number[] } = { without: [], with: [] };
  for (let round = 0; round < 3; round += 1) {
    rates.without.push(await throughput(shop, load));
    const leave = await listening(shop, 500);
    rates.with.push(await throughput(shop, load));
    await leave();
  }
  const [without, withStreams] = [percentile(rates.without, 0.5), percentile(rates.with, 0.5)];
  const cost = 1 - withStreams / without;
  const seen = `${Math.round(without)} and ${Math.round(withStreams)} writes/s: ${percent(cost)}`;
  figure('streams', 'writers without and with 500 streams, medians of three rounds', seen, '< 5 %');
  expect(cost).toBeLessThan(0.05);
});
