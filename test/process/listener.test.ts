import { expect, setDefaultTimeout, test } from 'bun:test';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { turnAwayNewcomers } from '../../src/process/listener.ts';

setDefaultTimeout(30_000);

const serve = (name: string, port = 0) =>
  Bun.serve({ hostname: '127.0.0.1', port, reusePort: true, fetch: () => new Response(name) });

const ask = async (socket: Socket): Promise<string> => {
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  const [bytes] = await once(socket, 'data');
  return String(bytes);
};

test.skipIf(process.platform !== 'linux')(
  'who comes while a worker closes its door waits for another one; who is inside is served',
  async () => {
    const old = serve('old');
    const port = old.port ?? 0;
    const inside = createConnection(port, '127.0.0.1');
    expect(await ask(inside)).toMatch(/old$/);
    expect(turnAwayNewcomers(port, true)).toBe(true);
    const newcomer = createConnection(port, '127.0.0.1');
    const met = once(newcomer, 'connect');
    expect(await Promise.race([met, Bun.sleep(300)])).toBeUndefined();
    expect(await ask(inside)).toMatch(/old$/);
    const replacement = serve('new', port);
    await old.stop(true);
    await met;
    expect(await ask(newcomer)).toMatch(/new$/);
    newcomer.destroy();
    inside.destroy();
    await replacement.stop(true);
  },
);

test('is left to the kernel where that hands connections over', () => {
  expect(turnAwayNewcomers(1, false)).toBe(false);
});
