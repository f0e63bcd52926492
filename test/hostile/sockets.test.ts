import { afterAll, describe, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { testApp } from '../helpers/app.ts';

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

const MIB = 2 ** 20;
const QUIET_MS = 5_000;

/** Follows the attack on the same connection: neither log nor answer may ever show its correlation id. */
const SECOND = 'GET /health/live HTTP/1.1\r\nHost: s\r\nX-Correlation-Id: smuggled\r\n\r\n';
const LIVE = '/health/live HTTP/1.1\r\n';
const LOGIN = 'POST /v1/auth/login HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\n';
const CHUNKED = `${LOGIN}Transfer-Encoding: chunked\r\n\r\n`;

type Heard = { status: number; answers: number; text: string; isClosed: boolean };

const open = async (): Promise<Socket> => {
  const socket = connect(server.port ?? 0, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
};

/** Sends bytes and listens until the server closes, or until `isEnough`. */
const hear = (
  socket: Socket,
  bytes: string,
  isEnough: (text: string) => boolean = () => false,
): Promise<Heard> =>
  new Promise((resolve) => {
    let text = '';
    const end = (isClosed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      resolve({ status: statuses[0] ?? 0, answers: statuses.length, text, isClosed });
    };
    const timer = setTimeout(() => end(false), QUIET_MS);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isEnough(text)) end(false);
    });
    socket.on('close', () => end(true));
    socket.write(Buffer.from(bytes, 'latin1'));
  });

const isSmuggled = (): boolean => app.lines.some((line) => line.correlation_id === 'smuggled');

/** Malformed on purpose: refused and closed, whatever comes behind. */
const REFUSED: Record<string, string> = {
  'CL.TE': `${LOGIN}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'TE.CL': `${LOGIN}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n`,
  'two lengths that differ': `${LOGIN}Content-Length: 2\r\nContent-Length: 90\r\n\r\n{}`,
  'a list of lengths': `${LOGIN}Content-Length: 2, 2\r\n\r\n{}`,
  'a length with a sign': `${LOGIN}Content-Length: +2\r\n\r\n{}`,
  'a negative length': `${LOGIN}Content-Length: -2\r\n\r\n{}`,
  'a hexadecimal length': `${LOGIN}Content-Length: 0x2\r\n\r\n{}`,
  'a length beyond 64 bits': `${LOGIN}Content-Length: 99999999999999999999\r\n\r\n{}`,
  'a length with a space': `${LOGIN}Content-Length: 2 2\r\n\r\n{}`,
  'an empty length': `${LOGIN}Content-Length: \r\n\r\n{}`,
  'a space before the colon': `${LOGIN}Content-Length : 2\r\n\r\n{}`,
  'an unknown encoding': `${LOGIN}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunked, then identity': `${LOGIN}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'chunked twice': `${LOGIN}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n`,
  'a tab in chunked': `${LOGIN}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  'chunked in HTTP/1.0': `${CHUNKED.replace('1.1', '1.0')}0\r\n\r\n`,
  'a chunk size that is no number': `${CHUNKED}zz\r\n{}\r\n0\r\n\r\n`,
  'a chunk size with 0x': `${CHUNKED}0x2\r\n{}\r\n0\r\n\r\n`,
  'a negative chunk': `${CHUNKED}-2\r\n{}\r\n0\r\n\r\n`,
  'a chunk beyond 64 bits': `${CHUNKED}FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n`,
  'a chunk without its end': `${CHUNKED}2\r\n{}0\r\n\r\n`,
  'chunks with bare LF': `${CHUNKED}2\n{}\n0\n\n`,
  'a request in the trailers': `${CHUNKED}2\r\n{}\r\n0\r\n`,
  'bare LF': 'GET /health/live HTTP/1.1\nHost: s\n\n',
  'a bare LF between headers': `GET ${LIVE}Host: s\nX: y\r\n\r\n`,
  'a bare CR in a header': `GET ${LIVE}Host: s\r\nX: a\rY: b\r\n\r\n`,
  'a folded header': `GET ${LIVE}Host: s\r\nX: a\r\n b\r\n\r\n`,
  'NUL in a header': `GET ${LIVE}Host: s\r\nX: a\0b\r\n\r\n`,
  'NUL in the path': `GET /health\0${LIVE}Host: s\r\n\r\n`,
  'a header without a name': `GET ${LIVE}Host: s\r\n: x\r\n\r\n`,
  'a header without a colon': `GET ${LIVE}Host: s\r\nnonsense\r\n\r\n`,
  'no Host': `GET ${LIVE}\r\n`,
  'two Hosts': `GET ${LIVE}Host: a\r\nHost: b\r\n\r\n`,
  'one Host twice': `GET ${LIVE}Host: a\r\nHost: a\r\n\r\n`,
  TRACE: `TRACE ${LIVE}Host: s\r\nCookie: secret\r\n\r\n`,
  CONNECT: 'CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n',
  'CONNECT to a path': `CONNECT ${LIVE}Host: s\r\n\r\n`,
  'an asterisk': 'OPTIONS * HTTP/1.1\r\nHost: s\r\n\r\n',
  'a path without a slash': `GET health/live HTTP/1.1\r\nHost: s\r\n\r\n`,
  'a lower-case method': `get ${LIVE}Host: s\r\n\r\n`,
  'a method of 5,000 letters': `${'A'.repeat(5_000)} ${LIVE}Host: s\r\n\r\n`,
  'a tab after the method': `GET\t${LIVE}Host: s\r\n\r\n`,
  'HTTP/0.9': 'GET /health/live\r\n\r\n',
  'HTTP/1.0 without Host': 'GET /health/live HTTP/1.0\r\n\r\n',
  'HTTP/9.9': 'GET /health/live HTTP/9.9\r\nHost: s\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'a header of 20 KB': `GET ${LIVE}Host: s\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  'an address of 20 KB': `GET /health/live?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: s\r\n\r\n`,
  'a thousand headers': `GET ${LIVE}Host: s\r\n${'X-A: y\r\n'.repeat(1_000)}\r\n`,
  'a body that is announced and too large': `${LOGIN}Content-Length: ${10 * MIB}\r\n\r\n`,
};

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
