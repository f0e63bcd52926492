import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Client, type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aCustomer, aVehicle } from '../../helpers/factories.ts';
import {
  aHistory as aHistoryIn,
  HISTORY,
  type Made,
  netOf,
  sold,
  sum,
  totalsOf,
  type Visit,
} from './history.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
const accountant = await shop.as('accountant');

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const aHistory = (visits?: readonly Visit[]) => aHistoryIn({ shop, owner }, visits);
const { customer, vehicles, jobs, path } = await aHistory();
// Somebody else's history must change nothing of it.
await aHistory();
const shown = jobs.filter(({ isDeleted }) => isDeleted !== true).toReversed();
const idsOf = (answer: { data: Data }): string[] => answer.data.appointments.items.map(({ id }: Data) => id);

describe('GET /v1/customers/:id/profile', () => {
  test('200: the customer and the living vehicles as their own routes show them', async () => {
    const { id: customer_id } = await aCustomer(advisor);
    const [kept, gone] = [await aVehicle(advisor, { customer_id }), await aVehicle(advisor, { customer_id })];
    await advisor.delete(`/v1/vehicles/${gone.id}`);
    const { status, data } = await advisor.get(`/v1/customers/${customer_id}/profile`);
    expect(status).toBe(200);
    expect(Object.keys(data)).toEqual(['customer', 'vehicles', 'appointments', 'totals']);
    expect(data.customer).toEqual((await advisor.get(`/v1/customers/${customer_id}`)).data);
    expect(data.vehicles).toEqual([(await advisor.get(`/v1/vehicles/${kept.id}`)).data]);
    expect(data.appointments).toEqual({ items: [], next_cursor: null });
    expect(data.totals).toEqual(totalsOf([]));
  });

  test('200: every visit as its own route shows it, newest first, with vehicle, payments and messages', async () => {
    const { data } = await accountant.get(path);
    expect(data.customer).toEqual((await advisor.get(`/v1/customers/${customer.id}`)).data);
    expect(data.vehicles).toEqual(vehicles);
    expect(idsOf({ data })).toEqual(shown.map(({ id }) => id));
    for (const [at, item] of data.appointments.items.entries()) {
      const job = shown[at];
      const { vehicle, payments, messages, ...own } = item;
      expect(own).toEqual((await advisor.get(`/v1/appointments/${item.id}`)).data);
      expect(vehicle).toEqual(vehicles.find(({ id }) => id === job?.vehicleId) ?? null);
      expect(own.total_cents).toBe(job?.bill?.total ?? (job === undefined ? 0 : sold(job)));
      expect(own.paid_cents).toBe(netOf(job?.bill?.payments ?? []));
      expect(payments).toEqual(
        (job?.bill?.payments ?? []).map(({ amount, refunds = [] }, hour) => ({
          id: expect.any(String),
          ...{ invoice_id: payments[0].invoice_id, appointment_id: null },
          ...{ amount_cents: amount, refunded_cents: sum(refunds), applied_cents: 0 },
          ...{ method: 'card', note: `payment ${hour}`, created_at: expect.any(String) },
          received_at: job?.startsAt.replace('T10', `T1${hour}`),
        })),
      );
      expect(messages).toEqual(
        (job?.messages ?? []).map((body, minute) => ({
          id: expect.any(String),
          appointment_id: item.id,
          ...{ channel: 'sms', direction: 'out', body, status: 'sent' },
          created_at: job?.startsAt.replace('00:00Z', `0${minute}:00Z`),
          sent_at: job?.startsAt,
        })),
      );
    }
  });

  test('200: the totals are those of a second computation, whatever is filtered or on the page', async () => {
    const expected = totalsOf(HISTORY);
    expect(expected).toMatchObject({
      lifetime_spend_cents: 52_799,
      unpaid_cents: 68_855,
      visits: 9,
      completed_visits: 7,
    });
    for (const query of [
      '',
      '?limit=1',
      `?vehicle_id=${vehicles[0].id}`,
      '?from=2026-01-20',
      '?to=2000-01-01',
    ]) {
      expect((await advisor.get(path + query)).data.totals).toEqual(expected);
    }
  });

  test('200: VIP from 5,000.00 net of refunds, or by flag; overdue after 180 days', async () => {
    const paid = (total: number, refunds: number[], completedAt: string): Visit => ({
      ...{ startsAt: completedAt, status: 'completed', completedAt },
      bill: { status: 'paid', total: total - sum(refunds), payments: [{ amount: total, refunds }] },
    });
    const cases: [Visit[], boolean, boolean][] = [
      [[paid(500_000, [], daysAgo(181))], true, true],
      [[paid(500_000, [1], daysAgo(179))], false, false],
      [[paid(250_000, [], daysAgo(400)), paid(250_000, [], daysAgo(5))], true, false],
    ];
    for (const [visits, isVip, isOverdue] of cases) {
      const history = await aHistory(visits);
      const { totals } = (await advisor.get(history.path)).data;
      expect(totals).toEqual(totalsOf(visits));
      expect([totals.is_vip, totals.is_overdue]).toEqual([isVip, isOverdue]);
    }
    const { id } = await aCustomer(advisor, { is_vip: true });
    const flagged = await advisor.get(`/v1/customers/${id}/profile`);
    expect(flagged.data.totals).toEqual({ ...totalsOf([]), is_vip: true });
  });

  test('200: vehicle_id, from and to narrow the visits; a date is that day in the shop’s zone', async () => {
    const ids = async (query: string) => idsOf(await advisor.get(`${path}?${query}`));
    const expected = (is: (job: Made) => boolean) => shown.filter(is).map(({ id }) => id);
    expect(await ids(`vehicle_id=${vehicles[1].id}`)).toEqual(
      expected(({ vehicleId }) => vehicleId === vehicles[1].id),
    );
    expect(await ids(`vehicle_id=${newId()}`)).toEqual([]);
    expect(await ids('from=2026-01-20T10:00:00Z&to=2026-01-22T10:00:00Z')).toEqual(
      expected(({ startsAt }) => startsAt > '2026-01-20' && startsAt < '2026-01-22'),
    );
    // 10:00 in UTC is two in the morning in Los Angeles; 07:59 is the evening before.
    const late = await aHistory(
      [
        '2026-03-01T07:59:00Z',
        '2026-03-01T08:00:00Z',
        '2026-03-02T07:59:59.999Z',
        '2026-03-02T08:00:00Z',
      ].map((startsAt) => ({ startsAt, status: 'canceled' })),
    );
    expect(idsOf(await advisor.get(`${late.path}?from=2026-03-01&to=2026-03-02`))).toEqual(
      [late.jobs[2]?.id, late.jobs[1]?.id].map(String),
    );
  });

  test('200: page by page each visit once, those at one instant too; 400 for another filter’s cursor', async () => {
    const startsAt = (at: number) => `2026-04-0${1 + Math.floor(at / 4)}T10:00:00Z`;
    const history = await aHistory(
      Array.from({ length: 14 }, (_, at) => ({ startsAt: startsAt(at), status: 'canceled' })),
    );
    const seen: Data[] = [];
    let cursor = '';
    do {
      const { data } = await advisor.get(`${history.path}?limit=5${cursor}`);
      const { items, next_cursor } = data.appointments;
      expect(items).toHaveLength(next_cursor === null ? 4 : 5);
      seen.push(...items);
      cursor = next_cursor === null ? '' : `&cursor=${next_cursor}`;
    } while (cursor !== '');
    const keys = seen.map((one) => `${one.starts_at} ${one.id}`);
    expect(new Set(keys).size).toBe(14);
    expect(keys).toEqual(keys.toSorted().toReversed());
    const { next_cursor } = (await advisor.get(`${history.path}?limit=7`)).data.appointments;
    expect(
      (await advisor.get(`${history.path}?limit=7&cursor=${next_cursor}`)).data.appointments.next_cursor,
    ).toBeNull();
    for (const other of [`${history.path}?from=2026-01-01&`, `${path}?`]) {
      const { status, error } = await advisor.get(`${other}cursor=${next_cursor}`);
      expect([status, error.issues[0].path]).toEqual([400, 'cursor']);
    }
  });

  test('304 to who has this very text; 200 as soon as anything below it has changed', async () => {
    const mine = await aHistory(HISTORY.slice(0, 2));
    const [job] = mine.jobs;
    const changes = [
      () => advisor.patch(`/v1/customers/${mine.customer.id}`, { notes: 'new' }),
      () => advisor.patch(`/v1/vehicles/${mine.vehicles[0].id}`, { color: 'green' }),
      () => advisor.patch(`/v1/appointments/${job?.id}`, { notes: 'new' }),
      () => aBooking(advisor, { customer_id: mine.customer.id }),
      () =>
        shop.sql`insert into refunds (id, payment_id, amount_cents, reason) select ${newId()}::uuid, p.id, 1, 'r'
          from payments p join invoices i on i.id = p.invoice_id where i.appointment_id = ${job?.id ?? null} limit 1`,
      () => shop.sql`update messages set status = 'delivered' where appointment_id = ${job?.id ?? null}`,
    ];
    for (const change of changes) {
      const tag = (await advisor.get(mine.path)).headers.get('etag') ?? '';
      const known = await advisor.get(mine.path, { headers: { 'if-none-match': tag } });
      expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', tag]);
      await change();
      expect((await advisor.get(mine.path, { headers: { 'if-none-match': tag } })).status).toBe(200);
    }
  });

  test('one statement, however long the history, beside the one that knows the actor', async () => {
    for (const query of ['', '?limit=1', '?limit=100&from=2026-01-01']) {
      expect((await advisor.get(path + query)).headers.get('server-timing')).toContain('2 queries');
    }
  });

  test('404 for a deleted customer, an unknown and a malformed id', async () => {
    const { id } = await aCustomer(advisor);
    await advisor.delete(`/v1/customers/${id}`);
    for (const wrong of [id, newId(), 'nobody']) {
      const { status, error } = await owner.get(`/v1/customers/${wrong}/profile`);
      expect([status, error.reason]).toEqual([404, 'customer.not_found']);
    }
  });

  test('403 for a technician, also for the customer of an own job; 200 for all others', async () => {
    const technician: Client = await shop.as('technician');
    await shop.sql`insert into technicians (id, staff_id, name, initials) values (${newId()}, ${technician.staffId}, 'T', 'T')`;
    await shop.sql`update appointments set technician_id = (select id from technicians where staff_id = ${technician.staffId}) where id = ${jobs[0]?.id ?? null}`;
    expect((await technician.get(`/v1/customers/${customer.id}`)).status).toBe(200);
    expect((await technician.get(path)).error.reason).toBe('access.role_not_allowed');
    for (const client of [owner, advisor, accountant]) expect((await client.get(path)).status).toBe(200);
  });

  test.each([
    'limit=0',
    'limit=x',
    'sort=name',
    'from=yesterday',
    'to=2026-02-30',
    'vehicle_id=1',
    'cursor=x',
    'vehicel_id=1',
  ])('400 for ?%s', async (query) => {
    const { status, error } = await advisor.get(`${path}?${query}`);
    expect([status, error.reason, error.issues[0].path]).toEqual([
      400,
      'request.parameter_invalid',
      query.split('=')[0] ?? '',
    ]);
  });
});
