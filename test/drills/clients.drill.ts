import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { BODIES } from '../hostile/bodies.ts';
import { LIVE, LOGIN, MIB, REFUSED, SECOND } from '../hostile/vectors.ts';
import { hear, openTo } from '../hostile/wire.ts';
import { household, until } from '../process/started.ts';
import { type Asked, ask } from './ask.ts';
import { figure, ms } from './figures.ts';
import { type Behaviour, crowdOf } from './hostile-clients.ts';
import { percentile, timesOf } from './load.ts';
import { type DrillShop, isLong, openShop, SLOWER, scaled, workersOf } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();
const isLinux = process.platform === 'linux';

const portOf = ({ address }: DrillShop): number => Number(new URL(address).port);
const rssMibOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** People who ask now and then, each on a connection that lives; ends with what they saw. */
const honestPeople = (shop: DrillShop, count: number) => {
  let isOver = false;
  const answers: Asked[] = [];
  const person = async (): Promise<void> => {
    while (!isOver) {
      answers.push(await ask(shop, 'GET', '/v1/technicians?limit=5', { keepalive: true }));
      await Bun.sleep(20 + Math.random() * 20);
    }
  };
  const people = Promise.all(Array.from({ length: count }, person));
  return {
    seen: () => answers.splice(0),
    leave: async (): Promise<Asked[]> => {
      isOver = true;
      await people;
      return answers;
    },
  };
};

const DRIPPING = scaled(500, 100);
/** Heads that drip, bodies that drip, idle sockets, and large answers that nobody reads. */
const CROWDS: readonly [count: number, behaviour: Behaviour][] = [
  [DRIPPING, { first: `GET ${LIVE}Host: s\r\n`, drip: (turn) => `X-${turn}: y\r\n`, isStubborn: true }],
  [DRIPPING, { first: `${LOGIN}Content-Length: 500000\r\n\r\n{"email":"`, drip: () => 'x' }],
  [scaled(1_000, 200), {}],
  [scaled(200, 40), { first: 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: s\r\n\r\n', isDeaf: true }],
];

test.skipIf(!isLinux)(
  'slow, idle and deaf clients: the others notice nothing, and all of them are cut off',
  async () => {
    const shop = await openShop(house);
    const workers = await workersOf(shop);
    const people = honestPeople(shop, 20);
    await Bun.sleep(1_000);
    people.seen();
    await Bun.sleep(scaled(10_000, 3_000));
    const quietMs = percentile(timesOf(people.seen()), 0.99);
    const memory = () => sum(workers.map(rssMibOf));
    const before = { mib: memory(), descriptors: sum(workers.map(descriptorsOf)) };
    const crowds = CROWDS.map(([count, behaviour]) => crowdOf(portOf(shop), count, behaviour));
    await Bun.sleep(1_000);
    people.seen();
    await Bun.sleep(scaled(30_000, 6_000));
    const seen = people.seen();
    const besetMs = percentile(timesOf(seen), 0.99);
    const grownMib = memory() - before.mib;
    const descriptors = sum(workers.map(descriptorsOf));
    const id = 'slow clients';
    figure(id, 'p99 of others, beset ÷ quiet', `${ms(besetMs)} ÷ ${ms(quietMs)}`, '≤ 2');
    figure(id, 'memory of both workers', `+${Math.round(grownMib)} MB`, 'flat');
    figure(id, 'descriptors of both workers, before and beset', `${before.descriptors}, ${descriptors}`, '–');
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect(besetMs).toBeLessThan(2 * SLOWER * Math.max(quietMs, 10));
    expect(grownMib).toBeLessThan(150);
    // Who comes again is there to the end, cut off or not; of the others nobody is left after two minutes.
    const held = (): number => sum(workers.map(descriptorsOf)) - before.descriptors;
    if (isLong) await until('the end of them', () => held() < DRIPPING + 60, 200_000);
    figure(id, 'heads that drip, cut off', crowds[0]?.closed() ?? 0, '–');
    if (isLong) figure(id, 'of the others left after two minutes', Math.max(0, held() - DRIPPING), '0');
    for (const crowd of crowds) crowd.leave();
    await until('their sockets to be closed', () => held() < 60);
    await people.leave();
    expect(await workersOf(shop)).toEqual(workers);
  },
);

test('hostile bytes: refused and closed, and nobody waits for them (S8, S10)', async () => {
  const shop = await openShop(house);
  const workers = await workersOf(shop);
  const people = honestPeople(shop, 5);
  await Bun.sleep(1_000);
  people.seen();
  const faults: string[] = [];
  for (let round = 0; round < scaled(5, 1); round += 1) {
    for (const [what, bytes] of Object.entries(REFUSED)) {
      const { status, isClosed, text } = await hear(await openTo(portOf(shop)), bytes + SECOND);
      if (!isClosed || (text !== '' && status < 400) || text.includes('smuggled')) faults.push(what);
    }
  }
  const bytesMs = Math.max(...timesOf(people.seen()));
  const bodyTimes = new Map<number, number>();
  for (let round = 0; round < scaled(5, 3); round += 1) {
    for (const [at, body] of BODIES.entries()) {
      const began = performance.now();
      const response = await fetch(`${shop.address}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${shop.token}`, 'content-type': 'application/json' },
        body,
      });
      await response.arrayBuffer();
      // The best of the rounds: what the body itself costs, not what else the machine does.
      bodyTimes.set(at, Math.min(bodyTimes.get(at) ?? Infinity, performance.now() - began));
      if (response.status < 400 || response.status > 499) faults.push(`${response.status} to body ${at}`);
    }
  }
  const bodiesMs = Math.max(...timesOf(people.seen()));
  await people.leave();
  figure(
    'S10',
    `${Object.keys(REFUSED).length} shapes of raw HTTP: faults`,
    faults.length,
    'refused and closed',
  );
  figure('S10', 'longest request of others meanwhile', ms(bytesMs), '–');
  figure('S8', `${BODIES.length} bodies, longest answer`, ms(Math.max(...bodyTimes.values())), '4xx ≤ 50 ms');
  figure('S8', 'longest request of others meanwhile', ms(bodiesMs), '–');
  expect(faults).toEqual([]);
  expect(Math.max(...bodyTimes.values())).toBeLessThan(50 * SLOWER);
  expect(await workersOf(shop)).toEqual(workers);
});

