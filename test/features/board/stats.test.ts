import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { fillDemo } from '../../../src/cli/demo/fill.ts';
import { APPOINTMENT_STATUSES } from '../../../src/shapes/appointment.ts';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { boardOf } from './shop.ts';

const ZONE = 'America/Los_Angeles';
const NOW = '2026-11-24T20:45:00Z';

setDefaultTimeout(60_000);
const app = await testApp({ clock: () => Date.parse(NOW) });
await fillDemo(app.sql, {
  ...{ customers: 300, vehicles: 420, appointments: 1_500, zone: ZONE, shopName: 'The Shop', now: NOW },
  say: () => undefined,
});
const owner = await app.as('owner');
// At this scale perhaps nobody works just now: one of today, and one of yesterday that is not finished.
await app.sql`
  update appointments set status = 'in_progress', started_at = starts_at, completed_at = null
  where id in (
    select distinct on (a.starts_at::date) a.id from appointments a
    where a.status in ('scheduled', 'completed') and a.starts_at between '2026-11-23T15:00:00Z' and '2026-11-24T23:59:00Z'
      and exists (select from appointment_services l where l.appointment_id = a.id)
      and not exists (select from invoices i where i.appointment_id = a.id)
    order by a.starts_at::date, a.starts_at desc)`;
const statsOf = async (date?: string): Promise<Data> =>
  (await owner.get(`/v1/board/stats${date === undefined ? '' : `?date=${date}`}`)).data;

type Job = {
  id: string;
  status: string;
  starts_at: string;
  started_at: string | null;
  completed_at: string | null;
  deleted_at: string | null;
};
type Bill = { appointment_id: string; status: string; total_cents: number; paid_cents: number };
type Line = { appointment_id: string; quantity: number; price_cents: number };
type Shop = { jobs: Job[]; bills: Map<string, Bill[]>; lines: Map<string, Line[]> };

