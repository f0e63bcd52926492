import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import * as v from 'valibot';
import { fillDemo } from '../../src/cli/demo/fill.ts';
import { readConfig } from '../../src/config.ts';
import { parseAddress } from '../../src/database/address.ts';
import { openDriver } from '../../src/database/driver.ts';
import { openPool } from '../../src/database/pool.ts';
import type { Transaction, Value } from '../../src/database/sql.ts';
import { newTrace } from '../../src/database/timing.ts';
import { findAppointment, listAppointments } from '../../src/features/appointments/queries.ts';
import { appointmentList } from '../../src/features/appointments/schema.ts';
import { readCalendars } from '../../src/features/availability/calendars.ts';
import { passGuard } from '../../src/features/availability/commands.ts';
import { RULE_NAMES } from '../../src/features/availability/rules.ts';
import { listColumn, readBoard } from '../../src/features/board/queries.ts';
import { boardDay } from '../../src/features/board/rules.ts';
import { readStats } from '../../src/features/board/stats.ts';
import { readProfile } from '../../src/features/customers/profile.ts';
import { hasActiveJobs, listCustomers } from '../../src/features/customers/queries.ts';
import { CustomerList, profileQuery } from '../../src/features/customers/schema.ts';
import { findEstimateRow, findInvoiceRow, findReceiptRow } from '../../src/features/documents/queries.ts';
import { listEstimates } from '../../src/features/estimates/queries.ts';
import { estimateList } from '../../src/features/estimates/schema.ts';
import { shapeWithJobs } from '../../src/features/hours/queries.ts';
import { listInvoices } from '../../src/features/invoices/queries.ts';
import { invoiceList } from '../../src/features/invoices/schema.ts';
import { countLately } from '../../src/features/messages/queries.ts';
import { claimMails, hasDue, lockDue, readErrands } from '../../src/features/notices/queries.ts';
import { cancelQueuedTexts, insertNotices, listOutbox } from '../../src/features/outbox/queries.ts';
import { OutboxList } from '../../src/features/outbox/schema.ts';
import { listPayments } from '../../src/features/payments/queries.ts';
import { paymentList } from '../../src/features/payments/schema.ts';
import { readNoShows, readReceivables, readTechnicians } from '../../src/features/reports/figures.ts';
import { entryRows, jobRows } from '../../src/features/reports/queries.ts';
import { readRevenue } from '../../src/features/reports/revenue.ts';
import { readJobs } from '../../src/features/templates/facts.ts';
import { listVehicles } from '../../src/features/vehicles/queries.ts';
import { VehicleList } from '../../src/features/vehicles/schema.ts';
import { createLog } from '../../src/observe/log.ts';
import { poolOptions } from '../../src/process/pool-options.ts';
import { newId } from '../../src/values/id.ts';
import type { Data } from '../helpers/app.ts';
import { connect } from '../helpers/connection.ts';
import { cloneDatabase } from '../helpers/database.ts';

const ZONE = 'America/Los_Angeles';
const NOW = '2026-11-24T20:45:00Z';
const SCALE = { customers: 8_000, vehicles: 11_000, appointments: 20_000 };
/** These grow with the shop; the others fit on a page or two. */
const GROWING = [
  'customers',
  'vehicles',
  'appointments',
  'appointment_services',
  'invoices',
  'invoice_lines',
  'payments',
  'refunds',
  'messages',
  'board_places',
  'outbox',
  'estimates',
  'estimate_lines',
  'estimate_authorizations',
];

// None of these tests measures time, and the tables take a while to make and to drop on a busy machine.
setDefaultTimeout(60_000);

const database = await cloneDatabase();
const patient = { statementTimeoutMs: 60_000, slowQueryMs: 60_000, max: 2 };
const pool = openPool(
  { ...poolOptions(readConfig({ DATABASE_URL: database.url }), database.url, 'test'), ...patient },
  createLog({ level: 'silent' }),
);
const filled = await fillDemo(pool.database(newTrace('test')), {
  ...SCALE,
  zone: ZONE,
  shopName: 'The Shop',
  now: NOW,
  say: () => undefined,
});
const bare = connect(database.url);
const address = parseAddress(database.url);
const driver = openDriver({
  ...{ address, host: [address.hosts[0].host], port: [address.hosts[0].port], max: 1, connectTimeoutS: 5 },
  ...{ prepare: true, parameters: { TimeZone: 'UTC' } },
});
afterAll(async () => {
  await Promise.all([pool.close(), driver.end(5), bare.end()]);
  await database.drop();
});

