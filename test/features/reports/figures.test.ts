import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { fillDemo } from '../../../src/cli/demo/fill.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, anIssuedInvoice, aTechnician } from '../../helpers/factories.ts';
import { dayOf, type Job, readBooks, sum } from './books.ts';
import { rowsOf } from './rows.ts';

const ZONE = 'America/Los_Angeles';
const NOW = '2026-11-24T20:45:00Z';
const PERIOD = 'from=2026-08-01&to=2026-11-03';
const [FROM, TO] = ['2026-08-01T07:00:00Z', '2026-11-03T08:00:00Z'].map(Date.parse);

setDefaultTimeout(60_000);
const app = await testApp({ clock: () => Date.parse(NOW) });
await fillDemo(app.sql, {
  ...{ customers: 300, vehicles: 420, appointments: 1_500, zone: ZONE, shopName: 'The Shop', now: NOW },
  say: () => undefined,
});
const owner = await app.as('owner');
const books = await readBooks(app);

const figuresOf = async (path: string): Promise<Data> => {
  const { status, data, error } = await owner.get(`/v1/reports/${path}`);
  expect([status, error]).toEqual([200, null]);
  return data;
};
const isIn = ({ starts_at }: Job): boolean =>
  Date.parse(starts_at) >= (FROM ?? 0) && Date.parse(starts_at) < (TO ?? 0);
const seconds = (from: string | null, to: string | null): number | undefined =>
  from === null || to === null ? undefined : (Date.parse(to) - Date.parse(from)) / 1_000;
const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

describe('GET /v1/reports/receivables', () => {
  const AGES = ['current_cents', 'days_1_30_cents', 'days_31_60_cents', 'days_61_90_cents', 'over_90_cents'];
  const ageOf = (days: number): string =>
    AGES[days <= 0 ? 0 : days <= 30 ? 1 : days <= 60 ? 2 : days <= 90 ? 3 : 4] ?? '';

  test('puts what is due into the age of its invoice, as a second reckoning does', async () => {
    const expected = new Map<string, Data>();
    const today = dayOf(ZONE, NOW);
    for (const { customer, status, at, due } of books.bills) {
      if ((status !== 'issued' && status !== 'partially_paid') || at === null) continue;
      const row = expected.get(customer) ?? {
        invoices: 0,
        ...Object.fromEntries(AGES.map((age) => [age, 0])),
        due_cents: 0,
      };
      row.invoices += 1;
      row.due_cents += due;
      row[ageOf(dayOf(ZONE, at).until(today).days)] += due;
      expected.set(customer, row);
    }
    const { items, totals, unbilled_cents } = await figuresOf('receivables');
    expect(items.length).toBe(expected.size);
    expect(items.length).toBeGreaterThan(3);
    for (const { customer_id, name: _, oldest_issued_at: _at, ...row } of items)
      expect([customer_id, row]).toEqual([customer_id, expected.get(customer_id)]);
    expect(totals.customers).toBe(expected.size);
    for (const field of [...AGES, 'due_cents', 'invoices'])
      expect([field, totals[field]]).toEqual([field, sum(items.map((item: Data) => item[field]))]);
    // The board says the same by a way of its own.
    const { data: stats } = await owner.get('/v1/board/stats');
    expect(totals.due_cents + unbilled_cents).toBe(stats.unpaid_cents);
  });

  test('an invoice ages by the days of the shop’s calendar, also where a day has 25 hours', async () => {
    const { id } = await anIssuedInvoice(app, owner);
    const { data: invoice } = await owner.get(`/v1/invoices/${id}`);
    const ageAt = async (issued_at: string): Promise<string | undefined> => {
      await app.sql`update invoices set issued_at = ${issued_at} where id = ${id}`;
      const { items } = await figuresOf('receivables');
      const row = items.find(({ customer_id }: Data) => customer_id === invoice.customer_id);
      return AGES.find((age) => row[age] > 0);
    };
    // Today is Nov 24; clocks were set back on Nov 1.
    const EDGES: [string, string][] = [
      ['2026-11-24T08:00:00Z', 'current_cents'],
      ['2026-11-24T07:59:59Z', 'days_1_30_cents'],
      ['2026-10-25T07:00:00Z', 'days_1_30_cents'],
      ['2026-10-25T06:59:59Z', 'days_31_60_cents'],
      ['2026-09-25T07:00:00Z', 'days_31_60_cents'],
      ['2026-09-25T06:59:59Z', 'days_61_90_cents'],
      ['2026-08-26T07:00:00Z', 'days_61_90_cents'],
      ['2026-08-26T06:59:59Z', 'over_90_cents'],
    ];
    for (const [at, age] of EDGES) expect([at, await ageAt(at)]).toEqual([at, age]);
    await owner.post(`/v1/invoices/${id}/void`);
  });
});

