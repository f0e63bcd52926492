import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Answer, testApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';
import { aVisitor, book, bookedAs, details, env, holdAs, soon } from './visitors.ts';

const app = await testApp({ env });
const otherWorker = await testApp({ env, url: app.url });
const workers = [app, otherWorker];
const owner = await app.as('owner');
setDefaultTimeout(60_000);

const used = (kind: string, count: number) =>
  app.sql`update attempts set failures = ${count}::integer where subject like ${`public-${kind} address %`}`;

const refusedBy = ({ status, error, headers }: Answer) => {
  expect([status, error?.reason]).toEqual([429, 'request.too_many']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(59 * 60);
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60 * 60);
  return [headers.get('ratelimit-policy'), headers.get('ratelimit')?.split(';')[1]];
};

describe('what one address may do in an hour, on all workers together', () => {
  test('ten bookings, whatever became of them; another address is not concerned', async () => {
    await app.sql`delete from attempts`;
    const address = '203.0.113.10';
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, at) =>
        book(aVisitor(workers[at % 2] ?? app, address), '01a20bd7-9f55-7017-915d-6baafcf0605d'),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(10).fill(422),
      ...Array(15).fill(429),
    ]);
    const { id } = await holdAs(aVisitor(app), owner);
    const refused = await book(aVisitor(otherWorker, address), id);
    expect(refusedBy(refused)).toEqual(['"booking";q=10;w=3600', 'r=0']);
    expect((await book(aVisitor(app), id)).status).toBe(201);
  });

  test('a form that was filled in wrongly is no booking, a dry run is one', async () => {
    const visitor = aVisitor(app);
    const { id: hold_id } = await holdAs(visitor, owner);
    await app.sql`delete from attempts`;
    await visitor.post('/v1/public/bookings', details({ hold_id, email: 'nobody' }));
    expect(await app.sql`select 1 from attempts`).toHaveLength(0);
    const dry = await visitor.post('/v1/public/bookings?dry_run=true', details({ hold_id }));
    expect([dry.status, dry.headers.get('ratelimit')?.split(';')[1]]).toEqual([201, 'r=9']);
    await used('booking', 10);
    const refused = await visitor.post('/v1/public/bookings?dry_run=true', details({ hold_id }));
    refusedBy(refused);
    expect(refused.headers.get('dry-run')).toBe('true');
  });

  test('thirty holds, six hundred reads, sixty changes by links; a window that is over begins anew', async () => {
    await app.sql`delete from attempts`;
    const visitor = aVisitor(app, '203.0.113.11');
    const { id: technician_id } = await aTechnician(owner);
    const { manage_url } = await bookedAs(visitor, owner);
    const tries: [string, number, () => Promise<Answer>][] = [
      ['hold', 30, () => visitor.post('/v1/public/holds', { technician_id, starts_at: soon() })],
      ['read', 600, () => visitor.get('/v1/public/services')],
      ['read', 600, () => visitor.get('/v1/public/availability')],
      ['read', 600, () => visitor.get(manage_url)],
      ['change', 60, () => visitor.post(`${manage_url}/confirm`)],
      ['change', 60, () => visitor.post(`${manage_url}/reschedule`, { starts_at: soon() })],
      ['change', 60, () => visitor.post(`${manage_url}/cancel`)],
    ];
    for (const [kind, most, send] of tries) {
      expect((await send()).ok).toBe(true);
      await used(kind, most - 1);
      expect((await send()).headers.get('ratelimit')).toStartWith(`"${kind}";r=0;`);
      expect(refusedBy(await send())[0]).toBe(`"${kind}";q=${most};w=3600`);
      await app.sql`update attempts set window_ends_at = now() - interval '1 second'`;
    }
    expect((await visitor.get('/v1/public/services')).headers.get('ratelimit')).toStartWith('"read";r=599;');
  });

  test('an IPv6 network counts as one', async () => {
    await app.sql`delete from attempts`;
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'])
      await aVisitor(app, address).get('/v1/public/services');
    expect(await app.sql`select 1 from attempts`).toHaveLength(1);
  });
});

describe('living holds', () => {
  test('three of one address, also of twelve that are asked for at once; one that is booked or over makes room', async () => {
    const address = '203.0.113.12';
    const asked = await Promise.all(
      Array.from({ length: 12 }, async () => ({
        technician_id: (await aTechnician(owner)).id,
        starts_at: soon(),
      })),
    );
    const answers = await Promise.all(
      asked.map((body, at) => aVisitor(workers[at % 2] ?? app, address).post('/v1/public/holds', body)),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(3);
    for (const { error, headers } of answers.filter(({ ok }) => !ok)) {
      expect([error.code, error.reason]).toEqual([429, 'hold.too_many']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(500);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(605);
    }
    const visitor = aVisitor(app, address);
    expect((await book(visitor, made[0]?.data.id)).status).toBe(201);
    await holdAs(visitor, owner);
    await app.sql`update appointments set hold_expires_at = now() where id = ${made[1]?.data.id}`;
    await holdAs(visitor, owner);
    const { id: technician_id } = await aTechnician(owner);
    const full = await visitor.post('/v1/public/holds', { technician_id, starts_at: soon() });
    expect(full.error.reason).toBe('hold.too_many');
  });

  test('nobody’s address stands in the tables', async () => {
    await holdAs(aVisitor(app, '203.0.113.77'), owner);
    const stored = await app.sql<{ all: string }>`
      select (select json_agg(a)::text from appointments a) || (select json_agg(a)::text from attempts a) as all`;
    expect(stored[0]?.all).toContain('hold_stranger');
    expect(stored[0]?.all).not.toContain('203.0.113.77');
  });
});
