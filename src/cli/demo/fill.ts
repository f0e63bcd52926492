import type { Database, Transaction } from '../../database/sql.ts';
import { refuse } from '../../process/refusal.ts';
import { makeBills, numberBills } from './bills.ts';
import { type DayQuota, dayQuotas } from './calendar.ts';
import { makeCars } from './cars.ts';
import { readCatalog } from './catalog.ts';
import { type Days, daysAround } from './days.ts';
import { type Estimated, makeEstimates, numberEstimates } from './estimates.ts';
import { appointmentRow, serviceRows } from './job-rows.ts';
import { makeJobs, type Shop } from './jobs.ts';
import { makeMessages } from './messages.ts';
import { makePeople } from './people.ts';
import { randomOf } from './random.ts';
import {
  insertAppointmentServices,
  insertAppointments,
  insertAuthorizations,
  insertCustomers,
  insertEstimateLines,
  insertEstimates,
  insertInvoiceLines,
  insertInvoices,
  insertMessages,
  insertPayments,
  insertRefunds,
  insertTechnicians,
  insertVehicles,
  pauseLedger,
  resumeLedger,
  settleTables,
} from './tables.ts';
import { makeTeam } from './team.ts';

export type DemoOptions = {
  zone: string;
  shopName: string;
  customers: number;
  vehicles: number;
  appointments: number;
  /** An instant: what lies before it has happened. The same day gives the same people, cars and calendar. */
  now: string;
  say: (line: string) => void;
};

export type Filled = { counts: Record<Counted, number>; customerId: string };

type Counted =
  | 'appointments'
  | 'services'
  | 'invoices'
  | 'lines'
  | 'payments'
  | 'refunds'
  | 'messages'
  | 'estimates';

const DAYS_PER_BATCH = 40;
const LOCK_ID = 0x64656d6f;

/** Fills an empty shop in one transaction. Refuses a shop that has customers. */
export const fillDemo = async (database: Database, options: DemoOptions): Promise<Filled> => {
  const days = daysAround(options.now, options.zone);
  const filled = await database.transaction(async (tx) => {
    await refuseUnlessEmpty(tx);
    const shop = await fillShop(tx, days, options);
    await pauseLedger(tx);
    const counts = await fillCalendar(tx, shop, options);
    await resumeLedger(tx);
    return { counts, customerId: await findRegular(tx) };
  });
  await settleTables(database);
  return filled;
};

/** The lock lets a second demo wait for the first one, so that it sees what is there then. */
const refuseUnlessEmpty = async (tx: Transaction): Promise<void> => {
  await tx`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`;
  // Invented people have no history of who typed them in.
  await tx`select set_config('shop.journal', 'off', true)`;
  const [row] = await tx<{ count: number }>`select count(*) as count from customers`;
  const count = row?.count ?? 0;
  if (count === 0) return;
  const customers = count === 1 ? '1 customer' : `${shown(count)} customers`;
  throw refuse(`The shop has ${customers} already; demo fills an empty shop only.`);
};

const fillShop = async (tx: Transaction, days: Days, options: DemoOptions): Promise<Shop> => {
  const { say } = options;
  const catalog = await readCatalog(tx);
  if (catalog.length === 0) say('The catalog is empty: the jobs come without services and invoices.');
  const people = makePeople(options.customers, days);
  await insertCustomers(
    tx,
    people.map(({ row }) => row),
  );
  say(`${shown(people.length)} customers`);
  const cars = makeCars(people, options.vehicles, days);
  await insertVehicles(
    tx,
    cars.map(({ row }) => row),
  );
  say(`${shown(cars.length)} vehicles`);
  const team = makeTeam(catalog, days);
  await insertTechnicians(tx, team);
  say(`${shown(team.length)} technicians, ${shown(catalog.length)} services in the catalog`);
  return { days, catalog, team, cars: randomOf('regulars').shuffle(cars), lastVisits: new Map() };
};

type Progress = { counts: Filled['counts']; issued: number; estimated: Estimated[] };

const fillCalendar = async (tx: Transaction, shop: Shop, options: DemoOptions): Promise<Filled['counts']> => {
  const { appointments, say } = options;
  const none = { appointments: 0, services: 0, invoices: 0, lines: 0, payments: 0, refunds: 0, messages: 0 };
  const progress: Progress = { counts: { ...none, estimates: 0 }, issued: 0, estimated: [] };
  const quotas = dayQuotas(appointments, shop.days);
  for (let start = 0; start < quotas.length; start += DAYS_PER_BATCH) {
    await fillDays(tx, shop, { quotas: quotas.slice(start, start + DAYS_PER_BATCH), progress, ...options });
    say(`${shown(progress.counts.appointments)} of ${shown(appointments)} appointments`);
  }
  await fillEstimates(tx, progress.estimated);
  return { ...progress.counts, estimates: progress.estimated.length };
};

/** All at once, for their numbers go by when they were written, days before their jobs. */
const fillEstimates = async (tx: Transaction, all: readonly Estimated[]): Promise<void> => {
  numberEstimates(all);
  await insertEstimates(
    tx,
    all.map(({ estimate }) => estimate),
  );
  await insertEstimateLines(
    tx,
    all.flatMap(({ lines }) => lines),
  );
  await insertAuthorizations(
    tx,
    all.flatMap(({ authorizations }) => authorizations),
  );
};

type Rows = Record<Exclude<Counted, 'estimates'>, object[]>;
type Batch = { quotas: readonly DayQuota[]; progress: Progress; zone: string; shopName: string };

const fillDays = async (tx: Transaction, shop: Shop, batch: Batch): Promise<void> => {
  const { progress } = batch;
  const rows = rowsOf(shop, batch);
  for (const [counted, insert] of INTO) {
    if (rows[counted].length > 0) await insert(tx, rows[counted]);
    progress.counts[counted] += rows[counted].length;
  }
};

const rowsOf = (shop: Shop, { quotas, progress, zone, shopName }: Batch): Rows => {
  const { now } = shop.days;
  const dated = quotas.flatMap(({ day, count }) => makeJobs(shop, day, count).map((job) => ({ day, job })));
  const jobs = dated.map(({ job }) => job);
  const bills = dated.flatMap(({ day, job }) => makeBills(job, day, now));
  progress.issued += numberBills(bills, progress.issued + 1);
  progress.estimated.push(...jobs.flatMap((job) => makeEstimates(shop, job)));
  return {
    appointments: jobs.map((job) => appointmentRow(job, now)),
    services: jobs.flatMap(serviceRows),
    invoices: bills.map(({ invoice }) => invoice),
    lines: bills.flatMap(({ lines }) => lines),
    payments: bills.flatMap(({ payments }) => payments),
    refunds: bills.flatMap(({ refunds }) => refunds),
    messages: jobs.flatMap((job) => makeMessages(job, { shopName, zone, now })),
  };
};

/** In the order in which they refer to each other. */
const INTO: readonly (readonly [keyof Rows, typeof insertAppointments])[] = [
  ['appointments', insertAppointments],
  ['services', insertAppointmentServices],
  ['invoices', insertInvoices],
  ['lines', insertInvoiceLines],
  ['payments', insertPayments],
  ['refunds', insertRefunds],
  ['messages', insertMessages],
];

/** Somebody with a long history, to look at first. */
const findRegular = async (tx: Transaction): Promise<string> => {
  const [row] = await tx<{ customer_id: string }>`
    select customer_id from appointments group by customer_id order by count(*) desc, customer_id limit 1`;
  return row?.customer_id ?? '';
};

export const shown = (count: number): string => count.toLocaleString('en-US');
