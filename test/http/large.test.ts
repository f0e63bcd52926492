import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { testApp } from '../helpers/app.ts';
import { aCustomer } from '../helpers/factories.ts';

const app = await testApp();
const owner = await app.as('owner');
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => app.app.fetch(request) });
afterAll(() => server.stop(true));

/** More than a kilobyte each, of letters of one, two, three and four bytes. */
const NOTES = 'a ü 車 🚐 '.repeat(80);
const PATH = '/v1/customers?limit=100';

beforeAll(async () => {
  for (let at = 0; at < 60; at += 1) await aCustomer(owner, { name: `Someone ${at}`, notes: NOTES });
});

describe('an answer too large for Bun to gather', () => {
  test('comes whole, letter by letter, and the connection goes on', async () => {
    const inside = await owner.get(PATH);
    const outside = await Promise.all(
      Array.from({ length: 20 }, () => fetch(new URL(PATH, server.url), { headers: owner.own })),
    );
    for (const answer of outside) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      // As a stream: only so its headers leave in one write.
      expect(answer.headers.get('transfer-encoding')).toBe('chunked');
      const { data } = JSON.parse(await answer.text());
      expect(data.items).toHaveLength(60);
      expect(data).toEqual(inside.data);
    }
  });

  test('ends where it says, so that the next one follows on the same connection; HEAD has no body', async () => {
    const head = await fetch(new URL(PATH, server.url), { method: 'HEAD', headers: owner.own });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    const asked = `GET ${PATH} HTTP/1.1\r\nHost: shop\r\nAuthorization: ${owner.own.authorization}\r\n\r\n`;
    const heard = await sentInTurn([asked, asked]);
    expect(heard.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(heard.match(/"Someone 0"/g)).toHaveLength(2);
  });

  test('a client that leaves in the middle of it disturbs nobody', async () => {
    for (let at = 0; at < 10; at += 1) {
      const leaving = new AbortController();
      const answer = await fetch(new URL(PATH, server.url), { headers: owner.own, signal: leaving.signal });
      leaving.abort();
      await answer.text().catch(() => undefined);
    }
    expect((await fetch(new URL(PATH, server.url), { headers: owner.own })).status).toBe(200);
  });
});

/** What comes back on one connection, on which each request is sent when the answer before it is at its end. */
const sentInTurn = (requests: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = '';
    const left = [...requests];
    const socket = connect(server.port ?? 0, '127.0.0.1', () => socket.write(left.shift() ?? ''));
    socket.setEncoding('utf8').on('data', (piece) => {
      heard += piece;
      if (!heard.endsWith('\r\n0\r\n\r\n')) return;
      const next = left.shift();
      if (next === undefined) socket.end();
      else socket.write(next);
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
