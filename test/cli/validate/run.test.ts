import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aPerson, PASSWORD } from '../../features/auth/people.ts';
import type { Data } from '../../helpers/app.ts';
import { between, endOf, listeningShop, outcomeOf, routeOf, startValidate, validate } from './shop.ts';

setDefaultTimeout(180_000);

const { shop, server, address } = await listeningShop();
const folder = await mkdtemp(join(tmpdir(), 'edgars-validate-'));
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});
const loginOf = async (role: 'owner' | 'advisor' | 'accountant' | 'technician') => {
  const { email } = await aPerson(shop, { role });
  return { EMAIL: email, PASSWORD };
};
const OWNER = await loginOf('owner');
const SHORT = ['--seconds', '1', '--users', '2,5'];
const ROUTES = ['health', 'appointments of today', 'customer profile', 'booking'];

const markerOf = ({ run }: Data): string => `Load validation ${run}`;

describe('bun run validate', () => {
  test('measures every step and route, tells its progress, and deletes what it booked', async () => {
    const { code, err, outcome } = await outcomeOf([address, ...SHORT], OWNER);
    expect(Object.keys(outcome).join(' ')).toBe(
      'run address began_at ended_at seconds_per_step think_ms timeout_ms is_interrupted steps verdict remarks left_behind',
    );
    expect(Object.keys(outcome.steps[0].all).join(' ')).toBe(
      'route requests succeeded success_rate requests_per_s p50_ms p95_ms p99_ms max_ms failures',
    );
    expect(outcome).toMatchObject({ address, seconds_per_step: 1, is_interrupted: false, remarks: [] });
    expect(outcome.steps.map(({ users }: Data) => users)).toEqual([1, 2, 5]);
    for (const { routes, all } of outcome.steps) {
      expect(routes.map(({ route }: Data) => route)).toEqual(ROUTES);
      expect(all.requests).toBe(routes.reduce((sum: number, one: Data) => sum + one.requests, 0));
      expect([all.succeeded, all.failures]).toEqual([all.requests, {}]);
    }
    expect(outcome.verdict).toMatchObject({ judged_users: 5, objectives: { users: 200 } });
    expect(code).toBe(outcome.verdict.passed ? 0 : 1);
    for (const line of ['baseline, 1 user, 1 s', '2 users, 1 s', '5 users, 1 s', 'cleaning up'])
      expect(err.split('\n')).toContain(line);

    const booked = outcome.steps.reduce(
      (sum: number, step: Data) => sum + routeOf(step, 'booking').succeeded,
      0,
    );
    const [rows] = await shop.sql<Data>`
      select count(*)::int as all, count(deleted_at)::int as deleted, min(starts_at)::text as first,
        count(distinct (technician_id, starts_at))::int as slots from appointments where notes = ${markerOf(outcome)}`;
    expect(booked).toBeGreaterThan(0);
    expect(rows).toMatchObject({ all: booked, deleted: booked, slots: booked });
    expect(Number(rows.first.slice(0, 4))).toBeGreaterThanOrEqual(2100);
    expect(outcome.left_behind[0]).toStartWith(`${booked} deleted bookings and a deleted customer`);
    const active = await shop.sql`
      select name from technicians where name like 'Load validation %' and is_active
      union all select name from customers where email = ${`${outcome.run}@validate.invalid`} and deleted_at is null`;
    expect(active).toEqual([]);

    await outcomeOf([address, ...SHORT], OWNER);
    const [{ n: technicians } = { n: 0 }] = await shop.sql<{ n: number }>`
      select count(*)::int as n from technicians where name like 'Load validation %'`;
    expect(technicians).toBe(8);
  });

  test('shows a table, and writes a report', async () => {
    const html = join(folder, 'report.html');
    const { out, err } = await validate([address, ...SHORT, '--no-writes', '--html', html], OWNER);
    expect(out).toMatch(/^users +requests +succeeded +req\/s +p50 ms +p95 ms +p99 ms +max ms +route\n/);
    expect(out).toMatch(/^ +5 +[\d,]+ +100\.00 %( +[\d,]+\.\d){5} +health$/m);
    expect(out).toMatch(/^(?:NOT )?PASSED: /m);
    expect(out).not.toMatch(/ booking$/m);
    expect(out).toContain('  booking: --no-writes\n');
    expect(err).toEndWith(`wrote ${html}\n`);
    expect(await Bun.file(html).text()).toContain('<figcaption>appointments of today</figcaption>');
  });

  test('books as an advisor with the technicians of the shop, or with none', async () => {
    const { outcome } = await outcomeOf([address, ...SHORT], await loginOf('advisor'));
    expect(outcome.steps.at(-1).all.failures).toEqual({});
    expect(outcome.left_behind).toHaveLength(1);
  });

  test('an accountant measures what is read, and is told that bookings are not for them', async () => {
    const login = await loginOf('accountant');
    const { code, err } = await validate([address, ...SHORT], login);
    expect([code, err.split('\n').at(-2)]).toEqual([
      2,
      'An accountant may not book: log in as an owner or advisor, or add --no-writes.',
    ]);
    const { outcome } = await outcomeOf([address, ...SHORT, '--no-writes'], login);
    expect(outcome.steps.at(-1).all.failures).toEqual({});
  });

  test('a technician cannot measure', async () => {
    const { code, err } = await validate([address, ...SHORT], await loginOf('technician'));
    expect([code, err]).toMatchObject([2, expect.stringContaining('A technician may not read profiles')]);
  });
});

