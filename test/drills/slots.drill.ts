import { expect, setDefaultTimeout, test } from 'bun:test';
import { household } from '../process/started.ts';
import { type Asked, ask, askUntilTaken, countsOf } from './ask.ts';
import { figure, ms } from './figures.ts';
import { percentile } from './load.ts';
import { type DrillShop, openShop, rowsOf, SLOWER, scaled, slowDrill } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();
const CLIENTS = 100;
const FIFTH = CLIENTS / 5;
const P99_MS = 250;
const HOUR_MS = 3_600_000;
const firstDay = Math.ceil(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS + 48 * HOUR_MS;

/** Ways into a calendar, each ready to be tried: what has to be made for it is there. */
type Ways = (() => Promise<Asked>)[];

// In short the drill of races has C1.
for (const [name, make, drill] of [
  ['C1: bookings', bookings, slowDrill],
  ['C8: bookings, reschedules, returns, holds and public holds', everyWay, test],
] as const) {
  drill(
    `${name} of one slot by a hundred clients: exactly one has it, the rest are told the next starts`,
    async () => {
      // Each stranger comes from an address of their own.
      const shop = await openShop(house, { TRUST_PROXY: '1' });
      const rounds = scaled(50, 3);
      // The first ones are for statements to be prepared and code to be compiled.
      const warming = scaled(5, 2);
      const answers: Asked[] = [];
      for (let round = 0; round < warming + rounds; round += 1) {
        // Within the horizon of those who book for themselves.
        const starts_at = new Date(firstDay + round * 48 * HOUR_MS).toISOString();
        const ways = await make(shop, starts_at);
        const told = await Promise.all(ways.map((way) => way()));
        expect(told.filter(({ status }) => status < 300)).toHaveLength(1);
        const refused = told.filter(({ status }) => status >= 300);
        expect(refused.filter(({ reason }) => reason !== 'appointment.slot_taken')).toEqual([]);
        for (const { text } of refused) expect(JSON.parse(text).error.details.next_starts).toHaveLength(3);
        if (round >= warming) answers.push(...told);
      }
      const deadlocks = await rowsOf(
        shop.databaseUrl,
        'select deadlocks::int4 as count from pg_stat_database where datname = current_database()',
      );
      const p99 = percentile(
        answers.map(({ tookMs }) => tookMs),
        0.99,
      );
      figure(
        name,
        `${CLIENTS} clients × ${rounds} rounds`,
        countsOf(answers),
        `${rounds} × 201 or 200, the rest 409`,
      );
      figure(name, 'p99, and deadlocks', `${ms(p99)}, ${deadlocks[0]?.count}`, `≤ ${P99_MS} ms, 0`);
      expect(deadlocks[0]?.count).toBe(0);
      expect(p99).toBeLessThan(P99_MS * SLOWER);
    },
  );
}

async function bookings(shop: DrillShop, starts_at: string): Promise<Ways> {
  return Array.from({ length: CLIENTS }, () => booking(shop, starts_at));
}

/** A fifth by each way. Jobs that are moved or called back stand ready before the race. */
async function everyWay(shop: DrillShop, starts_at: string): Promise<Ways> {
  const technician_id = shop.technicianIds[0];
  const jobs = await Promise.all(
    Array.from({ length: 2 * FIFTH }, async (_, at) => {
      // Each with another technician's calendar or another year: none is in another's way.
      const elsewhere = new Date(Date.parse(starts_at) + (at + 1) * 400 * 24 * HOUR_MS).toISOString();
      const body = { customer_id: shop.customerId, technician_id, starts_at: elsewhere };
      return (await askUntilTaken(shop, 'POST', '/v1/appointments', { body })).data;
    }),
  );
  const [moved, returning] = [jobs.slice(0, FIFTH), jobs.slice(FIFTH)];
  for (const job of returning) {
    const path = `/v1/appointments/${job.id}`;
    await askUntilTaken(shop, 'PUT', `${path}/status`, { body: { status: 'canceled' } });
    await rowsOf(
      shop.databaseUrl,
      `update appointments set starts_at = '${starts_at}', ends_at = timestamptz '${starts_at}' + interval '1 hour'
       where id = '${job.id}'`,
    );
  }
  return [
    ...moved.map(
      (job) => () =>
        ask(shop, 'PATCH', `/v1/appointments/${job.id}`, { body: { starts_at }, keepalive: true }),
    ),
    ...returning.map(
      (job) => () =>
        ask(shop, 'PUT', `/v1/appointments/${job.id}/status`, {
          body: { status: 'scheduled' },
          keepalive: true,
        }),
    ),
    ...Array.from({ length: FIFTH }, () => booking(shop, starts_at)),
    ...Array.from({ length: FIFTH }, () => holding(shop, '/v1/holds', { starts_at })),
    ...Array.from({ length: FIFTH }, () =>
      holding(shop, '/v1/public/holds', { starts_at, 'x-forwarded-for': anAddress() }),
    ),
  ];
}

const booking = (shop: DrillShop, starts_at: string) => () =>
  ask(shop, 'POST', '/v1/appointments', {
    body: { customer_id: shop.customerId, technician_id: shop.technicianIds[0], starts_at },
    keepalive: true,
  });

const holding =
  (
    shop: DrillShop,
    path: string,
    { starts_at, ...headers }: { starts_at: string } & Record<string, string>,
  ) =>
  () =>
    ask(shop, 'POST', path, {
      body: { technician_id: shop.technicianIds[0], starts_at },
      headers,
      keepalive: true,
    });

const anAddress = (): string => `10.${[1, 2, 3].map(() => Math.floor(Math.random() * 256)).join('.')}`;
