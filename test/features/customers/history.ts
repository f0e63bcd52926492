import { pauseLedger, resumeLedger } from '../../../src/cli/demo/tables.ts';
import { newId } from '../../../src/values/id.ts';
import type { Client, Data, TestApp } from '../../helpers/app.ts';
import { aCustomer, aService, aVehicle } from '../../helpers/factories.ts';

export type World = { shop: TestApp; owner: Client };
type Money = { amount: number; refunds?: number[] };
type Bill = { status: string; total: number; payments: Money[] };
/** One visit as the test knows it: from the same list come the rows and, by another way, the totals. */
export type Visit = {
  startsAt: string;
  status: string;
  completedAt?: string;
  isDeleted?: boolean;
  lines?: [quantity: number, priceCents: number][];
  bill?: Bill;
  voided?: Bill;
  messages?: string[];
};
export type Made = Visit & { id: string; vehicleId: string | null };

let numbers = 0;

/** As years of entries left it: some of the payments here were given back before others came. */
const insertBill = (
  { shop }: World,
  { job, customerId, bill }: { job: Made; customerId: string; bill: Bill },
): Promise<void> =>
  shop.sql.transaction(async (tx) => {
    await pauseLedger(tx);
    const { status, total, payments } = bill;
    const id = newId();
    const number = ['draft', 'void'].includes(status) ? null : ++numbers;
    const paid = netOf(payments);
    await tx`
      insert into invoices (id, appointment_id, customer_id, vehicle_id, status, number, subtotal_cents, total_cents, paid_cents)
      values (${id}, ${job.id}, ${customerId}, ${job.vehicleId}, ${status}, ${number}, ${total}, ${total}, ${paid})`;
    for (const [at, { amount, refunds = [] }] of payments.entries()) {
      const paymentId = newId();
      await tx`
        insert into payments (id, invoice_id, amount_cents, refunded_cents, method, note, received_at)
        values (${paymentId}, ${id}, ${amount}, ${sum(refunds)}, 'card', ${`payment ${at}`},
          ${job.startsAt}::timestamptz + make_interval(hours => ${at}))`;
      for (const refund of refunds) {
        await tx`insert into refunds (id, payment_id, amount_cents, reason) values (${newId()}, ${paymentId}, ${refund}, 'r')`;
      }
    }
    await resumeLedger(tx);
  });

const insertVisit = async (
  world: World,
  { customerId, vehicleId, visit }: { customerId: string; vehicleId: string | null; visit: Visit },
): Promise<Made> => {
  const { shop, owner } = world;
  const job = { ...visit, id: newId(), vehicleId };
  const { lines = [], messages = [], bill, voided } = visit;
  await shop.sql`
    insert into appointments (id, customer_id, vehicle_id, status, starts_at, ends_at, completed_at, deleted_at)
    values (${job.id}, ${customerId}, ${vehicleId}, ${visit.status}, ${visit.startsAt},
      ${visit.startsAt}::timestamptz + interval '1 hour', ${visit.completedAt ?? null},
      case when ${visit.isDeleted === true}::boolean then now() end)`;
  const serviceId = lines.length === 0 ? null : (await aService(owner)).id;
  for (const [position, [quantity, price]] of lines.entries()) {
    await shop.sql`
      insert into appointment_services (id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents)
      values (${newId()}, ${job.id}, ${position}, ${serviceId}, 'Work', 'labour', ${quantity}, 30, ${price})`;
  }
  for (const [minute, body] of messages.entries()) {
    await shop.sql`
      insert into messages (id, appointment_id, channel, direction, body, status, created_at, sent_at)
      values (${newId()}, ${job.id}, 'sms', 'out', ${body}, 'sent', ${visit.startsAt}::timestamptz + make_interval(mins => ${minute}), ${visit.startsAt})`;
  }
  if (voided !== undefined) await insertBill(world, { job, customerId, bill: voided });
  if (bill !== undefined) await insertBill(world, { job, customerId, bill });
  return job;
};

export const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
export const netOf = (payments: Money[]): number =>
  sum(payments.map(({ amount, refunds = [] }) => amount - sum(refunds)));
export const sold = ({ lines = [] }: Visit): number =>
  sum(lines.map(([quantity, price]) => quantity * price));