test('bodies on the wire: a slow honest one is taken, large and lying ones are refused unread (S12)', async () => {
  const shop = await openShop(house);
  const workers = await workersOf(shop);
  const head = (length: number, email: string): [string, string] => {
    const json = `{"name":"Slow","email":"${email}"`;
    return [
      `POST /v1/customers HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer ${shop.token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
      `${json}${' '.repeat(length - json.length - 1)}}`,
    ];
  };
  const bytesPerS = scaled(16, 128) * 1_024;
  const honest = await openTo(portOf(shop));
  const [first, body] = head(512 * 1_024, 'slow@example.com');
  const began = performance.now();
  let answer = '';
  honest.on('data', (chunk) => {
    answer += chunk.toString();
  });
  honest.write(first);
  for (let at = 0; at < body.length; at += bytesPerS / 4) {
    honest.write(body.slice(at, at + bytesPerS / 4));
    await Bun.sleep(250);
  }
  await until('the answer to the honest one', () => answer.includes('correlation_id'));
  honest.destroy();
  figure(
    'S12',
    `512 KB at ${bytesPerS / 1_024} KB/s`,
    `${answer.slice(9, 12)} after ${ms(performance.now() - began)}`,
    '201',
  );
  expect(answer).toStartWith('HTTP/1.1 201');

  const announced = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const asked = performance.now();
      const { status } = await hear(
        await openTo(portOf(shop)),
        `${LOGIN}Content-Length: ${10 * MIB}\r\n\r\n`,
      );
      return { status, tookMs: performance.now() - asked };
    }),
  );
  figure(
    'S12',
    '50 × 10 MB announced, longest until 413',
    ms(Math.max(...timesOf(announced))),
    'not a byte read',
  );
  expect(announced.filter(({ status }) => status !== 413)).toEqual([]);

  // More than was announced is the next request, and a malformed one; less, and the client goes: the body is torn.
  const short = await hear(
    await openTo(portOf(shop)),
    `${LOGIN}Content-Length: 2\r\n\r\n{}{"email":"x"}\r\n\r\n`,
  );
  expect([short.status >= 400, short.isClosed, short.answers <= 2]).toEqual([true, true, true]);
  const torn = crowdOf(portOf(shop), scaled(500, 100), {
    first: `${LOGIN}Content-Length: 1000\r\n\r\n{"email":`,
  });
  await Bun.sleep(500);
  torn.leave();
  expect((await ask(shop, 'GET', '/v1/me')).status).toBe(200);
  expect(await workersOf(shop)).toEqual(workers);
});