describe('GET /v1/reports/technicians', () => {
  test('adds up jobs, work and drive of each, as a second reckoning does', async () => {
    const { items, totals } = await figuresOf(`technicians?${PERIOD}`);
    const busy = items.filter(({ jobs }: Data) => jobs > 0);
    expect(busy.length).toBeGreaterThan(2);
    for (const row of [...items, { ...totals, technician_id: null }]) {
      const { technician_id, name: _, ...figures } = row;
      const mine = books.jobs.filter(
        (job) =>
          isIn(job) &&
          job.status !== 'canceled' &&
          job.technician !== null &&
          (technician_id === null || job.technician === technician_id),
      );
      const completed = mine.filter(({ status }) => status === 'completed');
      const work = completed.map((job) => seconds(job.started_at, job.completed_at) ?? 0);
      const drives = completed.flatMap((job) => {
        const drive = seconds(job.en_route_at, job.started_at);
        const own = seconds(job.started_at, job.completed_at);
        return drive === undefined || own === undefined ? [] : [{ drive, whole: drive + own }];
      });
      const driven = sum(drives.map(({ drive }) => drive));
      const ratio = share(driven, sum(drives.map(({ whole }) => whole)));
      expect([technician_id, figures]).toEqual([
        technician_id,
        {
          ...{ jobs: mine.length, completed: completed.length },
          no_shows: mine.filter(({ status }) => status === 'no_show').length,
          ...{ work_minutes: Math.round(sum(work) / 60), drive_minutes: Math.round(driven / 60) },
          drive_share: ratio === null ? null : expect.closeTo(ratio, 3),
          invoiced_cents: sum(mine.map(({ invoiced }) => invoiced)),
        },
      ]);
    }
  });

  test('a job is of the day of its start in the shop’s zone; deleted and canceled ones are in none', async () => {
    const { id: technician_id } = await aTechnician(owner, { name: 'Days' });
    const starts = [
      '2104-03-09T07:59:00Z',
      '2104-03-09T08:00:00Z',
      '2104-03-10T06:59:00Z',
      '2104-03-10T07:00:00Z',
    ];
    for (const starts_at of starts)
      await aBooking(owner, { technician_id, starts_at, ends_at: starts_at.replace(/00Z$/, '30Z') });
    const jobsOf = async (day: string, next: string): Promise<number> =>
      (await figuresOf(`technicians?from=${day}&to=${next}`)).items.find(
        (item: Data) => item.technician_id === technician_id,
      ).jobs;
    // A Sunday of 23 hours.
    expect(await jobsOf('2104-03-08', '2104-03-09')).toBe(1);
    expect(await jobsOf('2104-03-09', '2104-03-10')).toBe(2);
    expect(await jobsOf('2104-03-10', '2104-03-11')).toBe(1);
    const { data } = await owner.get(`/v1/appointments?technician_id=${technician_id}`);
    await owner.delete(`/v1/appointments/${data.items[1].id}`);
    await owner.put(`/v1/appointments/${data.items[2].id}/status`, { status: 'canceled' });
    expect(await jobsOf('2104-03-09', '2104-03-10')).toBe(0);
  });
});

describe('GET /v1/reports/no-shows', () => {
  test('counts who was not there, and in how many of their jobs, as a second reckoning does', async () => {
    const due = books.jobs.filter(
      (job) => isIn(job) && ['in_progress', 'ready', 'completed', 'no_show'].includes(job.status),
    );
    const missed = due.filter(({ status }) => status === 'no_show');
    const { items, totals } = await figuresOf(`no-shows?${PERIOD}`);
    expect(totals).toEqual({
      ...{ jobs: due.length, no_shows: missed.length },
      share: expect.closeTo(missed.length / due.length, 3),
    });
    expect(missed.length).toBeGreaterThan(3);
    const byCustomer = Map.groupBy(missed, ({ customer }) => customer);
    expect(items).toHaveLength(byCustomer.size);
    for (const { customer_id, no_shows, jobs, share: part } of items) {
      const all = due.filter(({ customer }) => customer === customer_id).length;
      const own = byCustomer.get(customer_id)?.length ?? 0;
      expect([no_shows, jobs]).toEqual([own, all]);
      expect(part).toBeCloseTo(own / all, 3);
    }
  });

  test('of a time without jobs there is no share', async () => {
    const { items, totals } = await figuresOf('no-shows?from=1999-01-01&to=1999-02-01');
    expect([items, totals]).toEqual([[], { jobs: 0, no_shows: 0, share: null }]);
  });
});

describe('format=csv', () => {
  const FILES = ['receivables?', `technicians?${PERIOD}&`, `no-shows?${PERIOD}&`];
  test.each(FILES)('%s has the same rows', async (path) => {
    const { items } = await figuresOf(path);
    const answer = await owner.get(`/v1/reports/${path}format=csv`);
    const name = path.split('?')[0];
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}.csv"`);
    const rows = rowsOf(answer);
    expect(rows).toHaveLength(items.length);
    for (const [at, row] of rows.entries()) {
      for (const [field, value] of Object.entries<Data>(items[at])) {
        const isMoney = field.endsWith('_cents');
        const cell = row[field.replace(/_cents$/, '')];
        expect([field, isMoney ? Math.round(Number(cell) * 100) : cell]).toEqual([
          field,
          isMoney ? value : String(value ?? ''),
        ]);
      }
    }
  });

  test('a name that begins like a formula stays text, and without rows there is the heading', async () => {
    await aTechnician(owner, { name: '=1+1' });
    const { text } = await owner.get(`/v1/reports/technicians?${PERIOD}&format=csv`);
    expect(text).toContain(",'=1+1,");
    const none = await owner.get('/v1/reports/no-shows?from=1999-01-01&to=1999-02-01&format=csv');
    expect(none.text).toBe('customer_id,name,jobs,no_shows,share\r\n');
  });
});

test('all of them are for owner and accountant alone', async () => {
  const paths = [
    ...['revenue', 'technicians', 'no-shows'].map((name) => `${name}?${PERIOD}`),
    ...['receivables', 'payments.csv'],
  ];
  for (const role of ['owner', 'accountant', 'advisor', 'technician'] as const) {
    const client = await app.as(role);
    const may = role === 'owner' || role === 'accountant';
    for (const path of paths)
      expect([role, path, (await client.get(`/v1/reports/${path}`)).status]).toEqual([
        role,
        path,
        may ? 200 : 403,
      ]);
  }
});