type Plan = {
  what: 'for these values' | 'for any values';
  scans: string[];
  indexes: string[];
  /** Between which keys of an index is read: "by_start: (…)". */
  bounds: string[];
};

/** Runs what is sent, and keeps how PostgreSQL would run it: for these values, and prepared for any. */
const explaining = () => {
  const plans: Plan[] = [];
  const sql = async (text: TemplateStringsArray, ...values: readonly Value[]) => {
    const query = driver.query(text, values);
    const rows = await query;
    const explain = Object.assign([`explain (format json) ${text[0]}`, ...text.slice(1)], { raw: text.raw });
    plans.push(planOf('for these values', await driver.query(explain, values)));
    plans.push(planOf('for any values', await genericPlan(query.string ?? '')));
    return rows;
  };
  const savepoint = <T>(work: () => Promise<T>) => work();
  // As src/database/transaction.ts does it: only the statement's author can name the type of its rows.
  return {
    plans,
    sql: Object.assign(sql, { part: partOf, json: driver.json, savepoint }) as unknown as Transaction,
  };
};

const partOf = (text: TemplateStringsArray, ...values: readonly Value[]) => driver.part(text, values);

const genericPlan = async (statement: string): Promise<Data[]> => {
  const parameters = [...new Set(statement.match(/\$\d+/g))].map(() => 'null').join();
  await bare.unsafe(`set plan_cache_mode = force_generic_plan; prepare p as ${statement}`);
  const rows = await bare.unsafe(
    `explain (format json) execute p${parameters === '' ? '' : `(${parameters})`}`,
  );
  await bare.unsafe('deallocate p');
  return rows;
};

const planOf = (what: Plan['what'], [row]: Data[]): Plan => {
  const told = row['QUERY PLAN'];
  const { Plan: top } = (typeof told === 'string' ? JSON.parse(told) : told)[0];
  return { what, scans: scansOf(top), indexes: indexesOf(top), bounds: boundsOf(top) };
};

const scansOf = (node: Data): string[] => [
  ...(node['Node Type'] === 'Seq Scan' && GROWING.includes(node['Relation Name'])
    ? [node['Relation Name']]
    : []),
  ...(node.Plans ?? []).flatMap(scansOf),
];

const indexesOf = (node: Data): string[] => [
  ...(node['Index Name'] === undefined ? [] : [node['Index Name']]),
  ...(node.Plans ?? []).flatMap(indexesOf),
];

const boundsOf = (node: Data): string[] => [
  ...(node['Index Cond'] === undefined ? [] : [`${node['Index Name']}: ${node['Index Cond']}`]),
  ...(node.Plans ?? []).flatMap(boundsOf),
];

const [regular] = await bare`
  select a.customer_id, a.vehicle_id, a.technician_id, a.id from appointments a
  where a.customer_id = ${filled.customerId} and a.status = 'completed' limit 1`;
const [busy] = await bare`
  select technician_id, vehicle_id, starts_at::text, ends_at::text from appointments where status = 'scheduled'
  order by starts_at limit 1`;
const [someone] = await bare`select name, email, phone from customers
  where email is not null and phone is not null and name ~ '^[A-Za-z ]{9,}$' order by id limit 1`;
const [car] =
  await bare`select vin, license_plate from vehicles where vin is not null and license_plate is not null order by id limit 1`;
const [receipt] = await bare`select id from payments order by id limit 1`;
const [bill] = await bare`select id from invoices where status = 'paid' order by id limit 1`;
const [estimate] = await bare`select id, customer_id, vehicle_id, appointment_id from estimates
  where status = 'converted' order by id limit 1`;
