import { createConnection, createServer, type Socket } from 'node:net';

type Hooks = {
  /** False: the bytes are swallowed. */
  toServer?: (bytes: Buffer) => boolean;
  toClient?: (bytes: Buffer) => boolean;
};

export type Proxy = { url: string; close(): void };

/** Stands between the program and its PostgreSQL, on loopback; the hooks see every piece that passes. */
export const proxyTo = async (databaseUrl: string, hooks: Hooks): Promise<Proxy> => {
  const { username, password, pathname, searchParams, hostname, port } = new URL(databaseUrl);
  const folder = searchParams.get('host');
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket, hook: Hooks['toServer']): void => {
    sockets.add(from);
    from.on('data', (bytes: Buffer) => {
      if (hook?.(bytes) !== false) to.write(bytes);
    });
    for (const event of ['close', 'error']) from.on(event, () => to.destroy());
  };
  const server = createServer((client) => {
    const upstream =
      folder === null
        ? createConnection(Number(port || 5432), hostname)
        : createConnection(`${folder}/.s.PGSQL.5432`);
    pass(client, upstream, hooks.toServer);
    pass(upstream, client, hooks.toClient);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const own = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${own}${pathname}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
