import { expect, setDefaultTimeout, test } from 'bun:test';
import type { Data } from '../helpers/app.ts';
import { login } from '../process/requests.ts';
import { household } from '../process/started.ts';
import { type Asked, ask, askUntilTaken, countsOf } from './ask.ts';
import { figure } from './figures.ts';
import { assertLedger, openLedger } from './ledger.ts';
import { bookOneSlot, shownReasons } from './one-slot.ts';
import { type DrillShop, openShop, rowsOf, scaled } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

test('C1: a thousand bookings of one slot over both workers: exactly one', async () => {
  const shop = await openShop(house);
  const clients = scaled(1_000, 200);
  const rounds = scaled(20, 2);
  const seen = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const starts_at = new Date(Date.UTC(2091, 0, 1 + round)).toISOString();
    expect(await bookOneSlot(shop, { clients, starts_at, seen })).toBe(1);
  }
  const [row] = await rowsOf(shop.databaseUrl, 'select count(*)::int4 as count from appointments');
  expect(row?.count).toBe(rounds);
  figure('C1', `bookings kept of ${clients} × ${rounds}`, row?.count, `${rounds}`);
  figure('C1', 'answers', shownReasons(seen), 'no other 5xx');
});

const times = <Made>(count: number, make: (at: number) => Promise<Made>): Promise<Made[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => make(at)));

test('C3: one key a hundred times at once and a hundred times after: one effect, one answer', async () => {
  const shop = await openShop(house);
  const rounds = scaled(10, 2);
  const racing: Asked[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const body = { name: 'Ana', email: `key-${round}@example.com` };
    const add = (changes: object = {}) =>
      askUntilTaken(shop, 'POST', '/v1/customers', { headers, body: { ...body, ...changes } });
    const atOnce = await times(100, () => add());
    racing.push(...atOnce);
    const after: Asked[] = [];
    while (after.length < 100) after.push(await add());
    const made = [...atOnce, ...after].filter(({ status }) => status === 201);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    expect(after.filter(({ headers: own }) => own.get('idempotency-replayed') !== 'true')).toEqual([]);
    expect((await add({ notes: 'another' })).reason).toBe('idempotency.key_reused');
    // The same key on another thing, and of another person, is another write.
    const [id = ''] = made.map(({ data }) => data.id);
    const patched = await ask(shop, 'PATCH', `/v1/customers/${id}`, { headers, body: { notes: 'n' } });
    const person = { email: `advisor-${round}@shop.test`, password: 'walnut-harbor-spindle-40' };
    await ask(shop, 'POST', '/v1/staff', { body: { ...person, name: 'Bo', role: 'advisor' } });
    const { data } = await ask(shop, 'POST', '/v1/auth/login', { body: person });
    const other = { ...shop, token: data.access_token };
    const second = await ask(other, 'POST', '/v1/customers', {
      ...{ headers, body: { name: 'Bo', email: `other-${round}@example.com` } },
    });
    expect([patched.status, second.status]).toEqual([200, 201]);
  }
  const kept = await rowsOf(shop.databaseUrl, `select 1 from customers where email like 'key-%'`);
  figure(
    'C3',
    `${racing.length} writes at once, ${rounds} keys`,
    countsOf(racing),
    'one effect each, else 409',
  );
  figure('C3', 'customers made', kept.length, String(rounds));
  expect(kept).toHaveLength(rounds);
  expect(
    racing.filter(({ status, reason }) => status !== 201 && reason !== 'idempotency.in_progress'),
  ).toEqual([]);
});

test('C5: a hundred changes with one ETag at once: one is made', async () => {
  const shop = await openShop(house);
  const seen: Asked[] = [];
  for (let round = 0; round < scaled(20, 3); round += 1) {
    const path = `/v1/customers/${shop.customerId}`;
    const { headers: now } = await ask(shop, 'GET', path);
    const headers = { 'if-match': now.get('etag') ?? '' };
    const answers = await times(100, (at) =>
      askUntilTaken(shop, 'PATCH', path, { headers, body: { notes: `round ${round}, client ${at}` } }),
    );
    seen.push(...answers);
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(99);
    expect((await ask(shop, 'GET', path)).data.notes).toBe(made[0]?.data.notes);
  }
  figure('C5', `${seen.length} changes, a hundred with one ETag`, countsOf(seen), 'one 200, 99 × 412 each');
});

