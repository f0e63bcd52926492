import { afterEach, describe, expect, test } from 'bun:test';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aService, aTechnician, aVehicle } from '../../helpers/factories.ts';
import { until } from '../../process/started.ts';
import { type Listener, listenTo, through } from './listener.ts';

const PACE = { tickMs: 10 };
let isDraining = false;
const app = await testApp({ env: PATIENT, pace: { ...PACE, maxStreams: 4 }, isDraining: () => isDraining });
// As behind a PgBouncer.
const otherBox = await testApp({
  env: { ...PATIENT, DB_PREPARE: 'false' },
  url: app.url,
  pace: { ...PACE, checkMs: 20, heartbeatMs: 20 },
});
const owner = await app.as('owner');

let open: Listener[] = [];
const listen = async (
  on = app,
  options: Parameters<typeof listenTo>[2] = {},
  who = owner,
): Promise<Listener> => {
  const listener = await listenTo(through(on), who, options);
  open.push(listener);
  return listener;
};
afterEach(async () => {
  for (const listener of open) await listener.leave();
  open = [];
});
const endOf = ({ headers }: Listener): Promise<Data> =>
  until('the end of the stream', () =>
    [...app.lines, ...otherBox.lines].find(
      (line) => line.message === 'stream ended' && line.correlation_id === headers.get('x-correlation-id'),
    ),
  );

describe('GET /v1/board/events', () => {
  test('tells every box of what changes a card, once and in order', async () => {
    const listeners = [await listen(), await listen(), await listen(otherBox)];
    const { id: customer_id } = await aCustomer(owner);
    const { id: service_id } = await aService(owner);
    const job = await aBooking(owner, { customer_id, services: [{ service_id }] });
    const moved = await owner.put(`/v1/appointments/${job.id}/status`, { status: 'en_route' });
    await owner.patch(`/v1/customers/${customer_id}`, { name: 'Eva' });
    await owner.delete(`/v1/appointments/${job.id}`);
    for (const listener of listeners) {
      const told = await listener.hears(5);
      expect(told.map(({ event }) => event)).toEqual([
        'customer.created',
        'appointment.created',
        'appointment.moved',
        'customer.changed',
        'appointment.deleted',
      ]);
      expect(told[2]?.data).toEqual({
        ...{ type: 'appointment.moved', appointment_id: job.id, entity: 'appointment', entity_id: job.id },
        ...{ version: moved.data.version, at: expect.any(String), status: 'en_route' },
      });
      // When the row changed, which is later than its transaction began.
      expect(String(told[2]?.data.at) >= moved.data.updated_at).toBe(true);
      const ids = told.map(({ id }) => Number(id));
      expect(ids).toEqual([...ids].sort((one, other) => one - other));
      expect(new Set(ids).size).toBe(5);
    }
  });

  test('vehicles and technicians too, for a card names them; other things not', async () => {
    const listener = await listen();
    await aService(owner);
    await aTechnician(owner);
    await aVehicle(owner);
    const told = await listener.hears(3);
    expect(told.map(({ event }) => event)).toEqual([
      'technician.created',
      'customer.created',
      'vehicle.created',
    ]);
  });

  test('is a stream that nothing on the way should keep', async () => {
    const { headers, status, others } = await listen();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(others).toEqual(['retry: 1000']);
  });

  test('gives signs of life, and the place to go on from, while nothing happens', async () => {
    const listener = await listen(otherBox);
    await owner.post('/v1/closures', { starts_at: '2102-12-24', ends_at: '2102-12-25' });
    const [hello] = listener.told;
    await until('the place to go on', () => Number(listener.lastId()) > Number(hello?.id));
    expect(listener.others).toContain(':');
    expect(listener.told).toHaveLength(1);
  });

  test('goes on after Last-Event-ID at another box: nothing lost, nothing twice', async () => {
    const first = await listen();
    const start = first.lastId();
    await aCustomer(owner);
    await first.hears(1);
    const left = first.lastId();
    await first.leave();
    for (let count = 0; count < 7; count += 1) await aCustomer(owner);
    const second = await listen(otherBox, { lastEventId: left });
    expect(second.told[0]).toEqual({ id: left, event: 'hello', data: { type: 'hello' } });
    await second.hears(7);
    await aCustomer(owner);
    const whole = await listen(app, { query: `?last_event_id=${start}` });
    const all = (await whole.hears(9)).map(({ id }) => id);
    expect([left, ...(await second.hears(8)).map(({ id }) => id)]).toEqual(all);
  });

  test('many who come back at once from different places each go on from theirs', async () => {
    const first = await listen(otherBox);
    for (let count = 0; count < 10; count += 1) await aCustomer(owner);
    const ids = (await first.hears(10)).map(({ id }) => id);
    const all = await Promise.all(
      ids.map((lastEventId) => listenTo(through(otherBox), owner, { lastEventId })),
    );
    await aCustomer(owner);
    const [last] = (await first.hears(11)).slice(-1);
    for (const [at, listener] of all.entries()) {
      const told = await listener.hears(10 - at);
      expect(told.map(({ id }) => id)).toEqual([...ids.slice(at + 1), last?.id ?? '']);
      await listener.leave();
    }
  });

  test('resets whoever is too far behind, ahead, or names no place at all', async () => {
    const before = await listen();
    const start = before.lastId();
    const gone = Number(start) + 12_000;
    await app.sql`select set_config('shop.act', '', false)`;
    await app.sql`insert into journal (action, entity, entity_id, changes, position)
      select 'changed', 'note', gen_random_uuid(), '{}', ${Number(start)}::bigint + n from generate_series(1, 12000) n`;
    await app.sql`update journal_head set last = ${gone}`;
    for (const lastEventId of [start, String(gone + 1), 'x', '-1']) {
      const { told } = await listen(app, { lastEventId });
      expect(told).toEqual([{ id: String(gone), event: 'reset', data: { type: 'reset' } }]);
      await open.pop()?.leave();
    }
    const kept = await listen(app, { lastEventId: String(gone - 10_000) });
    expect(kept.told[0]?.event).toBe('hello');
  });

  test('what an import has left without a place is not told to who begins', async () => {
    await app.sql`insert into journal (action, entity, entity_id, changes)
      select 'created', 'customer', gen_random_uuid(), '{}' from generate_series(1, 2500)`;
    const listener = await listen();
    const { id } = await aCustomer(owner);
    expect(await listener.hears(1)).toMatchObject([{ data: { entity_id: id } }]);
  });

  test('503 with Retry-After when there are as many as a worker keeps; one that leaves makes room', async () => {
    const four = [await listen(), await listen(), await listen(), await listen()];
    const fifth = await owner.get('/v1/board/events');
    expect(fifth.error).toMatchObject({ code: 503, reason: 'board.too_many_streams' });
    expect(fifth.headers.get('retry-after')).toBe('10');
    await four[0]?.leave();
    expect((await listen()).status).toBe(200);
    expect(await endOf(four[0] as Listener)).toMatchObject({ why: 'the client went away', events: 0 });
  });

  test('ends when the process is about to, and lets nobody in', async () => {
    const listener = await listen();
    isDraining = true;
    try {
      await until('the end', listener.hasEnded);
      const late = await owner.get('/v1/board/events');
      expect(late.error).toMatchObject({ code: 503, reason: 'server.draining' });
    } finally {
      isDraining = false;
    }
  });

  test('asks nothing while nobody listens, and one statement a turn for all', async () => {
    const count = () => app.pool.counters().statements;
    await until('the streams to be gone', async () => {
      const before = count();
      await Bun.sleep(5 * PACE.tickMs);
      return count() === before;
    });
    for (let streams = 0; streams < 4; streams += 1) await listen();
    const before = count();
    const began = performance.now();
    await until('some turns', () => count() >= before + 10);
    expect(count() - before).toBeLessThanOrEqual((performance.now() - began) / PACE.tickMs + 12);
  });
});