const staffId = newId();
await bare`insert into staff (id, email, name, role, password_hash) values (${staffId}, 't@shop.test', 'T', 'technician', '-')`;
await bare`update technicians set staff_id = ${staffId} where id = ${regular?.technician_id}`;
const [offId, closureId] = [newId(), newId()];
await bare`insert into time_off (id, technician_id, starts_at, ends_at)
  values (${offId}, ${regular?.technician_id}, '2026-11-24T08:00:00Z', '2026-11-27T08:00:00Z')`;
await bare`insert into closures (id, starts_at, ends_at) values (${closureId}, '2026-11-24T08:00:00Z', '2026-11-27T08:00:00Z')`;

const [told] = await bare`select count(*)::integer as count from outbox`;
// What lies ahead of the shop, and what was sent: a year of it.
await bare`
  insert into outbox (id, kind, appointment_id, starts_at, due_at, status, created_at)
  select new_id(), 'reminder_day', id, starts_at, starts_at - interval '24 hours',
    case when status = 'scheduled' then 'queued' else 'sent' end, created_at
  from appointments`;
await bare`analyze outbox`;
const [due] = await bare`
  select array_agg(id) as ids, array_agg(appointment_id) as jobs
  from (select id, appointment_id from outbox where status = 'queued' order by due_at limit 20) one`;

type Sql = Transaction;
const appointments =
  (query: object, own: string | null = null) =>
  (sql: Sql) =>
    listAppointments(sql, v.parse(appointmentList({ zone: ZONE }), query), own);
const customers =
  (query: object, own: string | null = null) =>
  (sql: Sql) =>
    listCustomers(sql, v.parse(CustomerList, query), own);
const profile = (query: object) => (sql: Sql) =>
  readProfile(sql, filled.customerId, v.parse(profileQuery({ zone: ZONE }), query));
const CLOCK = { zone: ZONE, now: NOW };
const board = (date?: string, technicianId?: string) => (sql: Sql) =>
  readBoard(sql, { day: boardDay(date, CLOCK), ...CLOCK, technicianId });
const invoices = (query: object) => (sql: Sql) =>
  listInvoices(sql, v.parse(invoiceList({ zone: ZONE }), query));
const payments = (query: object) => (sql: Sql) =>
  listPayments(sql, v.parse(paymentList({ zone: ZONE }), query));
const estimates = (query: object) => (sql: Sql) =>
  listEstimates(sql, v.parse(estimateList({ zone: ZONE }), query));
const day = { from: '2026-11-24', to: '2026-11-25' };
const WEEK = { from: '2026-11-16T08:00:00Z', to: '2026-11-23T08:00:00Z', format: 'json' as const };
const revenue = (by: 'day' | 'service' | 'technician') => (sql: Sql) =>
  readRevenue(sql, { ...WEEK, by }, ZONE);

