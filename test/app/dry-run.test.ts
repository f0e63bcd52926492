import { describe, expect, test } from 'bun:test';
import { type Answer, testApp } from '../helpers/app.ts';
import { aBooking, aCustomer, aTechnician, inHours } from '../helpers/factories.ts';
import { fingerprintOf } from '../hostile/tables.ts';
import type { Example, World } from './example.ts';
import { EXAMPLES, exampleOf, isUnkept, isWrite, methodOf } from './examples.ts';

const app = await testApp();
const owner = await app.as('owner');
const world: World = { app, owner };
const routes = Object.keys(EXAMPLES).filter((route) => isWrite(route) && !isUnkept(route));

const send = (route: string, { path, body, headers = {} }: Example, query = ''): Promise<Answer> =>
  owner.send(methodOf(route), `${path}${query}`, { ...(body === undefined ? {} : { body }), headers });

const FIVE_MINUTES_MS = 300_000;

/** The answer with its made-up parts evened out: new ids by the order they come in, tokens, and times of just now. */
const evened = ({ status, text, headers }: Answer, known: string) => {
  const ids: string[] = [];
  const plain = (value: string): string =>
    value
      .replaceAll(/[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, (id) => {
        if (known.includes(id)) return id;
        if (!ids.includes(id)) ids.push(id);
        return `new ${ids.indexOf(id)}`;
      })
      .replaceAll(/\/(appointments|estimates)\/[\w-]{43}(?![\w-])/g, '/$1/a-token')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) =>
        Math.abs(Date.parse(instant) - Date.now()) < FIVE_MINUTES_MS ? 'now' : instant,
      );
  const told = ['etag', 'location', 'content-type'].map((name) => plain(headers.get(name) ?? ''));
  return { status, told, body: plain(text.replace(/"correlation_id":"[^"]*"\}$/, '')) };
};

describe('dry_run=true answers as the write would, and keeps nothing', () => {
  for (const route of routes) {
    test(route, async () => {
      const example = await exampleOf(world, route);
      const known = JSON.stringify(example);
      const before = await fingerprintOf(app.url);
      const tried = await send(route, example, '?dry_run=true');
      expect(tried.headers.get('dry-run')).toBe('true');
      expect(await fingerprintOf(app.url)).toEqual(before);
      const done = await send(route, example);
      expect(done.headers.has('dry-run')).toBe(false);
      expect(evened(tried, known)).toEqual(evened(done, known));
    });
  }
});

describe('dry_run', () => {
  test('refuses what the write would refuse', async () => {
    const { id: technician_id } = await aTechnician(owner);
    const { id: customer_id } = await aCustomer(owner);
    const body = { customer_id, technician_id, starts_at: inHours(300), ends_at: inHours(301) };
    await aBooking(owner, body);
    const dry = await owner.post('/v1/appointments?dry_run=true', body);
    const wet = await owner.post('/v1/appointments', body);
    expect(dry.error).toEqual(wet.error);
    expect(dry.error.reason).toBe('appointment.slot_taken');
    expect(dry.headers.get('dry-run')).toBe('true');
    const stale = await owner.patch(
      `/v1/customers/${customer_id}?dry_run=true`,
      { notes: 'x' },
      { headers: { 'if-match': '"9"' } },
    );
    expect(stale.error.code).toBe(412);
  });

  test('stores no key: the write after it is the first', async () => {
    const headers = { 'idempotency-key': 'tried, then done' };
    const body = { name: 'Ana', email: 'tried@example.com' };
    const dry = await owner.post('/v1/customers?dry_run=true', body, { headers });
    const wet = await owner.post('/v1/customers', body, { headers });
    expect([dry.status, wet.status]).toEqual([201, 201]);
    expect(wet.headers.has('idempotency-replayed')).toBe(false);
    expect((await owner.get(`/v1/customers/${dry.data.id}`)).status).toBe(404);
  });

  test('false is the write itself; anything else is 400; a GET knows no such parameter', async () => {
    const body = { name: 'Ana', email: 'false@example.com' };
    const made = await owner.post('/v1/customers?dry_run=false', body);
    expect([made.status, made.headers.has('dry-run')]).toEqual([201, false]);
    for (const value of ['', '1', 'TRUE', 'yes']) {
      const { error } = await owner.post(`/v1/customers?dry_run=${value}`, body);
      expect(error).toMatchObject({ code: 400, issues: [{ path: 'dry_run' }] });
    }
    expect((await owner.get('/v1/customers?dry_run=true')).status).toBe(400);
  });
});
