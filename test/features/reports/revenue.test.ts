import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { fillDemo } from '../../../src/cli/demo/fill.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aBooking, aDeposit, anIssuedInvoice } from '../../helpers/factories.ts';
import { type Books, dayOf, readBooks, sum } from './books.ts';
import { rowsOf } from './rows.ts';

const ZONE = 'America/Los_Angeles';
const NOW = '2026-11-24T20:45:00Z';

setDefaultTimeout(60_000);
const app = await testApp({ clock: () => Date.parse(NOW) });
await fillDemo(app.sql, {
  ...{ customers: 300, vehicles: 420, appointments: 1_500, zone: ZONE, shopName: 'The Shop', now: NOW },
  say: () => undefined,
});
const owner = await app.as('owner');
const books = await readBooks(app);

const revenueOf = async (query: string): Promise<Data> => {
  const { status, data, error } = await owner.get(`/v1/reports/revenue?${query}`);
  expect([status, error]).toEqual([200, null]);
  return data;
};

type Key = string | null;
const FIRST: Readonly<Record<string, (day: Temporal.PlainDate) => Temporal.PlainDate>> = {
  day: (day) => day,
  week: (day) => day.subtract({ days: day.dayOfWeek - 1 }),
  month: (day) => day.with({ day: 1 }),
};

/** The second reckoning: what lies in the time, in a drawer for each key. */
const drawersOf = (all: Books, from: string, to: string, keyOf: (at: string, technician: Key) => Key) => {
  const drawers = new Map<Key, Data>();
  const within = (at: string | null): at is string =>
    at !== null && Date.parse(at) >= Date.parse(from) && Date.parse(at) < Date.parse(to);
  const drawerOf = (key: Key): Data => {
    const none = { invoices: 0, invoiced_cents: 0, tax_cents: 0, payments_cents: 0, refunds_cents: 0 };
    const drawer = drawers.get(key) ?? { ...none, received_cents: 0 };
    drawers.set(key, drawer);
    return drawer;
  };
  for (const { at, cents, technician } of all.payments.filter((one) => within(one.at))) {
    const drawer = drawerOf(keyOf(at, technician));
    drawer.payments_cents += cents;
    drawer.received_cents += cents;
  }
  for (const { at, cents, technician } of all.refunds.filter((one) => within(one.at))) {
    const drawer = drawerOf(keyOf(at, technician));
    drawer.refunds_cents += cents;
    drawer.received_cents -= cents;
  }
  for (const { at, total, tax, status, technician } of all.bills) {
    if (!within(at) || status === 'void') continue;
    const drawer = drawerOf(keyOf(at, technician));
    drawer.invoices += 1;
    drawer.invoiced_cents += total;
    drawer.tax_cents += tax;
  }
  return drawers;
};

/** The second holds the weekend on which clocks are set back. */
const PERIODS = [
  ['2026-09-10', '2026-10-31'],
  ['2026-10-20', '2026-11-25'],
] as const;

