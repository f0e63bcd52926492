import { createServer } from 'node:net';
import { refuse } from './refusal.ts';

const LOOK_EVERY_MS = 100;

interface Address {
  host: string;
  port: number;
}

/**
 * Binds the port without reusePort and lets go again: with it, any process of the same user could share the port
 * unseen. Gives the port, which is a free one when 0 was asked for.
 */
export const provePortFree = async ({ host, port }: Address, waitMs: number): Promise<number> => {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return await bindOnce({ host, port });
    } catch (error) {
      const code = await faultOf(error, host);
      if (code === 'EADDRINUSE' && performance.now() < deadline) await Bun.sleep(LOOK_EVERY_MS);
      else throw refuse(sentence({ host, port }, code), error);
    }
  }
};

/**
 * From the proof until its workers listen, two that start at once would both find the port free, and then share it
 * unseen. So each start holds a name that the kernel gives to one process alone, and takes back with its end: an
 * abstract socket, which only Linux has. Gives what lets go of it.
 */
export const holdPort = async ({ host, port }: Address): Promise<() => void> => {
  if (process.platform !== 'linux') return () => undefined;
  const holder = createServer().unref();
  const held = Promise.withResolvers<void>();
  holder.once('listening', held.resolve);
  holder.once('error', (error) => held.reject(refuse(sentence({ host, port }, 'EADDRINUSE'), error)));
  holder.listen(`\0edgars-port-${host}:${port}`);
  await held.promise;
  return () => void holder.close();
};

// Bun says "in use" also of a host that is no address at all: then no port of it can be had.
const faultOf = async (error: unknown, host: string): Promise<unknown> => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE') return code;
  return bindOnce({ host, port: 0 }).then(
    () => code,
    () => 'EADDRNOTAVAIL',
  );
};

const bindOnce = async ({ host, port }: Address): Promise<number> => {
  const server = Bun.serve({ hostname: host, port, reusePort: false, fetch: () => new Response() });
  const bound = server.port ?? port;
  await server.stop(true);
  return bound;
};

const sentence = ({ host, port }: Address, code: unknown): string => {
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use by another program: stop it, or set PORT to another one.`;
  if (code === 'EACCES') return `This user may not listen on port ${port}: set PORT to one of 1024 or more.`;
  return `HOST ${host} is not an address that this machine can listen on (port ${port}).`;
};