describe('whoever may not listen any more', () => {
  const ENDS: [string, (staffId: string) => Promise<unknown>][] = [
    ['a closed account', (id) => app.sql`update staff set is_active = false where id = ${id}`],
    ['another role', (id) => app.sql`update staff set role = 'accountant' where id = ${id}`],
    ['an ended session', (id) => app.sql`update sessions set ended_at = now() where staff_id = ${id}`],
  ];
  for (const [what, end] of ENDS) {
    test(`${what} ends the stream, and no other`, async () => {
      const advisor = await app.as('advisor');
      const other = await listen(otherBox);
      const listener = await listen(otherBox, {}, advisor);
      await end(advisor.staffId);
      await until('the end', listener.hasEnded);
      expect(other.hasEnded()).toBe(false);
    });
  }
});

describe('POST /v1/board/tickets', () => {
  const stranger = { own: {} };
  const ticketOf = async (client = owner): Promise<string> => {
    const { status, data, headers } = await client.post('/v1/board/tickets');
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/board/events?ticket=${data.ticket}`);
    return data.ticket;
  };
  const enter = (ticket: string, on = app) => listen(on, { query: `?ticket=${ticket}` }, stranger as never);

  test('opens one stream, once, at any box; a technician may have one', async () => {
    const ticket = await ticketOf(await app.as('technician'));
    const listener = await enter(ticket, otherBox);
    expect(listener.told[0]?.event).toBe('hello');
    expect((await enter(ticket)).status).toBe(401);
  });

  test('of many who come with one ticket, one is let in', async () => {
    const ticket = await ticketOf();
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async (_, at) => (await enter(ticket, at % 2 === 0 ? app : otherBox)).status),
    );
    expect(statuses.sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  test('401 after 30 seconds, for an ended session, for none of ours; at no other route', async () => {
    const late = await ticketOf();
    await app.sql`update board_tickets set expires_at = expires_at - interval '31 seconds'`;
    const advisor = await app.as('advisor');
    const ended = await ticketOf(advisor);
    await app.sql`update sessions set ended_at = now() where staff_id = ${advisor.staffId}`;
    for (const ticket of [late, ended, 'x', '']) expect((await enter(ticket)).status).toBe(401);
    const { status } = await app.stranger.get(`/v1/changes?ticket=${await ticketOf()}`);
    expect(status).toBe(401);
  });

  test('is kept as a hash alone, and stands in no line of the log', async () => {
    const ticket = await ticketOf();
    const rows = await app.sql`select encode(token_hash, 'escape') as hash from board_tickets`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(ticket);
    await enter(ticket);
    expect(JSON.stringify(app.lines)).not.toContain(ticket);
  });
});
