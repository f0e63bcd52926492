import { afterAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { PATIENT, testApp } from '../../helpers/app.ts';
import { until } from '../../process/started.ts';
import { listenTo } from './listener.ts';

const EVENTS = 5_000;
/** So that all of it is far more than what sockets hold. */
const PADDING_BYTES = 4_000;

const app = await testApp({ env: PATIENT, pace: { tickMs: 10, patienceMs: 300 } });
const owner = await app.as('owner');
const server = Bun.serve({
  ...{ hostname: '127.0.0.1', port: 0, idleTimeout: 120 },
  fetch: (request, listener) => app.app.fetch(request, { server: listener }),
});
afterAll(() => server.stop(true));

const overSocket = (path: string, headers: Record<string, string>) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { headers });

test('a reader who takes nothing is cut off; the others hear all of it, and memory holds', async () => {
  const reader = await listenTo(overSocket, owner);
  const deaf = connect(server.port ?? 0, '127.0.0.1');
  deaf.write(
    `GET /v1/board/events HTTP/1.1\r\nHost: shop\r\nAuthorization: ${owner.own.authorization}\r\n\r\n`,
  );
  await new Promise((resolve) => deaf.once('data', resolve));
  deaf.pause();
  deaf.on('error', () => undefined);
  const closed = new Promise((resolve) => deaf.once('close', resolve));
  await app.sql`insert into journal (action, entity, entity_id, changes, version)
    select 'changed', 'customer', gen_random_uuid(),
      jsonb_build_object('status', jsonb_build_object('to', repeat('x', ${PADDING_BYTES}::integer))), n
    from generate_series(1, ${EVENTS}::integer) n`;
  const told = await reader.hears(EVENTS);
  expect(told).toHaveLength(EVENTS);
  expect(told.map(({ data }) => data.version)).toEqual(Array.from({ length: EVENTS }, (_, at) => at + 1));
  const [cut] = await until('the deaf one to be cut', () => {
    const ends = app.lines.filter((line) => line.why === 'the client takes the events too slowly');
    return ends.length > 0 ? ends : undefined;
  });
  // What neither the sockets nor its room hold was never given to it.
  expect(Number(cut?.events)).toBeLessThan(EVENTS * 0.75);
  deaf.resume();
  await closed;
  expect(reader.hasEnded()).toBe(false);
  await reader.leave();
  await until('the client to be missed', () => app.lines.some((line) => line.why === 'the client went away'));
});
