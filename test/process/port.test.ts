import { describe, expect, test } from 'bun:test';
import { holdPort, provePortFree } from '../../src/process/port.ts';
import { freePort } from './started.ts';

const HERE = '127.0.0.1';
const listen = (port = 0, reusePort = false) =>
  Bun.serve({ hostname: HERE, port, reusePort, fetch: () => new Response('mine') });
const sentence = (host: string, port: number, waitMs = 0): Promise<string> =>
  provePortFree({ host, port }, waitMs).then(
    () => 'it is free',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('the port', () => {
  test('is given back when it is free, and is free again afterwards', async () => {
    const port = await freePort();
    expect(await provePortFree({ host: HERE, port }, 0)).toBe(port);
    expect(await provePortFree({ host: HERE, port }, 0)).toBe(port);
    await listen(port).stop(true);
  });

  test('0 gives one that is free', async () => {
    const port = await provePortFree({ host: HERE, port: 0 }, 0);
    expect(port).toBeGreaterThan(1023);
    await listen(port).stop(true);
  });

  test.each([
    ['alone', false],
    ['with reusePort, as our own workers do', true],
  ])('is refused while another program holds it %s', async (_, reusePort) => {
    await using other = disposable(listen(0, reusePort));
    expect(await sentence(HERE, other.port)).toBe(
      `Refusal: Port ${other.port} is in use by another program: stop it, or set PORT to another one.`,
    );
    expect(await sentence('0.0.0.0', other.port)).toContain(`Port ${other.port} is in use`);
  });

  test('is waited for, when workers of a killed supervisor may still be leaving', async () => {
    await using other = disposable(listen());
    const proof = provePortFree({ host: HERE, port: other.port }, 60_000);
    expect(await Promise.race([proof, Bun.sleep(250).then(() => 'still waiting')])).toBe('still waiting');
    await other.server.stop(true);
    expect(await proof).toBe(other.port);
  });

  test.skipIf(process.platform !== 'linux')(
    'is held by one of two that found it free, until that one lets go',
    async () => {
      const port = await freePort();
      const hold = () => holdPort({ host: HERE, port });
      const release = await hold();
      expect(hold()).rejects.toThrow(`Port ${port} is in use by another program`);
      release();
      (await hold())();
    },
  );

  test('is refused at the end of the wait', async () => {
    await using other = disposable(listen());
    expect(await sentence(HERE, other.port, 150)).toContain('is in use by another program');
  });
});

describe('the host', () => {
  test.each(['192.0.2.1', 'no-such-host.invalid', '1.2.3.4.5', '256.1.1.1'])(
    '%s is refused by its name, not for its port',
    async (host) => {
      const port = await freePort();
      expect(await sentence(host, port, 60_000)).toBe(
        `Refusal: HOST ${host} is not an address that this machine can listen on (port ${port}).`,
      );
      expect(await sentence(host, 0, 60_000)).toContain(`HOST ${host} is not an address`);
    },
  );
});

const disposable = (server: ReturnType<typeof listen>) => ({
  server,
  port: server.port ?? 0,
  [Symbol.asyncDispose]: () => server.stop(true),
});
