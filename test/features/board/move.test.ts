import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aTechnician } from '../../helpers/factories.ts';
import { aCard, boardOf, columnOf } from './shop.ts';

let now = Date.parse('2031-03-01T12:00:00Z');
const app = await testApp({ clock: () => now });
let owner = await app.as('owner');
const goTo = async (instant: string): Promise<void> => {
  now = Date.parse(instant);
  owner = await app.as('owner');
};
let days = 0;
/** A day of its own for each test, with so many jobs at 10, 11 … in the morning. */
const aDay = async (count: number, more: Data = {}): Promise<{ date: string; ids: string[] }> => {
  days += 1;
  const date = `2032-${String(1 + Math.floor(days / 28)).padStart(2, '0')}-${String(1 + (days % 28)).padStart(2, '0')}`;
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1)
    ids.push(await aCard(app, owner, { starts_at: `${date}T${18 + at}:00:00Z`, ...more }));
  return { date, ids };
};
const put = (id: string | undefined, status: string, position: number, version = 1, options = {}) =>
  owner.put(`/v1/board/cards/${id}`, { status, position, version }, options);
const order = async (date: string, ids: string[], status = 'scheduled'): Promise<number[]> =>
  columnOf(await boardOf(owner, `?date=${date}`), status).map((id) => ids.indexOf(id));
const historyOf = async (id: string | undefined): Promise<Data[]> =>
  (await owner.get(`/v1/appointments/${id}/history`)).data.items;