describe('GET /v1/reports/revenue over the demo, against a second reckoning', () => {
  for (const [from, to] of PERIODS) {
    const [start, end] = [from, to].map((day) =>
      Temporal.PlainDate.from(day).toZonedDateTime(ZONE).toInstant().toString(),
    );
    for (const by of ['day', 'week', 'month'] as const) {
      test(`by ${by}, from ${from} to ${to}: each in its place, those without anything too`, async () => {
        const first = FIRST[by] ?? ((day) => day);
        const drawers = drawersOf(books, start ?? '', end ?? '', (at) => first(dayOf(ZONE, at)).toString());
        const { items, totals } = await revenueOf(`from=${from}&to=${to}&by=${by}`);
        const days: Temporal.PlainDate[] = [];
        for (let day = Temporal.PlainDate.from(from); day.toString() < to; day = day.add({ days: 1 }))
          days.push(day);
        const keys = [...new Set(days.map((day) => first(day).toString()))];
        expect(items.map(({ key }: Data) => key)).toEqual(keys);
        for (const { key, name, ...figures } of items) {
          const none = Object.fromEntries(Object.keys(figures).map((field) => [field, 0]));
          expect([key, name, figures]).toEqual([key, null, drawers.get(key) ?? none]);
        }
        for (const [field, total] of Object.entries(totals))
          expect([field, total]).toEqual([field, sum(items.map((item: Data) => item[field]))]);
        expect(totals.invoiced_cents).toBeGreaterThan(0);
        expect(totals.received_cents).toBeGreaterThan(0);
      });
    }
  }

  test('by technician: of the jobs on which it was paid and billed', async () => {
    const [from, to] = ['2026-01-01T08:00:00Z', '2026-11-25T08:00:00Z'];
    const drawers = drawersOf(books, from, to, (_, technician) => technician);
    const { items, totals } = await revenueOf('from=2026-01-01&to=2026-11-25&by=technician');
    expect(items).toHaveLength(drawers.size);
    for (const { key, name: _, ...figures } of items) expect([key, figures]).toEqual([key, drawers.get(key)]);
    const invoiced = items.map((item: Data) => item.invoiced_cents);
    expect(invoiced).toEqual(invoiced.toSorted((one: number, other: number) => other - one));
    expect(sum(invoiced)).toBe(totals.invoiced_cents);
  });

  test('by service: by the lines of the invoices', async () => {
    const { items, totals } = await revenueOf('from=2026-01-01&to=2026-11-25&by=service');
    const lines = new Map<string, number>();
    for (const { at, status, lines: own } of books.bills) {
      const isIn = at !== null && dayOf(ZONE, at).toString() >= '2026-01-01' && status !== 'void';
      for (const { kind, name, cents } of isIn && Date.parse(at) < Date.parse('2026-11-25T08:00:00Z')
        ? own
        : [])
        lines.set(`${kind} ${name}`, (lines.get(`${kind} ${name}`) ?? 0) + cents);
    }
    expect(items).toHaveLength(lines.size);
    for (const { key, name, invoiced_cents, received_cents } of items)
      expect([name, invoiced_cents, received_cents]).toEqual([name, lines.get(`${key} ${name}`), null]);
    expect(sum(items.map((item: Data) => item.invoiced_cents))).toBe(totals.invoiced_cents);
  });

  test('format=csv has the same figures, money in units of the currency', async () => {
    const query = 'from=2026-10-20&to=2026-11-25&by=technician';
    const { items } = await revenueOf(query);
    const answer = await owner.get(`/v1/reports/revenue?${query}&format=csv`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="revenue.csv"');
    const rows = rowsOf(answer);
    expect(rows).toHaveLength(items.length);
    for (const [at, row] of rows.entries()) {
      expect(Math.round(Number(row.invoiced) * 100)).toBe(items[at].invoiced_cents);
      expect([row.key, row.name]).toEqual([items[at].key ?? '', items[at].name ?? '']);
    }
  });
});

describe('on the weekends on which clocks are set', () => {
  test('money counts on the shop’s day, of 23 and of 25 hours', async () => {
    const at = async (received_at: string) => {
      const { id } = await aBooking(owner, { starts_at: '2103-01-01T10:00:00Z' });
      await aDeposit(owner, id, { amount_cents: 100 });
      await app.sql`alter table payments disable trigger append_only`;
      await app.sql`update payments set received_at = ${received_at} where appointment_id = ${id}`;
      await app.sql`alter table payments enable trigger append_only`;
    };
    const received = async (from: string, to: string): Promise<Data> =>
      (await revenueOf(`from=${from}&to=${to}`)).items.map((item: Data) => [item.key, item.payments_cents]);
    for (const edge of ['2019-03-10T07:59:59.999Z', '2019-03-10T08:00:00Z', '2019-03-11T06:59:59.999Z'])
      await at(edge);
    expect(await received('2019-03-09', '2019-03-12')).toEqual([
      ...[
        ['2019-03-09', 100],
        ['2019-03-10', 200],
        ['2019-03-11', 0],
      ],
    ]);
    for (const edge of ['2019-11-03T06:59:59.999Z', '2019-11-03T07:00:00Z', '2019-11-04T07:59:59.999Z'])
      await at(edge);
    await at('2019-11-04T08:00:00Z');
    expect(await received('2019-11-02', '2019-11-05')).toEqual([
      ...[
        ['2019-11-02', 100],
        ['2019-11-03', 200],
        ['2019-11-04', 100],
      ],
    ]);
  });
});

describe('a period', () => {
  test.each([
    ['to=2026-01-01', 'from'],
    ['from=2026-01-01', 'to'],
    ['from=2026-01-02&to=2026-01-01', 'to'],
    ['from=2020-01-01&to=2026-01-01', 'to'],
    ['from=2026-01-01&to=2026-01-02&by=hour', 'by'],
    ['from=2026-01-01&to=2026-01-02&format=xml', 'format'],
  ])('?%s is refused for its %s', async (query, path) => {
    const { error } = await owner.get(`/v1/reports/revenue?${query}`);
    expect(error).toMatchObject({ code: 400, reason: 'request.parameter_invalid', issues: [{ path }] });
  });

  test('of nothing has nothing; a void invoice is no revenue', async () => {
    expect((await revenueOf('from=2026-01-01&to=2026-01-01&by=month')).items).toEqual([]);
    const { id } = await anIssuedInvoice(app, owner);
    await app.sql`update invoices set issued_at = '2018-05-05T20:00:00Z' where id = ${id}`;
    expect((await revenueOf('from=2018-05-05&to=2018-05-06')).totals.invoiced_cents).toBe(12_000);
    await owner.post(`/v1/invoices/${id}/void`);
    expect((await revenueOf('from=2018-05-05&to=2018-05-06')).totals.invoiced_cents).toBe(0);
  });
});
