import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { addressOf } from '../../src/http/address.ts';
import type { Env } from '../../src/http/context.ts';

const app = new Hono<Env>().get('/:proxies', (c) => c.text(addressOf(c, Number(c.req.param('proxies')))));

const seen = async (proxies: number, forwarded: string, peer = '192.0.2.1'): Promise<string> => {
  const request = new Request(`http://shop/${proxies}`, { headers: { 'x-forwarded-for': forwarded } });
  const server = { requestIP: () => ({ address: peer }) };
  return (await app.request(request, undefined, { server })).text();
};

test('the entry that the outermost trusted proxy wrote counts; without one nobody is believed', async () => {
  expect(await seen(0, '198.51.100.1')).toBe('192.0.2.1');
  expect(await seen(1, '198.51.100.1, 198.51.100.2')).toBe('198.51.100.2');
  expect(await seen(2, '198.51.100.1, 198.51.100.2')).toBe('198.51.100.1');
});

test('one address is one, however it is written', async () => {
  expect(await seen(0, '', '::ffff:203.0.113.7')).toBe('203.0.113.7');
  expect(await seen(1, '::FFFF:203.0.113.7')).toBe('203.0.113.7');
  expect(await seen(1, '203.0.113.7:4411')).toBe('203.0.113.7');
});

test('of IPv6 the network counts', async () => {
  expect(await seen(1, '2001:db8:1:2:3:4:5:6')).toBe(await seen(1, '2001:db8:1:2::9'));
  expect(await seen(1, '2001:db8:1:2::9')).not.toBe(await seen(1, '2001:db8:1:3::9'));
});
