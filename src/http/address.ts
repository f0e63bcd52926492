import { isIPv6 } from 'node:net';
import type { Context } from 'hono';
import type { Env } from './context.ts';

/** Behind n trusted proxies the n-th X-Forwarded-For entry from the end was written by the outermost of them. */
export const addressOf = (c: Context<Env>, proxies: number): string => {
  const forwarded =
    proxies > 0 ? c.req.header('x-forwarded-for')?.split(',').at(-proxies)?.trim() : undefined;
  return networkOf(plain(forwarded ?? c.env?.server?.requestIP(c.req.raw)?.address ?? 'unknown'));
};

/** Without the port that some proxies add, and as IPv4 where IPv6 only wraps it. */
const plain = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');

/** An IPv6 address as its first 64 bits: whoever has one has all that begin like it. */
const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const first = head.split(':').filter((part) => part !== '');
  const last = tail?.split(':').filter((part) => part !== '') ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return all
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16))
    .join(':');
};
