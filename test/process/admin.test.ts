import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { adminOf, login, OWNER_VARIABLES, statusOf } from './requests.ts';
import { household } from './started.ts';

setDefaultTimeout(120_000);

const { folder, database, serve, start } = household();

const lineOf = (text: string, pattern: RegExp): string[] =>
  text.split('\n').filter((line) => pattern.test(line));
const sumOf = (lines: string[]): number =>
  lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

describe('the address of the operator', () => {
  test('/metrics and /status sum over the workers, and bun run status shows them', async () => {
    const server = serve({
      ...{ DATA_DIR: folder(), DATABASE_URL: await database(), WORKERS: '2' },
      ...OWNER_VARIABLES,
    });
    const address = await server.ready();
    await server.workers(2);
    for (let count = 0; count < 20; count += 1) await fetch(`${address}/health/live`, { keepalive: false });
    await login(address);
    const admin = await adminOf(server);
    const response = await fetch(`${admin}/metrics`);
    expect(response.headers.get('content-type')).toStartWith('text/plain; version=0.0.4');
    const text = await response.text();
    const live = lineOf(text, /^http_requests_total\{.*route="\/health\/live".*status="200"/);
    expect(sumOf(live)).toBe(20);
    expect(sumOf(lineOf(text, /^http_request_duration_seconds_count\{.*route="\/health\/live"/))).toBe(20);
    expect(sumOf(lineOf(text, /^database_statements_total\{worker="[12]"\} /))).toBeGreaterThanOrEqual(6);
    expect(lineOf(text, /^process_resident_memory_bytes\{worker="[12]"\} \d{7,}$/)).toHaveLength(2);
    expect(lineOf(text, /^event_loop_lag_seconds\{worker="[12]"\}/)).toHaveLength(2);
    expect(lineOf(text, /^workers_ready 2$/)).toHaveLength(1);
    // Each metric is explained, and none is told twice.
    const names = lineOf(text, /^# TYPE/).map((line) => line.split(' ')[2]);
    expect(new Set(names).size).toBe(names.length);

    const status = await statusOf(server);
    expect(status.workers.map(({ worker, ready }) => [worker, ready])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(status.database).toMatchObject({ away: false, max: 8, waiting: 0 });
    expect(status.replica).toBeNull();
    expect(text).not.toContain('replica');
    expect(status.slowest.length).toBeGreaterThan(0);
    // The login's transaction had a begin that names who acts.
    expect(status.slowest.filter(({ statement }) => statement.startsWith('begin'))).toEqual([]);
    expect(JSON.stringify(status)).not.toMatch(/edgar@shop\.test|violet/);

    const [, port = ''] = /:(\d+)$/.exec(admin) ?? [];
    const shown = start(['status'], { ADMIN_PORT: port });
    expect(await shown.exit).toBe(0);
    expect(shown.printed.join('\n')).toMatch(
      /version .*\n.*database up.*\n\nworker +pid +state.*ready.*statement/s,
    );
    const asJson = start(['status', '--json'], { ADMIN_PORT: port });
    expect(await asJson.exit).toBe(0);
    expect(JSON.parse(asJson.printed.join('\n')).workers).toHaveLength(2);

    expect((await fetch(`${admin}/other`)).status).toBe(404);
    expect((await fetch(`${admin}/status`, { method: 'POST' })).status).toBe(405);
  });

  test('a port of theirs that is taken ends the start with one sentence', async () => {
    const busy = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
    const server = serve({
      DATA_DIR: folder(),
      DATABASE_URL: await database(),
      ADMIN_PORT: String(busy.port),
    });
    expect(await server.exit).toBe(1);
    expect(server.said.at(-1)).toStartWith(`ADMIN_PORT ${busy.port} at 127.0.0.1 cannot be used`);
    await busy.stop(true);
  });

  test('bun run status: one sentence where no server is, the help, and a wrong option', async () => {
    const alone = start(['status'], { ADMIN_PORT: '1' });
    expect(await alone.exit).toBe(1);
    expect(alone.said).toEqual([
      expect.stringMatching(/^No server answers at http:\/\/127\.0\.0\.1:1\/status/),
    ]);
    const help = start(['status', '--help']);
    expect([await help.exit, help.printed.join()]).toEqual([0, expect.stringContaining('--json')]);
    const wrong = start(['status', '--jsn']);
    expect(await wrong.exit).toBe(2);
  });
});
