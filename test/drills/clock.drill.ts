import { expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Data } from '../helpers/app.ts';
import { replaceIn } from '../process/breakable.ts';
import { copyProject } from '../process/copy.ts';
import { login } from '../process/requests.ts';
import { household } from '../process/started.ts';
import { figure } from './figures.ts';
import { openShop, rowsOf, scaled, slowDrill, workersOf } from './shop.ts';

setDefaultTimeout(scaled(600_000, 180_000));

const house = household();

/** Of Debian's package faketime: a clock of these processes' own, set while they run. Never skipped where CI=true. */
const FAKETIME = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));
const canFake = FAKETIME !== undefined || process.env.CI === 'true';
if (!canFake) console.warn('skipped: there is no libfaketime here (Debian: apt-get install faketime)');

const TIMEOUT_S = 4;
const HOUR_S = 3_600;
const STEPS = scaled([-HOUR_S, 0, HOUR_S, 0, -24 * HOUR_S, 0], [-HOUR_S, 0]);

/** Workers and PostgreSQL of this copy live by the false clock as well. */
const fakedProject = (to: string, faked: Record<string, string>): string => {
  const project = copyProject(to);
  const names = Object.keys(faked).map((name) => `'${name}', `);
  replaceIn(project, 'src/process/worker-process.ts', ["'HOME',", `${names.join('')}'HOME',`]);
  const bare = 'BARE_ENVIRONMENT = {';
  replaceIn(project, 'src/process/embedded/binaries.ts', [bare, `${bare} ...${JSON.stringify(faked)},`]);
  return project;
};

(canFake ? slowDrill : test.skip)(
  'clock: set back an hour and forward again: nobody is killed, nobody is locked out, nothing is doubled',
  async () => {
    const stamp = join(house.folder(), 'clock');
    const set = (offsetS: number): void => writeFileSync(stamp, `${offsetS < 0 ? offsetS : `+${offsetS}`}\n`);
    set(0);
    const faked = {
      ...{ LD_PRELOAD: FAKETIME ?? '', FAKETIME_TIMESTAMP_FILE: stamp },
      ...{ FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    };
    const project = fakedProject(house.folder(), faked);
    const limits = { WORKER_TIMEOUT_S: String(TIMEOUT_S), RATE_LIMIT_PER_S: '200' };
    const shop = await openShop(house, { ...faked, ...limits, LOG_LEVEL: 'info' }, { project });
    const { address } = shop;
    const workers = await workersOf(shop);
    const logged = shop.server.printed.length;
    const post = async (
      path: string,
      body: object,
      headers = {},
    ): Promise<{ status: number; body: Data }> => {
      const response = await fetch(`${address}${path}`, {
        ...{ method: 'POST', keepalive: false, body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json', ...headers },
      });
      return { status: response.status, body: await response.json() };
    };
    const opened: Data = await (await login(address)).json();
    let { access_token, refresh_token } = opened.data;
    let refreshed = 0;
    const read = () =>
      fetch(`${address}/v1/technicians`, {
        keepalive: false,
        headers: { authorization: `Bearer ${access_token}` },
      });
    /** As every client does: a token that is refused is refreshed, once. Whoever is refused then is locked out. */
    const use = async (): Promise<number> => {
      const { status } = await read();
      if (status !== 401) return status;
      const { body } = await post('/v1/auth/refresh', { refresh_token });
      refreshed += 1;
      if (!body.ok) return 401;
      ({ access_token, refresh_token } = body.data);
      return (await read()).status;
    };
    const key = crypto.randomUUID();
    const book = () =>
      post(
        '/v1/customers',
        { name: 'Once', email: 'once@example.com' },
        {
          ...{ authorization: `Bearer ${access_token}`, 'idempotency-key': key },
        },
      );
    const first = await book();
    const statuses = new Map<number, number>();
    const useFor = async (ms: number): Promise<void> => {
      for (const until = performance.now() + ms; performance.now() < until; await Bun.sleep(10)) {
        const status = await use();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await useFor(1_000);
    for (const offsetS of STEPS) {
      set(offsetS);
      const [now] = await rowsOf(shop.databaseUrl, 'select extract(epoch from now())::float8 as seconds');
      expect(Math.abs(now?.seconds - Date.now() / 1_000 - offsetS)).toBeLessThan(60);
      // Long enough for whoever would take the step for silence.
      await useFor((TIMEOUT_S + 2) * 1_000);
      expect((await login(address)).status).toBe(200);
      expect(await book()).toEqual(first);
    }
    const [rows] = await rowsOf(
      shop.databaseUrl,
      `select count(*)::int4 as count from customers where email = 'once@example.com'`,
    );
    const seen = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
    figure(
      'clock',
      `steps of ${STEPS.map((step) => `${step / HOUR_S} h`).join(', ')}: answers after at most one refresh`,
      seen,
      'all 200',
    );
    figure('clock', 'refreshes that it cost', refreshed, '–');
    figure('clock', `rows of one key, sent ${STEPS.length + 1} times`, rows?.count, '1');
    expect([...statuses.keys()]).toEqual([200]);
    expect(rows?.count).toBe(1);
    expect(await workersOf(shop)).toEqual(workers);
    const since = shop.server.printed.slice(logged);
    expect(since.filter((line) => /no sign of life|a worker ended/.test(line))).toEqual([]);
  },
);