test('C6: twenty refreshes of one token at once: one chain survives, and a late replay ends it', async () => {
  const shop = await openShop(house);
  const seen: Asked[] = [];
  for (let round = 0; round < scaled(4, 2); round += 1) {
    const { data }: Data = await (await login(shop.address)).json();
    const refresh = (refresh_token: string) =>
      ask(shop, 'POST', '/v1/auth/refresh', { body: { refresh_token } });
    const answers = await times(20, () => refresh(data.refresh_token));
    seen.push(...answers);
    const [won, ...more] = answers.filter(({ status }) => status === 200);
    expect([more.length, answers.filter(({ status }) => status === 401).length]).toEqual([0, 19]);
    const next = await refresh(won?.data.refresh_token);
    expect(next.status).toBe(200);
    await rowsOf(shop.databaseUrl, `update refresh_tokens set used_at = used_at - interval '11 seconds'`);
    expect((await refresh(data.refresh_token)).status).toBe(401);
    expect((await refresh(next.data.refresh_token)).status).toBe(401);
    expect((await ask({ ...shop, token: next.data.access_token }, 'GET', '/v1/me')).status).toBe(401);
  }
  figure(
    'C6',
    `${seen.length} refreshes, twenty with one token`,
    countsOf(seen),
    'one 200 each; a late replay ends all',
  );
});

test('bookings, reschedules, moves and restores mixed: no two jobs at once, every version once', async () => {
  const shop = await openShop(house);
  const answers = await mixed(shop, scaled(10_000, 500));
  const made = answers.filter(({ status }) => status < 300).map(({ data }) => data);
  const toldByVersion = Map.groupBy(made, ({ id, version }) => `${id} ${version}`);
  const rows = await rowsOf(shop.databaseUrl, `select id, version from appointments`);
  figure(
    'C7 mixed',
    `${answers.length} writes of 60 clients, 3 technicians`,
    countsOf(answers),
    'no overlap, no 500',
  );
  expect(answers.filter(({ status }) => ![200, 201, 404, 409, 503].includes(status))).toEqual([]);
  // A move into the state that a job has tells the version that was there: then it is the same job.
  const differing = [...toldByVersion.values()].filter(
    (told) => new Set(told.map((job) => JSON.stringify(job))).size > 1,
  );
  expect(differing).toEqual([]);
  // Every version was told to somebody: no write was lost, none came between unseen.
  expect(rows.reduce((sum, { version }) => sum + version, 0)).toBe(toldByVersion.size);
  await assertLedger(openLedger(shop), shop);
});

/** Many clients that book, put off, move, delete and restore the jobs of few technicians and vehicles. */
const mixed = async (shop: DrillShop, writes: number): Promise<Asked[]> => {
  const vehicleIds = await times(4, async (at) => {
    const body = { customer_id: shop.customerId, year: 2015 + at, make: 'Honda', model: 'Civic' };
    return (await ask(shop, 'POST', '/v1/vehicles', { body })).data.id;
  });
  const jobs: string[] = [];
  const answers: Asked[] = [];
  const any = <Thing>(things: readonly Thing[]): Thing | undefined =>
    things[Math.floor(Math.random() * things.length)];
  const start = (): string =>
    new Date(Date.UTC(2092, 0, 1) + Math.floor(Math.random() * 60) * 1_800_000).toISOString();
  const place = () => ({
    ...{
      starts_at: start(),
      technician_id: any(shop.technicianIds.slice(0, 3)),
      vehicle_id: any(vehicleIds),
    },
  });
  const write = (): Promise<Asked> => {
    const job = any(jobs);
    const chance = Math.random();
    if (job === undefined || chance < 0.3)
      return ask(shop, 'POST', '/v1/appointments', { body: { customer_id: shop.customerId, ...place() } });
    const path = `/v1/appointments/${job}`;
    if (chance < 0.65) return ask(shop, 'PATCH', path, { body: place(), keepalive: true });
    if (chance < 0.9) {
      const status = any(['scheduled', 'en_route', 'in_progress', 'canceled', 'no_show']);
      return ask(shop, 'PUT', `${path}/status`, { body: { status }, keepalive: true });
    }
    return chance < 0.95
      ? ask(shop, 'DELETE', path, { keepalive: true })
      : ask(shop, 'POST', `${path}/restore`, { keepalive: true });
  };
  await times(60, async () => {
    while (answers.length < writes) {
      const answer = await write();
      if (answer.status === 201) jobs.push(answer.data.id);
      answers.push(answer);
    }
  });
  return answers;
};