/** The bare rows; all that follows is reckoned by plain loops, beside the SQL. */
const readShop = async (): Promise<Shop> => {
  const jobs = await app.sql<Job>`
    select id, status, starts_at, started_at, completed_at, deleted_at from appointments where status <> 'held'`;
  const bills = await app.sql<Bill>`select appointment_id, status, total_cents, paid_cents from invoices`;
  const lines = await app.sql<Line>`select appointment_id, quantity, price_cents from appointment_services`;
  const byJob = <Row extends { appointment_id: string }>(rows: Row[]) =>
    Map.groupBy(rows, (row) => row.appointment_id);
  return { jobs, bills: byJob(bills), lines: byJob(lines) };
};

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
const dateOf = (instant: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(ZONE).toPlainDate().toString();

const expectedOf = ({ jobs, bills, lines }: Shop, date: string): Data => {
  const living = jobs.filter((job) => job.deleted_at === null);
  const billOf = (job: Job) => bills.get(job.id)?.find(({ status }) => status !== 'void');
  const totalOf = (job: Job): number =>
    billOf(job)?.total_cents ??
    sum((lines.get(job.id) ?? []).map(({ quantity, price_cents }) => quantity * price_cents));
  const ofDay = living.filter((job) => dateOf(job.starts_at) === date);
  const counted = ofDay.filter(({ status }) => status !== 'canceled' && status !== 'no_show');
  const completed = ofDay.filter(({ status }) => status === 'completed');
  const cycles = completed.map(
    (job) => (Date.parse(job.completed_at ?? '') - Date.parse(job.started_at ?? '')) / 60_000,
  );
  const open = [...bills.values()].flat().filter(({ status }) => /^(issued|partially_paid)$/.test(status));
  return {
    ...{ date, timezone: ZONE, jobs_today: counted.length },
    by_status: Object.fromEntries(
      APPOINTMENT_STATUSES.map((status) => [status, ofDay.filter((job) => job.status === status).length]),
    ),
    on_site: living.filter((job) => job.status === 'in_progress' && dateOf(job.starts_at) <= date).length,
    booked_cents: sum(counted.map(totalOf)),
    completed_cents: sum(completed.map(totalOf)),
    unpaid_cents:
      sum(open.map(({ total_cents, paid_cents }) => total_cents - paid_cents)) +
      sum(living.filter((job) => job.status === 'completed' && billOf(job) === undefined).map(totalOf)),
    average_cycle_minutes: cycles.length === 0 ? null : sum(cycles) / cycles.length,
  };
};

const expectSame = (told: Data, expected: Data): void => {
  const { average_cycle_minutes: average, ...rest } = expected;
  if (average !== null) {
    expect(Math.abs(told.average_cycle_minutes - average)).toBeLessThanOrEqual(0.0501);
    expect(told.average_cycle_minutes * 10).toBeCloseTo(Math.round(told.average_cycle_minutes * 10), 6);
  }
  expect(told).toEqual({ ...rest, average_cycle_minutes: average === null ? null : expect.any(Number) });
};

describe('GET /v1/board/stats', () => {
  test('tells for every day near today what the rows add up to', async () => {
    const shop = await readShop();
    const today = dateOf(NOW);
    expect(await statsOf()).toEqual(await statsOf(today));
    const days = Array.from({ length: 12 }, (_, at) =>
      Temporal.PlainDate.from(today)
        .add({ days: at - 9 })
        .toString(),
    );
    // The clocks change on the first one; nobody works on the last.
    for (const date of [...days, '2026-11-01', '2026-03-08', '2031-01-01'])
      expectSame(await statsOf(date), expectedOf(shop, date));
    const told = await statsOf(today);
    for (const field of ['jobs_today', 'on_site', 'booked_cents', 'completed_cents', 'unpaid_cents'])
      expect(told[field]).toBeGreaterThan(0);
    expect(Object.keys(told.by_status)).toEqual([...APPOINTMENT_STATUSES]);
    const { columns } = await boardOf(owner);
    expect(told.on_site).toBe(columns[2].count);
  });

  test('what is owed follows every change of a job, its services and its invoice, whoever makes it', async () => {
    const follows = async (): Promise<void> => {
      const { unpaid_cents } = await statsOf();
      expect(unpaid_cents).toBe(expectedOf(await readShop(), dateOf(NOW)).unpaid_cents);
    };
    const { sql } = app;
    const [paid] = await sql<{ id: string; appointment_id: string; customer_id: string }>`
      select id, appointment_id, customer_id from invoices where status = 'issued' limit 1`;
    const [bare] = await sql<{ id: string; customer_id: string }>`
      select a.id, a.customer_id from appointments a
      where a.status = 'completed' and not exists (select from invoices i where i.appointment_id = a.id)
        and exists (select from appointment_services l where l.appointment_id = a.id) limit 1`;
    const [running] = await sql<{ id: string }>`
      select a.id from appointments a where a.status = 'in_progress'
        and exists (select from appointment_services l where l.appointment_id = a.id) limit 1`;
    if (paid === undefined || bare === undefined || running === undefined) throw new Error('a poor demo');
    await follows();
    await sql`update invoices set status = 'void' where id = ${paid.id}`;
    await follows();
    await sql`
      insert into invoices (id, appointment_id, customer_id, subtotal_cents, total_cents)
      values (${newId()}, ${bare.id}, ${bare.customer_id}, 7, 7)`;
    await follows();
    await sql`delete from invoices where appointment_id = ${bare.id}`;
    await follows();
    await sql`update appointment_services set quantity = quantity + 3 where appointment_id = ${bare.id}`;
    await follows();
    await sql`delete from appointment_services where appointment_id = ${bare.id}`;
    await follows();
    await owner.put(`/v1/appointments/${running.id}/status`, { status: 'completed' });
    await follows();
    await sql`update appointments set status = 'in_progress' where id = ${running.id}`;
    await follows();
    await sql`update appointments set status = 'completed', deleted_at = now() where id = ${running.id}`;
    await follows();
    await owner.post(`/v1/appointments/${running.id}/restore`);
    await follows();
    await sql`delete from appointments where id = ${running.id} and not exists (
      select from messages where appointment_id = ${running.id})`;
    await follows();
  });

  test('is for the office and the books, not for technicians; takes a date and nothing else', async () => {
    for (const role of ['owner', 'advisor', 'accountant'] as const)
      expect((await (await app.as(role)).get('/v1/board/stats')).status).toBe(200);
    expect((await (await app.as('technician')).get('/v1/board/stats')).status).toBe(403);
    for (const query of ['date=2026-13-01', 'technician_id=x'])
      expect((await owner.get(`/v1/board/stats?${query}`)).error.code).toBe(400);
  });
});