/** By plain loops, beside the SQL. */
export const totalsOf = (visits: readonly Visit[]): Data => {
  const living = visits.filter(({ isDeleted }) => isDeleted !== true);
  const bills = visits.flatMap(({ bill, voided }) => [bill, voided].filter((one) => one !== undefined));
  const open = bills.filter(({ status }) => status === 'issued' || status === 'partially_paid');
  const completed = living.filter(({ status }) => status === 'completed');
  const unbilled = completed.filter(({ bill }) => bill === undefined);
  const last = completed
    .map(({ completedAt = '' }) => completedAt)
    .sort()
    .at(-1);
  const spend = sum(bills.map(({ payments }) => netOf(payments)));
  return {
    lifetime_spend_cents: spend,
    unpaid_cents: sum(open.map(({ total, payments }) => total - netOf(payments))) + sum(unbilled.map(sold)),
    visits: living.filter(({ status }) => ['in_progress', 'ready', 'completed'].includes(status)).length,
    completed_visits: completed.length,
    last_visit_at: last === undefined ? null : Temporal.Instant.from(last).toString(),
    is_vip: spend >= 500_000,
    is_overdue: last !== undefined && Date.parse(last) < Date.now() - 180 * 86_400_000,
  };
};

export const HISTORY: Visit[] = [
  {
    startsAt: '2026-01-10T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-10T11:30:00.250Z',
    lines: [
      [2, 10_000],
      [1, 550],
    ],
    bill: {
      status: 'paid',
      total: 21_000,
      payments: [{ amount: 15_000 }, { amount: 7_000, refunds: [400, 600] }],
    },
    messages: ['on the way', 'done'],
  },
  {
    startsAt: '2026-01-11T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-11T12:00:00Z',
    lines: [[1, 90_000]],
    bill: { status: 'partially_paid', total: 90_000, payments: [{ amount: 30_000, refunds: [1] }] },
  },
  {
    startsAt: '2026-01-12T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-12T12:00:00Z',
    lines: [[1, 4_000]],
    bill: { status: 'issued', total: 4_321, payments: [] },
  },
  {
    startsAt: '2026-01-13T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-13T12:00:00Z',
    lines: [[1, 7_000]],
    bill: { status: 'draft', total: 7_000, payments: [] },
  },
  {
    startsAt: '2026-01-14T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-14T12:00:00Z',
    lines: [[3, 1_111]],
    voided: { status: 'void', total: 3_333, payments: [{ amount: 333, refunds: [333] }] },
  },
  {
    startsAt: '2026-01-15T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-15T12:00:00Z',
    lines: [[1, 2_000]],
    voided: { status: 'void', total: 9, payments: [] },
    bill: { status: 'paid', total: 1_800, payments: [{ amount: 1_800 }] },
  },
  {
    startsAt: '2026-01-16T10:00:00Z',
    status: 'completed',
    completedAt: '2026-01-16T12:00:00Z',
    lines: [[2, 600]],
  },
  { startsAt: '2026-01-17T10:00:00Z', status: 'canceled', lines: [[1, 99_000]] },
  { startsAt: '2026-01-18T10:00:00Z', status: 'no_show', lines: [[1, 88_000]] },
  { startsAt: '2026-01-19T10:00:00Z', status: 'in_progress', lines: [[1, 77_000]] },
  { startsAt: '2026-01-20T10:00:00Z', status: 'ready' },
  { startsAt: '2026-01-21T10:00:00Z', status: 'en_route' },
  { startsAt: '2026-01-22T10:00:00Z', status: 'scheduled', messages: ['see you'] },
  {
    startsAt: '2026-02-01T10:00:00Z',
    status: 'completed',
    completedAt: '2026-02-01T12:00:00Z',
    lines: [[1, 5_500]],
    isDeleted: true,
  },
];

/** A customer with two vehicles and these visits: the first, the second and no vehicle by turns. */
export const aHistory = async (world: World, visits: readonly Visit[] = HISTORY) => {
  const { owner } = world;
  const customer = await aCustomer(owner, { name: 'Hank History', notes: 'ring twice', tags: ['fleet'] });
  const { id: customer_id } = customer;
  const vehicles = [await aVehicle(owner, { customer_id }), await aVehicle(owner, { customer_id })];
  const jobs: Made[] = [];
  for (const [at, visit] of visits.entries()) {
    const vehicleId = at % 3 === 2 ? null : vehicles[at % 3].id;
    jobs.push(await insertVisit(world, { customerId: customer_id, vehicleId, visit }));
  }
  return { customer, vehicles, jobs, path: `/v1/customers/${customer_id}/profile` };
};
