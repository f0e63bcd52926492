import { describe, expect, test } from 'bun:test';
import { readFeed } from '../../../src/features/changes/feed.ts';
import { newId } from '../../../src/values/id.ts';
import { EXAMPLES, exampleOf, isWrite, sendExample } from '../../app/examples.ts';
import { type Data, PATIENT, testApp } from '../../helpers/app.ts';
import { connect } from '../../helpers/connection.ts';
import { aBooking, aCustomer, aService } from '../../helpers/factories.ts';

const app = await testApp({ env: PATIENT });
const owner = await app.as('owner');

const page = async (query = ''): Promise<Data> => (await owner.get(`/v1/changes?limit=100${query}`)).data;

/** From a cursor to the end of the feed as it stands. */
const follow = async (cursor?: string, query = ''): Promise<{ items: Data[]; cursor: string }> => {
  const items: Data[] = [];
  let at = cursor;
  for (;;) {
    const { items: more, next_cursor } = await page(`${query}${at === undefined ? '' : `&cursor=${at}`}`);
    items.push(...more);
    at = next_cursor;
    if (more.length === 0) return { items, cursor: next_cursor };
  }
};
const here = async (): Promise<string> => (await follow()).cursor;
const WITHOUT_VERSION = ['payment', 'refund', 'closure', 'extra_hours', 'note', 'time_off'];
const typesOf = (items: Data[], id: string) =>
  items.filter(({ entity_id }) => entity_id === id).map(({ type, version }) => [type, version]);

describe('GET /v1/changes', () => {
  test('shows who asks what they themselves have just written, once for each change', async () => {
    const cursor = await here();
    const { id: service_id } = await aService(owner);
    const job = await aBooking(owner, { services: [{ service_id }, { service_id }] });
    await owner.put(`/v1/appointments/${job.id}/status`, { status: 'en_route' });
    await owner.patch(`/v1/appointments/${job.id}`, { notes: 'n', services: [{ service_id }] });
    await owner.delete(`/v1/appointments/${job.id}`);
    await owner.post(`/v1/appointments/${job.id}/restore`);
    const { items } = await follow(cursor);
    expect(typesOf(items, job.id)).toEqual([
      ['appointment.created', 1],
      ['appointment.moved', 2],
      ['appointment.changed', 3],
      ['appointment.deleted', 4],
      ['appointment.restored', 5],
    ]);
    expect(items.filter(({ deleted }) => deleted).map(({ entity_id }) => entity_id)).toEqual([job.id]);
  });

  test('pages without a gap from its first change on; the end leads on', async () => {
    const all = (await follow()).items;
    const paged: Data[] = [];
    let cursor = '';
    for (;;) {
      const { data } = await owner.get(`/v1/changes?limit=3${cursor}`);
      if (data.items.length === 0) break;
      paged.push(...data.items);
      expect(data.next_cursor).toBe(data.items.at(-1).cursor);
      cursor = `&cursor=${data.next_cursor}`;
    }
    expect(paged).toEqual(all);
    const { id } = await aCustomer(owner);
    const later = await owner.get(`/v1/changes?limit=3${cursor}`);
    expect(later.data.items).toMatchObject([{ type: 'customer.created', entity_id: id }]);
  });

  test('is told by type, by all of an entity, or whole', async () => {
    const cursor = await here();
    const { id } = await aCustomer(owner);
    await owner.patch(`/v1/customers/${id}`, { notes: 'n' });
    const { id: service_id } = await aService(owner);
    const told = async (types: string) =>
      (await follow(undefined, `&types=${types}`)).items
        .filter(({ entity_id }) => [id, service_id].includes(entity_id))
        .map(({ type }) => type);
    expect(await told('customer.created')).toEqual(['customer.created']);
    expect(await told('customer.*')).toEqual(['customer.created', 'customer.changed']);
    expect(await told('service.created,customer.changed')).toEqual(['customer.changed', 'service.created']);
    expect(await told('*')).toHaveLength(3);
    // A cursor is bound to its types.
    const wrong = await owner.get(`/v1/changes?types=customer.*&cursor=${cursor}`);
    expect(wrong.error).toMatchObject({ code: 400, issues: [{ path: 'cursor' }] });
    expect((await owner.get('/v1/changes?types=customer.moved')).status).toBe(400);
  });

  test('400 for what was never a cursor, and for one from ahead, as after a restore', async () => {
    const cursorFrom = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const [, print] = JSON.parse(Buffer.from(await here(), 'base64url').toString());
    const wrong = [
      'x',
      ...[[-1, print], ['1', print], [1.5, print], [1e15, print], [1], [1, 'x']].map(cursorFrom),
    ];
    for (const cursor of wrong) {
      const { status, error } = await owner.get(`/v1/changes?cursor=${cursor}`);
      expect([cursor, status, error?.issues?.[0].path]).toEqual([cursor, 400, 'cursor']);
    }
  });

  test('knows the hand in psql', async () => {
    const cursor = await here();
    const { id } = await aCustomer(owner);
    const psql = connect(app.url);
    await psql`update customers set notes = 'by hand', version = version + 1 where id = ${id}`;
    await psql.end();
    expect(typesOf((await follow(cursor)).items, id)).toEqual([
      ['customer.created', 1],
      ['customer.changed', 2],
    ]);
  });
});

