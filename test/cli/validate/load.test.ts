import { afterAll, describe, expect, test } from 'bun:test';
import { beginStep, type Kind } from '../../../src/cli/validate/load.ts';

let inFlight = 0;
let most = 0;
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: async (request) => {
    most = Math.max(most, ++inFlight);
    try {
      const { pathname } = new URL(request.url);
      if (pathname === '/busy') return new Response('', { status: 503, headers: { 'retry-after': '1' } });
      if (pathname === '/moved') return Response.redirect('/fine');
      if (pathname === '/never') await Promise.race([Bun.sleep(20_000), aborted(request)]);
      return new Response('fine', Math.random() < 0.3 ? { headers: { connection: 'close' } } : undefined);
    } finally {
      inFlight--;
    }
  },
});
afterAll(() => server.stop(true));

const aborted = (request: Request): Promise<void> =>
  new Promise((resolve) => request.signal.addEventListener('abort', () => resolve()));

/** Answers that begin well and break off. */
const cutting = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    data: (socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin');
    },
  },
});
afterAll(() => cutting.stop(true));

const kind = (name: string): Kind => ({ name, request: () => ({ path: `/${name}` }) });
const run = (names: string[], changes: Partial<Parameters<typeof beginStep>[0]> = {}) =>
  beginStep({
    ...{ address: server.url.origin, users: 3, seconds: 1, thinkMs: 0, timeoutMs: 30_000 },
    ...{ kinds: names.map(kind), isStopped: () => false },
    ...changes,
  });

describe('a step', () => {
  test('counts every request once, in all and by route, and never has more at once than users', async () => {
    most = 0;
    const { users, seconds, routes, all } = await run(['fine', 'busy']).result;
    const [fine, busy] = routes;
    expect([users, most <= 3, seconds >= 1]).toEqual([3, true, true]);
    expect(all.requests).toBe((fine?.requests ?? 0) + (busy?.requests ?? 0));
    expect(Math.abs((fine?.requests ?? 0) - (busy?.requests ?? 0))).toBeLessThanOrEqual(3);
    expect([fine?.success_rate, busy?.success_rate]).toEqual([1, 0]);
    expect([fine?.failures, busy?.failures]).toEqual([{}, { 503: busy?.requests ?? 0 }]);
  });

  test('a redirection and an answer that never comes are failures', async () => {
    const { routes } = await run(['moved', 'never'], { timeoutMs: 150 }).result;
    expect(routes.map(({ succeeded }) => succeeded)).toEqual([0, 0]);
    expect(Object.keys(routes[0]?.failures ?? {})[0]).toBe('302');
    expect(routes[1]?.failures).toEqual({ timeout: routes[1]?.requests ?? 0 });
    // A timeout counts with the time that it took.
    expect(routes[1]?.p50_ms).toBeGreaterThanOrEqual(149);
  });

  test('so is an answer that breaks off', async () => {
    const { all } = await run(['fine'], { address: `http://127.0.0.1:${cutting.port}` }).result;
    expect(all.requests).toBeGreaterThan(0);
    expect(all.failures).toEqual({ 'no answer': all.requests });
  });

  test('a server that is away is asked again with pauses', async () => {
    const away = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
    const address = away.url.origin;
    await away.stop(true);
    const { all } = await run(['fine'], { address }).result;
    expect(all.failures).toEqual({ 'no answer': all.requests });
    expect(all.requests).toBeGreaterThan(0);
    expect(all.requests).toBeLessThanOrEqual(3 * 11);
  });

  test('a user who thinks sends less', async () => {
    const { all } = await run(['fine'], { thinkMs: 300 }).result;
    expect(all.requests).toBeLessThanOrEqual(3 * 4);
  });

  test('ends when it is stopped, and shows what there is so far', async () => {
    let isStopped = false;
    const step = run(['fine'], { seconds: 600, isStopped: () => isStopped });
    while (step.snapshot().all.requests < 10) await Bun.sleep(5);
    isStopped = true;
    const { all, seconds } = await step.result;
    expect(all.requests).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThan(600);
  });
});