describe('PUT /v1/board/cards/{id}', () => {
  test('moves a card within its column: 200 with the card, and everybody sees the new order', async () => {
    const { date, ids } = await aDay(4);
    const { status, data, headers } = await put(ids[3], 'scheduled', 1);
    expect(status).toBe(200);
    expect(data).toMatchObject({ id: ids[3], status: 'scheduled', position: 1, version: 2 });
    expect(headers.get('etag')).toBe('"2"');
    const board = await boardOf(owner, `?date=${date}`);
    expect(board.cards[1]).toEqual(data);
    expect(await order(date, ids)).toEqual([0, 3, 1, 2]);
    await put(ids[0], 'scheduled', 2);
    expect(await order(date, ids)).toEqual([3, 1, 0, 2]);
    await put(ids[2], 'scheduled', 0);
    expect(await order(date, ids)).toEqual([2, 3, 1, 0]);
  });

  test('such a move raises the version of that job alone, and its history tells from where to where', async () => {
    const { date, ids } = await aDay(3);
    await put(ids[2], 'scheduled', 0);
    const versions = (await boardOf(owner, `?date=${date}`)).cards.map(({ version }: Data) => version);
    expect(versions).toEqual([2, 1, 1]);
    const [latest] = await historyOf(ids[2]);
    expect(latest).toMatchObject({
      ...{ action: 'changed', entity: 'appointment', changes: { position: { from: 2, to: 0 } } },
      actor: { id: owner.staffId, role: 'owner' },
    });
    expect(latest.correlation_id).toBeString();
    for (const id of ids.slice(0, 2)) expect(await historyOf(id)).toHaveLength(1);
  });

  test('moves a card into another column, by the state of its job', async () => {
    const { date, ids } = await aDay(3);
    await put(ids[0], 'en_route', 0);
    await put(ids[1], 'en_route', 0);
    const { data } = await put(ids[2], 'en_route', 1);
    expect(data).toMatchObject({ status: 'en_route', position: 1, version: 2 });
    expect(await order(date, ids, 'en_route')).toEqual([1, 2, 0]);
    const job = await owner.get(`/v1/appointments/${ids[2]}`);
    expect(job.data).toMatchObject({ status: 'en_route', en_route_at: expect.any(String), version: 2 });
    const [latest] = await historyOf(ids[2]);
    expect(latest.changes.status).toEqual({ from: 'scheduled', to: 'en_route' });
    expect(await historyOf(ids[2])).toHaveLength(2);
  });

  test('a position beyond the end is the end; what is booked later stands by its start', async () => {
    const { date, ids } = await aDay(3);
    expect((await put(ids[0], 'scheduled', 99)).data.position).toBe(2);
    ids.push(await aCard(app, owner, { starts_at: `${date}T19:30:00Z` }));
    expect(await order(date, ids)).toEqual([1, 3, 2, 0]);
  });

  test('between two of one start', async () => {
    const { date, ids } = await aDay(1);
    for (let at = 0; at < 3; at += 1) ids.push(await aCard(app, owner, { starts_at: `${date}T20:00:00Z` }));
    const before = await order(date, ids);
    for (let position = 3; position > 0; position -= 1) {
      const { data } = await put(ids[0], 'scheduled', position, 4 - position);
      expect(data.position).toBe(position);
      expect(await order(date, ids)).toEqual(before.filter((one) => one !== 0).toSpliced(position, 0, 0));
    }
    for (const id of ids.slice(1)) expect(await historyOf(id)).toHaveLength(1);
  });

  test('the same place and state again: 200, and nothing changes', async () => {
    const { date, ids } = await aDay(2);
    const before = await boardOf(owner, `?date=${date}`);
    for (const [at, position] of [
      [0, 0],
      [1, 1],
      [1, 7],
    ] as const) {
      const answer = await put(ids[at], 'scheduled', position);
      expect([answer.status, answer.data]).toEqual([200, before.cards[at]]);
    }
    expect(await boardOf(owner, `?date=${date}`)).toEqual(before);
    expect(await app.sql`select 1 from board_places where appointment_id = any(${ids}::uuid[])`).toEqual([]);
  });

  test('a new start, or a move of the state elsewhere, forgets the place', async () => {
    const { date, ids } = await aDay(3);
    await put(ids[2], 'scheduled', 0);
    await owner.patch(`/v1/appointments/${ids[2]}`, { notes: 'n' });
    expect(await order(date, ids)).toEqual([2, 0, 1]);
    for (const status of ['en_route', 'scheduled'])
      await owner.put(`/v1/appointments/${ids[2]}/status`, { status });
    expect(await order(date, ids)).toEqual([0, 1, 2]);
    await put(ids[2], 'scheduled', 0, 5);
    for (const hour of [22, 20])
      await owner.patch(`/v1/appointments/${ids[2]}`, { starts_at: `${date}T${hour}:00:00Z` });
    expect(await order(date, ids)).toEqual([0, 1, 2]);
    // Whoever writes, also in the table itself.
    await put(ids[2], 'scheduled', 0, 8);
    expect(await order(date, ids)).toEqual([2, 0, 1]);
    await app.sql`update appointments set status = 'completed' where id = ${ids[2] ?? ''}`;
    await app.sql`update appointments set status = 'scheduled' where id = ${ids[2] ?? ''}`;
    expect(await order(date, ids)).toEqual([0, 1, 2]);
  });

  test('a place that was written down for another state or start does not count', async () => {
    const { date, ids } = await aDay(2);
    for (const [status, hour] of [
      ['ready', 19],
      ['scheduled', 20],
    ] as const) {
      await app.sql`
        insert into board_places (appointment_id, status, starts_at, rank)
        values (${ids[1] ?? ''}, ${status}, ${`${date}T${hour}:00:00Z`}, 1)
        on conflict (appointment_id) do update set status = excluded.status, starts_at = excluded.starts_at`;
      expect(await order(date, ids)).toEqual([0, 1]);
    }
  });

  test("what is carried over has its place on today's board, and when it is done on that of its day", async () => {
    await goTo('2031-04-01T12:00:00Z');
    const status = 'in_progress';
    const ids = [
      await aCard(app, owner, { starts_at: '2031-04-01T18:00:00Z', status }),
      await aCard(app, owner, { starts_at: '2031-04-02T18:00:00Z', status }),
      await aCard(app, owner, { starts_at: '2031-04-02T19:00:00Z', status }),
      await aCard(app, owner, { starts_at: '2031-04-01T17:00:00Z', status: 'completed' }),
    ];
    await goTo('2031-04-02T20:00:00Z');
    const { data } = await put(ids[0], status, 1);
    expect(data).toMatchObject({ position: 1, is_late: true });
    expect(await order('2031-04-02', ids, status)).toEqual([1, 0, 2]);
    const done = await put(ids[0], 'completed', 0, 2);
    expect(done.data).toMatchObject({ status: 'completed', position: 0, version: 3 });
    expect(await order('2031-04-01', ids, 'completed')).toEqual([0, 3]);
    expect(await order('2031-04-02', ids, 'completed')).toEqual([]);
    await app.sql`update appointments set status = 'completed' where starts_at < '2031-05-01'`;
    await goTo('2031-03-01T12:00:00Z');
  });

  test('409 board.card_moved with the card as it is now; null when it stands on no board', async () => {
    const { date, ids } = await aDay(2);
    await put(ids[1], 'scheduled', 0);
    const { error } = await put(ids[1], 'en_route', 0);
    const [card] = (await boardOf(owner, `?date=${date}`)).cards;
    expect(error).toMatchObject({ code: 409, reason: 'board.card_moved', details: { card } });
    expect((await put(ids[1], 'scheduled', 0)).error.reason).toBe('board.card_moved');
    await owner.put(`/v1/appointments/${ids[1]}/status`, { status: 'canceled' });
    expect((await put(ids[1], 'en_route', 0)).error.details).toEqual({ card: null });
  });

  test('409 board.card_moved also where others stand in the line for its technician', async () => {
    const { date } = await aDay(0);
    const { id: technician_id } = await aTechnician(owner);
    const id = await aCard(app, owner, { technician_id, starts_at: `${date}T22:00:00Z` });
    await owner.put(`/v1/appointments/${id}/status`, { status: 'canceled' });
    const { error } = await app.sql.transaction(async (tx) => {
      await tx`select 1 as one from technicians where id = ${technician_id} for update`;
      return put(id, 'in_progress', 0);
    });
    expect([error.reason, error.details]).toEqual(['board.card_moved', { card: null }]);
  });

  test('412 for another If-Match, before all else', async () => {
    const { ids } = await aDay(1);
    const stale = await put(ids[0], 'completed', 0, 9, { headers: { 'if-match': '"3"' } });
    expect(stale.error).toMatchObject({ code: 412, reason: 'appointment.stale', details: { version: 1 } });
    expect((await put(ids[0], 'en_route', 0, 1, { headers: { 'if-match': '"1"' } })).status).toBe(200);
  });

  test('refuses what the job refuses: a move that is none, and a slot that is taken meanwhile', async () => {
    const { date, ids } = await aDay(1);
    expect((await put(ids[0], 'completed', 0)).error).toMatchObject({
      ...{ code: 409, reason: 'appointment.move_refused' },
      details: { from: 'scheduled', to: 'completed' },
    });
    const { id: technician_id } = await aTechnician(owner);
    const slot = { technician_id, starts_at: `${date}T22:00:00Z` };
    const canceled = await aCard(app, owner, { ...slot, status: 'canceled' });
    const taker = await aCard(app, owner, slot);
    expect((await put(canceled, 'scheduled', 0)).error).toMatchObject({
      ...{ code: 409, reason: 'appointment.slot_taken', details: { conflicts_with: taker } },
    });
    await owner.delete(`/v1/appointments/${taker}`);
    expect((await put(canceled, 'scheduled', 0)).data).toMatchObject({ position: 0, status: 'scheduled' });
  });

  test('a technician moves the cards of their own jobs alone, the office all', async () => {
    const { ids } = await aDay(2);
    const person = await app.as('technician');
    const { id: technician_id } = await aTechnician(owner, { staff_id: person.staffId });
    await owner.patch(`/v1/appointments/${ids[0]}`, { technician_id });
    const body = { status: 'en_route', position: 0, version: 2 };
    const path = (at: number) => `/v1/board/cards/${ids[at]}`;
    expect((await person.put(path(1), body)).error).toMatchObject({
      ...{ code: 404, reason: 'appointment.not_found' },
    });
    expect((await person.put(path(0), body)).data).toMatchObject({ status: 'en_route', version: 3 });
    const advisor = await app.as('advisor');
    expect((await advisor.put(path(0), { ...body, status: 'scheduled', version: 3 })).status).toBe(200);
    expect((await (await app.as('accountant')).put(path(0), body)).status).toBe(403);
  });

  test('404 for who is none or deleted; 422 for a body of another form', async () => {
    const { ids } = await aDay(1);
    for (const id of [newId(), 'x']) expect((await put(id, 'scheduled', 0)).status).toBe(404);
    const body = { status: 'scheduled', position: 0, version: 1 };
    for (const [field, wrong] of [
      ...[
        ['status', { status: 'canceled' }],
        ['status', { status: 'held' }],
      ],
      ...[
        ['position', { position: -1 }],
        ['position', { position: 0.5 }],
      ],
      ...[
        ['version', { version: 0 }],
        ['rank', { rank: 1 }],
      ],
      ['version', { version: undefined }],
    ] as [string, Data][]) {
      const { error } = await owner.put(`/v1/board/cards/${ids[0]}`, { ...body, ...wrong });
      expect(error).toMatchObject({ code: 422, issues: [{ path: field }] });
    }
    await owner.delete(`/v1/appointments/${ids[0]}`);
    expect((await put(ids[0], 'scheduled', 0)).status).toBe(404);
  });

  test('a dry run tells what would be, and keeps nothing; a key is answered once', async () => {
    const { date, ids } = await aDay(3);
    const body = { status: 'scheduled', position: 0, version: 1 };
    const path = `/v1/board/cards/${ids[2]}`;
    const dry = await owner.put(`${path}?dry_run=true`, body);
    expect(dry.data).toMatchObject({ position: 0, version: 2 });
    expect(await order(date, ids)).toEqual([0, 1, 2]);
    const headers = { 'idempotency-key': `card ${ids[2]}` };
    const done = await owner.put(path, body, { headers });
    const again = await owner.put(path, body, { headers });
    expect([done.data, again.data]).toEqual([dry.data, dry.data]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await order(date, ids)).toEqual([2, 0, 1]);
  });
});