describe('the order of the feed', () => {
  test('is that of commits: who began first and commits last comes last, and is not lost', async () => {
    const cursor = await here();
    const early = newId();
    const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = app.sql.transaction(async (tx) => {
      await tx`insert into customers (id, name, phone) values (${early}, 'Early', '+16285550100')`;
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    const { id: late } = await aCustomer(owner);
    // Seen while the other still runs: it waits for nobody.
    const before = await follow(cursor);
    expect(typesOf(before.items, late)).toEqual([['customer.created', 1]]);
    expect(typesOf(before.items, early)).toEqual([]);
    release.resolve();
    await slow;
    expect(typesOf((await follow(before.cursor)).items, early)).toEqual([['customer.created', 1]]);
  });

  test('of eight writers at once, their transactions overlapping: each change once, versions rising, and a reader who follows meanwhile misses none', async () => {
    const start = await here();
    const shared = (await aCustomer(owner)).id;
    const ROUNDS = 12;
    let running = 8;
    const writer = async (name: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await app.sql.transaction(async (tx) => {
          const own = newId();
          await tx`insert into customers (id, name, email) values (${own}, 'W', ${`w${name}-${round}@example.com`})`;
          if (round % 3 === name % 3) await tx`select pg_sleep(0.005)`;
          await tx`update customers set notes = ${own}, version = version + 1 where id = ${shared}`;
          await tx`update customers set notes = ${own}, version = version + 1 where id = ${own}`;
        });
      }
      running -= 1;
    };
    const writing = Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
    const seen: Data[] = [];
    let cursor = start;
    while (running > 0) {
      const more = await follow(cursor);
      seen.push(...more.items);
      cursor = more.cursor;
    }
    await writing;
    seen.push(...(await follow(cursor)).items);
    expect(seen).toEqual((await follow(start)).items);
    const versions = (id: string) =>
      seen.filter(({ entity_id }) => entity_id === id).map(({ version }) => version);
    expect(versions(shared)).toEqual(Array.from({ length: 8 * ROUNDS + 1 }, (_, at) => at + 1));
    const made = [...new Set(seen.map(({ entity_id }) => entity_id))].filter((id) => id !== shared);
    expect(made).toHaveLength(8 * ROUNDS);
    for (const id of made) expect(versions(id)).toEqual([1, 2]);
  });

  test('a change that a full batch cuts in two is still one', async () => {
    const [before] = await app.sql<{ last: number }>`select last from place_journal(1000, true)`;
    const { id: service_id } = await aService(owner);
    await app.sql`select place_journal(1000, true)`;
    const job = await aBooking(owner, { services: Array(9).fill({ service_id }) });
    for (let done = false; !done; ) {
      const [row] = await app.sql<{ is_done: boolean }>`select is_done from place_journal(2, true)`;
      done = row?.is_done === true;
    }
    const rows = await app.sql<{ position: number }>`
      select position from journal where entity_id = ${job.id} order by position desc`;
    expect(rows.length).toBe(10);
    expect(rows.filter(({ position }) => position > 0)).toHaveLength(1);
    expect(rows[0]?.position).toBeGreaterThan(before?.last ?? Number.POSITIVE_INFINITY);
  });

  test('two who give places at once give each but once, without a hole', async () => {
    for (let count = 0; count < 20; count += 1) await aCustomer(owner);
    const other = await testApp({ url: app.url });
    await Promise.all(
      [app, other, app, other, app, other].map(
        ({ sql }, at) => sql`select place_journal(3, ${at % 2 === 0})`,
      ),
    );
    await app.sql`select place_journal(1000, true)`;
    const [row] = await app.sql<{ places: number; highest: number; last: number; unplaced: number }>`
      select count(*) filter (where position > 0) as places, max(position) as highest,
        (select last from journal_head) as last, count(*) filter (where position is null) as unplaced from journal`;
    expect(row).toEqual({
      places: row?.last ?? 0,
      highest: row?.last ?? 0,
      last: row?.last ?? 0,
      unplaced: 0,
    });
  });

  test('where nothing can be written it is read as it stands', async () => {
    const cursor = await here();
    const { id } = await aCustomer(owner);
    const seen = await app.sql.transaction(async (tx) => {
      await tx`set transaction read only`;
      return JSON.parse(await readFeed(tx, { limit: 100, cursor }));
    });
    expect(seen).toEqual({ items: [], next_cursor: cursor });
    expect(typesOf((await follow(cursor)).items, id)).toEqual([['customer.created', 1]]);
  });
});

test('whatever the API writes, the versions of a thing rise in the feed', async () => {
  const start = await here();
  const world = { app, owner };
  for (const route of Object.keys(EXAMPLES).filter(isWrite)) {
    const example = await exampleOf(world, route);
    // Else what it needs and what it does would be told as one.
    await app.sql`select place_journal(1000, true)`;
    await sendExample(world, route, example);
  }
  const { items } = await follow(start);
  expect(items.length).toBeGreaterThan(100);
  const last = new Map<string, number>();
  for (const { type, entity, entity_id, version } of items) {
    const before = last.get(entity_id) ?? 0;
    if (version !== null) expect([type, version > before]).toEqual([type, true]);
    // These have none; a calendar is an address of its technician's, and a thing that is gone has none any more.
    else
      expect([...WITHOUT_VERSION, 'estimate', 'message', 'service_area', 'webhook', 'technician']).toContain(
        entity,
      );
    last.set(entity_id, version ?? before);
  }
});
