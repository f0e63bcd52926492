import { createConnection, createServer, type Socket } from 'node:net';

type Hooks = {
  /** False: the bytes are swallowed. */
  toServer?: (bytes: Buffer, cut: () => void) => boolean;
  toClient?: (bytes: Buffer) => boolean;
};

/** What the way does to bytes; it may change at any time. */
export type Weather = {
  /** Each piece comes so much later, either way. */
  latencyMs: number;
  /** Pieces of one to so many bytes; 0 = as they come. */
  sliceBytes: number;
  /** A connection over which so many bytes have gone is cut; 0 = never. */
  resetAfterBytes: number;
  /** Bytes vanish, connections stay. */
  isBlackhole: boolean;
};

export const CLEAR: Weather = { latencyMs: 0, sliceBytes: 0, resetAfterBytes: 0, isBlackhole: false };

export type Proxy = { url: string; weather: Weather; close(): void };

/** Stands between the program and its PostgreSQL, on loopback; the hooks see every piece that passes. */
export const proxyTo = async (databaseUrl: string, hooks: Hooks): Promise<Proxy> => {
  const { username, password, pathname, searchParams, hostname, port } = new URL(databaseUrl);
  const folder = searchParams.get('host');
  const weather = { ...CLEAR };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream =
      folder === null
        ? createConnection(Number(port || 5432), hostname)
        : createConnection(`${folder}/.s.PGSQL.5432`);
    const link = { passed: 0, cut: () => [client, upstream].map((socket) => socket.destroy()) };
    pass(client, upstream, hooks.toServer, link);
    pass(upstream, client, hooks.toClient, link);
  });
  const pass = (from: Socket, to: Socket, hook: Hooks['toServer'], link: Link): void => {
    sockets.add(from);
    from.setNoDelay(true);
    let sent = Promise.resolve();
    from.on('data', (bytes: Buffer) => {
      link.passed += bytes.length;
      if (weather.isBlackhole || hook?.(bytes, link.cut) === false) return;
      const isWorn = weather.resetAfterBytes > 0 && link.passed > weather.resetAfterBytes;
      if (isWorn) link.cut();
      else if (weather.latencyMs === 0 && weather.sliceBytes === 0) sent = sent.then(() => write(to, bytes));
      else sent = sent.then(() => carry(to, bytes));
    });
    for (const event of ['close', 'error']) from.on(event, () => to.destroy());
  };
  const carry = async (to: Socket, bytes: Buffer): Promise<void> => {
    if (weather.latencyMs > 0) await Bun.sleep(weather.latencyMs);
    for (let at = 0; at < bytes.length; ) {
      const length =
        weather.sliceBytes === 0 ? bytes.length : 1 + Math.floor(Math.random() * weather.sliceBytes);
      write(to, bytes.subarray(at, at + length));
      at += length;
      // Else the next one goes out in the same packet.
      if (at < bytes.length) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const own = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${own}${pathname}`,
    weather,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

type Link = { passed: number; cut: () => void };

const write = (to: Socket, bytes: Buffer): void => {
  if (!to.destroyed) to.write(bytes);
};
