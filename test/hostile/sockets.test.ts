import { afterAll, describe, expect, test } from 'bun:test';
import { testApp } from '../helpers/app.ts';
import { CHUNKED, LIVE, LOGIN, MIB, REFUSED, SECOND } from './vectors.ts';
import { hear, openTo, QUIET_MS } from './wire.ts';

const app = await testApp();
// As src/process/worker.ts serves it.
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  reusePort: true,
  idleTimeout: 120,
  maxRequestBodySize: 64 * 2 ** 20,
  fetch: (request, listener) => app.app.fetch(request, { server: listener }),
});
afterAll(() => server.stop(true));

const open = () => openTo(server.port ?? 0);

const isSmuggled = (): boolean => app.lines.some((line) => line.correlation_id === 'smuggled');

describe('raw HTTP that is refused, and nothing behind it dispatched', () => {
  for (const [what, bytes] of Object.entries(REFUSED)) {
    test(what, async () => {
      const { status, isClosed, text } = await hear(await open(), bytes + SECOND);
      expect(isClosed).toBe(true);
      if (text !== '') expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain('smuggled');
      expect(isSmuggled()).toBe(false);
    });
  }

  test('an honest second request on a connection is dispatched: the watch above can see', async () => {
    const honest = SECOND.replace('smuggled', 'honest');
    const { answers } = await hear(await open(), `GET ${LIVE}Host: s\r\n\r\n${honest}`, (text) =>
      text.includes('honest"}'),
    );
    expect(answers).toBe(2);
  });

  test('an address with another host in it is answered by its path alone', async () => {
    const absolute = 'GET http://evil.example/health/live HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n';
    const { status, text } = await hear(await open(), absolute);
    expect(status).toBe(200);
    expect(text).not.toContain('evil');
  });

  test('a second request inside the body of a GET stays a body', async () => {
    const { answers, text } = await hear(
      await open(),
      `GET ${LIVE}Host: s\r\nConnection: close\r\nContent-Length: ${SECOND.length}\r\n\r\n${SECOND}`,
    );
    expect([answers, text.includes('smuggled')]).toEqual([1, false]);
  });
});

describe('bodies on the wire', () => {
  test('413 for 10 MB as soon as they are announced: not a byte of them has come', async () => {
    const { status, text } = await hear(await open(), `${LOGIN}Content-Length: ${10 * MIB}\r\n\r\n`);
    expect(status).toBe(413);
    expect(text).toContain('request.body_too_large');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  test('413 for chunks that go on and on', async () => {
    const socket = await open();
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    let sent = 0;
    const more = () => {
      while (!socket.destroyed && sent < 64 * MIB && socket.write(chunk)) sent += 65_536;
    };
    socket.on('drain', more);
    const heard = hear(socket, CHUNKED);
    more();
    const { status, text } = await heard;
    expect(status).toBe(413);
    expect(text).toContain('request.body_too_large');
    expect(sent).toBeLessThan(16 * MIB);
  });

  test('an honest 512 KB that comes slowly is read to its end', async () => {
    const socket = await open();
    const body = JSON.stringify({ email: 'a@b.test', password: 'x'.repeat(512 * 1024) });
    const heard = hear(socket, `${LOGIN}Content-Length: ${body.length}\r\n\r\n`, (text) =>
      text.includes('correlation_id'),
    );
    for (let at = 0; at < body.length; at += 16_384) {
      socket.write(body.slice(at, at + 16_384));
      await Bun.sleep(50);
    }
    const { status, text } = await heard;
    expect(status).toBe(422);
    expect(text).toContain('"path":"password"');
  });

  test('a client that leaves in the middle of its body is no fault of the server', async () => {
    const socket = await open();
    socket.write(`${LOGIN}X-Correlation-Id: torn\r\nContent-Length: 100\r\n\r\n{"email`);
    const linesOfTorn = () => app.lines.filter((line) => line.correlation_id === 'torn');
    const deadline = performance.now() + QUIET_MS;
    while (linesOfTorn().length === 0 && performance.now() < deadline) {
      // Only once the request has begun can it be torn: then its own answer ends it.
      await hear(await open(), `GET ${LIVE}Host: s\r\nConnection: close\r\n\r\n`);
      socket.destroy();
    }
    expect(linesOfTorn().map(({ level, status }) => [level, status])).toEqual([['info', 400]]);
  });
});