const HOT: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  'the profile': profile({}),
  'the profile, a page of one': profile({ limit: '1' }),
  'the profile of a vehicle in a month': profile({
    vehicle_id: regular?.vehicle_id,
    from: '2026-10-01',
    to: '2026-11-01',
  }),
  'one appointment': (sql) => findAppointment(sql, regular?.id, null),
  'the appointments, first page': appointments({}),
  'the appointments of a day': appointments(day),
  'the appointments of a day, active ones': appointments({
    ...day,
    status: 'scheduled,en_route,in_progress,ready',
  }),
  'the appointments of a technician': appointments({ technician_id: regular?.technician_id }),
  'the appointments of a technician’s day': appointments({ ...day, technician_id: regular?.technician_id }),
  'the appointments of a customer': appointments({ customer_id: filled.customerId }),
  'the appointments of a vehicle': appointments({ vehicle_id: regular?.vehicle_id }),
  'the appointments that changed': appointments({ updated_since: '2026-11-24', sort: 'updated_at' }),
  'the latest appointments': appointments({ sort: '-updated_at' }),
  'a technician’s own appointments': appointments({}, staffId),
  'a technician’s own day': appointments(day, staffId),
  'the customers by name': customers({}),
  'the newest customers': customers({ sort: '-created_at' }),
  'the customers with a name': customers({ q: someone?.name }),
  'the customers with an e-mail': customers({ q: someone?.email }),
  'the customers with a phone': customers({ q: someone?.phone }),
  'the customers with a plate': customers({ q: car?.license_plate }),
  'the customers with a VIN': customers({ q: car?.vin }),
  'the customers who are VIPs': customers({ vip: 'true' }),
  'the customers who are overdue': customers({ overdue: 'true' }),
  'a technician’s own customers': customers({}, staffId),
  'the vehicles of a customer': (sql) =>
    listVehicles(sql, v.parse(VehicleList, { customer_id: filled.customerId }), null),
  'the vehicles with a plate': (sql) =>
    listVehicles(sql, v.parse(VehicleList, { q: car?.license_plate }), null),
  'the active jobs in the time off of a technician': (sql) =>
    shapeWithJobs(sql, 'time_off', { id: offId, technicianId: regular?.technician_id }),
  'the active jobs in a closure': (sql) =>
    shapeWithJobs(sql, 'closures', { id: closureId, technicianId: null }),
  'the board of today': board(),
  'the board of a day long ago': board('2025-11-24'),
  'the board of a technician': board('2026-11-24', regular?.technician_id),
  'a column of the board': (sql) => listColumn(sql, boardDay('2026-11-24', CLOCK), 'in_progress'),
  'the figures of a day': (sql) => readStats(sql, boardDay('2026-11-24', CLOCK), ZONE),
  'the newest invoices': invoices({}),
  'the invoices of a customer': invoices({ customer_id: filled.customerId }),
  'the invoices of a vehicle': invoices({ vehicle_id: regular?.vehicle_id }),
  'the invoices of a job': invoices({ appointment_id: regular?.id }),
  'the invoices of a day': invoices(day),
  'the latest payments': payments({}),
  'the payments of a day': payments(day),
  'the revenue of a week, by day': revenue('day'),
  'the revenue of a week, by technician': revenue('technician'),
  'the revenue of a week, by service': revenue('service'),
  'the technicians’ week': (sql) => readTechnicians(sql, WEEK, ZONE),
  'the no-shows of a week': (sql) => readNoShows(sql, WEEK, ZONE),
  'what is owed, by age': (sql) => readReceivables(sql, ZONE, NOW),
  'the rows of payments.csv, of a week': (sql) => sql`${entryRows(sql, WEEK)}`,
  'the rows of appointments.csv, of a week': (sql) => sql`${jobRows(sql, WEEK)}`,
  'the newest estimates': estimates({}),
  'the estimates of a customer': estimates({ customer_id: estimate?.customer_id }),
  'the estimates of a vehicle': estimates({ vehicle_id: estimate?.vehicle_id }),
  'the estimate of a job': estimates({ appointment_id: estimate?.appointment_id }),
  'the estimates of a day': estimates(day),
  'an estimate to print': (sql) => findEstimateRow(sql, estimate?.id),
  'an invoice to print': (sql) => findInvoiceRow(sql, bill?.id),
  'the receipt of a payment': (sql) => findReceiptRow(sql, receipt?.id),
  'the payments of a customer': payments({ customer_id: filled.customerId }),
  'the payments of an invoice': payments({ invoice_id: bill?.id }),
  'the payments of a job': payments({ appointment_id: regular?.id }),
  'whether anything is due': (sql) => hasDue(sql, NOW),
  'what is due': (sql) => lockDue(sql, NOW, 20),
  'what is due to the staff': (sql) => claimMails(sql, { now: NOW, most: 20, leaseS: 60, maxAttempts: 8 }),
  'all about what is due': (sql) => readErrands(sql, due?.ids, NOW),
  'what templates tell of jobs': (sql) => readJobs(sql, due?.jobs),
  'what is to be told of a job': (sql) => insertNotices(sql, regular?.id, NOW),
  'what has failed': (sql) => listOutbox(sql, v.parse(OutboxList, { status: 'failed' })),
  'the messages to a customer in an hour': (sql) => countLately(sql, filled.customerId),
  'the texts of a customer who wants none': (sql) => cancelQueuedTexts(sql, [filled.customerId]),
  'the active jobs of a customer': (sql) => hasActiveJobs(sql, filled.customerId),
};