describe('exit code 2', () => {
  test('for a wrong password', async () => {
    const { code, out, err } = await validate([address], { ...OWNER, PASSWORD: 'wrong' });
    expect([code, out]).toEqual([2, '']);
    expect(err).toStartWith(`The server at ${address} refuses the login of ${OWNER.EMAIL}: 401 `);
  });
  test('for an address where nothing listens', async () => {
    const { code, err } = await validate(['127.0.0.1:1'], OWNER);
    expect([code, err]).toEqual([
      2,
      'No server of the shop answers at http://127.0.0.1:1: is it started, and the address right?\n',
    ]);
  });
  test('for a server that is not the shop', async () => {
    const other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('hello') });
    const { code, err } = await validate([other.url.origin], OWNER);
    await other.stop(true);
    expect([code, err]).toMatchObject([2, expect.stringContaining('No server of the shop answers at')]);
  });
  test('for a report that cannot be written, before anything is measured', async () => {
    const { code, err } = await validate([address, '--html', join(folder, 'none/r.html')], OWNER);
    expect([code, err]).toEqual([2, `${join(folder, 'none/r.html')} cannot be written.\n`]);
  });
  test('for no login, and for words that mean nothing', async () => {
    expect(await validate([address])).toMatchObject({ code: 2, out: '' });
    const { code, err } = await validate([address, '--usres', '5'], OWNER);
    expect([code, err.split('\n')[0]]).toEqual([2, "Unknown option '--usres'."]);
  });
});

describe('a server in trouble', () => {
  test('503 with Retry-After is a failure, and the verdict 1', async () => {
    const busy = between(address, (path) =>
      path.endsWith('/profile')
        ? new Response('{}', { status: 503, headers: { 'retry-after': '1' } })
        : undefined,
    );
    const { code, outcome } = await outcomeOf([busy.url.origin, ...SHORT], OWNER);
    await busy.stop(true);
    expect([code, outcome.verdict.passed]).toEqual([1, false]);
    const profile = routeOf(outcome.steps.at(-1), 'customer profile');
    expect(profile).toMatchObject({ succeeded: 0, success_rate: 0, failures: { 503: profile.requests } });
    expect(outcome.verdict.missed).toContain(
      'customer profile, 5 users: 0.00 % succeeded, the objective is 99 %',
    );
  });

  test('an answer that does not come in time is a timeout', async () => {
    const slow = between(address, (path) =>
      path === '/health' ? Bun.sleep(30_000).then(() => new Response('late')) : undefined,
    );
    const { code, outcome } = await outcomeOf([slow.url.origin, ...SHORT, '--timeout', '500'], OWNER);
    await slow.stop(true);
    const health = routeOf(outcome.steps.at(-1), 'health');
    expect([code, health.failures]).toEqual([1, { timeout: health.requests }]);
    expect(health.p50_ms).toBeGreaterThanOrEqual(499);
  });

  test('that goes away in the middle: the failures count, and what is left behind is told', async () => {
    let profiles = 0;
    const gone = between(address, (path) => {
      if (path.endsWith('/profile') && ++profiles > 1) void gone.stop(true);
      return undefined;
    });
    const { code, outcome } = await outcomeOf([gone.url.origin, ...SHORT], OWNER);
    expect([code, outcome.verdict.passed]).toEqual([1, false]);
    expect(outcome.steps.at(-1).all.failures['no answer']).toBe(outcome.steps.at(-1).all.requests);
    expect(outcome.left_behind[0]).toContain('an unknown number of bookings');
    const rows = await shop.sql`
      select 1 from appointments where notes = ${markerOf(outcome)} and deleted_at is null`;
    expect(rows.length).toBeGreaterThan(0);
  });

  test('Ctrl-C prints what there is, cleans up, and ends with 130', async () => {
    let bookings = 0;
    const counting = between(address, (path) => {
      if (path === '/v1/appointments') bookings++;
      return undefined;
    });
    const html = join(folder, 'stopped.html');
    const words = [counting.url.origin, '--seconds', '600', '--users', '2', '--json', '--html', html];
    const child = startValidate(words, OWNER);
    while (bookings < 20 && child.exitCode === null) await Bun.sleep(10);
    child.kill('SIGINT');
    const { code, out } = await endOf(child);
    await counting.stop(true);
    expect(code).toBe(130);
    const outcome: Data = JSON.parse(out);
    expect(outcome).toMatchObject({ is_interrupted: true, verdict: null });
    expect(outcome.steps.map(({ users }: Data) => users)).toEqual([1]);
    const booked = routeOf(outcome.steps[0], 'booking').succeeded;
    expect(booked).toBeGreaterThan(0);
    expect(outcome.left_behind[0]).toStartWith(`${booked} deleted bookings and a deleted customer`);
    expect(await Bun.file(html).text()).toContain('No verdict: the run was stopped.');
  });
});