describe('no hot statement reads a whole table that grows', () => {
  for (const [what, run] of Object.entries(HOT)) {
    test(what, async () => {
      const { sql, plans } = explaining();
      await run(sql);
      expect(plans).toHaveLength(2);
      for (const { what: values, scans } of plans) expect([values, scans]).toEqual([values, []]);
    });
  }

  test('the guard: what is in the way, and the next free starts', async () => {
    const { sql, plans } = explaining();
    const planned = {
      id: null,
      technician_id: busy?.technician_id,
      vehicle_id: busy?.vehicle_id,
      starts_at: busy?.starts_at,
      ends_at: busy?.ends_at,
      place: null,
      skills: [],
    };
    const how = { rules: RULE_NAMES, isForced: false, isPublic: false, isLook: false, now: NOW };
    await expect(passGuard(sql, planned, how)).rejects.toThrow('has another job at that time');
    const onJobs = plans.filter(({ indexes }) => indexes.some((name) => name.startsWith('appointments')));
    expect(onJobs).toHaveLength(4);
    for (const { scans } of plans) expect(scans).toEqual([]);
    for (const { indexes } of onJobs) {
      // By technician and start, or by the constraint on vehicles: however long the history is.
      expect(
        indexes.filter(
          (name) =>
            !/^(appointments_(by_technician|held|vehicle_free)|technicians_|time_off_|extra_hours_|closures_)/.test(
              name,
            ),
        ),
      ).toEqual([]);
    }
  });

  test('what is due is found by its time alone, however much was sent and lies ahead', async () => {
    const { sql, plans } = explaining();
    await lockDue(sql, NOW, 20);
    for (const { bounds } of plans)
      expect(bounds.filter((bound) => /^outbox_due: \(due_at <= /.test(bound))).toHaveLength(1);
  });

  test('availability reads the jobs of the range asked, and no others', async () => {
    const { sql, plans } = explaining();
    const from = Date.parse(NOW);
    const span = { from, to: from + 62 * 86_400_000 };
    const { books } = await readCalendars(sql, { span, now: from, whose: { skills: [] } });
    expect(books.length).toBeGreaterThan(5);
    for (const { scans } of plans) expect(scans).toEqual([]);
    const onJobs = plans.flatMap(({ bounds }) =>
      bounds.filter((bound) => bound.startsWith('appointments_by_')),
    );
    expect(onJobs).toHaveLength(2);
    for (const bound of onJobs)
      expect(bound).toMatch(/^appointments_by_technician: .*technician_id = .*starts_at >= .*starts_at < /);
  });
});

describe('the board reads its day, and what was begun before it, however long the history is', () => {
  const THE_DAY = /^appointments_by_start: .*starts_at >= .*starts_at < /;
  const CARRIED = /^appointments_underway: \(starts_at < /;
  const READS = {
    board: board(),
    figures: (sql: Sql) => readStats(sql, boardDay('2026-11-24', CLOCK), ZONE),
  };
  for (const [what, run] of Object.entries(READS)) {
    test(what, async () => {
      const { sql, plans } = explaining();
      await run(sql);
      for (const { bounds } of plans) {
        const onJobs = bounds.filter((bound) => /^appointments_(?!.*pkey)/.test(bound)).sort();
        expect(onJobs).toEqual([expect.stringMatching(THE_DAY), expect.stringMatching(CARRIED)]);
      }
    });
  }

  test('what is owed: the open invoices by their index, and the few jobs that were not billed', async () => {
    const { sql, plans } = explaining();
    await READS.figures(sql);
    for (const { indexes } of plans) expect(indexes).toContain('invoices_open');
    const [row] = await bare`
      select (select count(*) from unbilled_jobs) as unbilled, count(*) as completed from appointments
      where status = 'completed'`;
    expect(Number(row?.unbilled)).toBeGreaterThan(0);
    expect(Number(row?.unbilled)).toBeLessThan(Number(row?.completed) / 10);
  });
});
test('a demo puts nothing into the outbox', () => expect(told?.count).toBe(0));

test('the watch above sees a whole table read', async () => {
  const { sql, plans } = explaining();
  await sql`select count(*) from appointments where notes = 'x'`;
  expect(plans.map(({ scans }) => scans)).toEqual([['appointments'], ['appointments']]);
});
