import { type Sums, sumsOf } from '../../features/invoices/rules.ts';
import { type BillLine, linesOf } from './bill-lines.ts';
import { iso, isoOnce, MINUTE_MS } from './days.ts';
import type { Job } from './jobs.ts';
import { type Ledger, tellPayments } from './ledger.ts';
import { idOf, randomOf } from './random.ts';

type InvoiceRow = Sums & {
  id: string;
  number: number | null;
  appointment_id: string;
  customer_id: string;
  vehicle_id: string;
  status: string;
  paid_cents: number;
  issued_at: string | null;
  paid_at: string | null;
  voided_at: string | null;
  created_at: string;
  updated_at: string;
  version: number;
};

export type Bill = {
  invoice: InvoiceRow;
  lines: (BillLine & { id: string; invoice_id: string })[];
  payments: object[];
  refunds: object[];
};

const WITHOUT_INVOICE_SHARE = 0.03;
const WRITTEN_TWICE_SHARE = 0.012;
const RECENT_DAYS = 3;
const RECENT_DRAFT_SHARE = 0.3;
const OLD_DRAFT_SHARE = 0.004;

/** The invoices of a completed job as they stand now: mostly one, sometimes a void one and its successor. */
export const makeBills = (job: Job, day: number, now: number): Bill[] => {
  const { completedAt } = job.story;
  if (completedAt === undefined || completedAt > now) return [];
  return draftsOf(job, day, completedAt)
    .filter(({ writtenAt }) => writtenAt <= now)
    .map((draft) => bill(job, draft, now));
};

/** Numbers the issued ones in the order in which they were issued, without a gap; gives how many they are. */
export const numberBills = (bills: readonly Bill[], first: number): number => {
  const issued = bills.filter(({ invoice }) => invoice.issued_at !== null);
  const key = ({ invoice }: Bill): string => `${invoice.issued_at}${invoice.id}`;
  issued.sort((one, other) => (key(one) < key(other) ? -1 : 1));
  for (const [index, { invoice }] of issued.entries()) invoice.number = first + index;
  return issued.length;
};

const VIP_DISCOUNT_BASIS_POINTS = 1_000;
const NOTHING: Ledger = { payments: [], refunds: [] };

type Written = { writtenAt: number; issuedAt: number | undefined };
type Draft = Written & { label: string; lines: BillLine[]; sums: Sums; ledger: Ledger };

const draftsOf = ({ label, work, car }: Job, day: number, completedAt: number): Draft[] => {
  const random = randomOf(`bill of ${label}`);
  const { isFleet, row } = car.owner;
  const lines = linesOf(work, row.is_vip && random.chance(0.6) ? VIP_DISCOUNT_BASIS_POINTS : 0);
  const sums = sumsOf(lines);
  if (sums.total_cents === 0 || random.chance(WITHOUT_INVOICE_SHARE)) return [];
  const writtenAt = completedAt + random.whole(30, 90) * 1000;
  // Issued on the day of the job, so that the numbers of a day come after those of the day before.
  const issuedAt = writtenAt + random.whole(1, 60) * MINUTE_MS;
  const what = { label, lines, sums };
  const settled = (written: { writtenAt: number; issuedAt: number }): Draft => {
    const debt = { issuedAt: written.issuedAt, totalCents: sums.total_cents, isFleet };
    return { ...what, ...written, ledger: tellPayments(random, debt) };
  };
  if (random.chance(WRITTEN_TWICE_SHARE)) {
    const voidedAt = issuedAt + random.whole(4, 15) * MINUTE_MS;
    const wrong = { ...what, label: `void ${label}`, writtenAt, issuedAt, ledger: { ...NOTHING, voidedAt } };
    return [wrong, settled({ writtenAt: voidedAt + MINUTE_MS, issuedAt: voidedAt + 3 * MINUTE_MS })];
  }
  const isLeftOpen = random.chance(day >= -RECENT_DAYS ? RECENT_DRAFT_SHARE : OLD_DRAFT_SHARE);
  return isLeftOpen
    ? [{ ...what, writtenAt, issuedAt: undefined, ledger: NOTHING }]
    : [settled({ writtenAt, issuedAt })];
};

const bill = (job: Job, { label, lines, sums, ledger, ...written }: Draft, now: number): Bill => {
  const id = idOf(`invoice ${label}`, written.writtenAt);
  const { payments, refunds } = entriesOf(ledger, { id, label, now });
  const paid = sumCents(payments) - sumCents(refunds);
  const times = timesOf(written, ledger, now);
  const status = statusOf({ ...times, paid, total: sums.total_cents });
  const invoice: InvoiceRow = {
    id,
    number: null,
    appointment_id: job.id,
    customer_id: job.car.owner.row.id,
    vehicle_id: job.car.row.id,
    status,
    ...sums,
    paid_cents: paid,
    ...times,
    paid_at: status === 'paid' ? (payments.at(-1)?.received_at ?? null) : null,
  };
  const owned = lines.map((line) => ({
    ...line,
    id: idOf(`line ${line.position} of ${label}`, written.writtenAt),
    invoice_id: id,
  }));
  return { invoice, lines: owned, payments, refunds };
};

type Owner = { id: string; label: string; now: number };

/** What has been paid and given back until now. */
const entriesOf = (ledger: Ledger, { id, label, now }: Owner) => {
  const given = ledger.refunds.filter(({ at }) => at <= now);
  const payments = ledger.payments
    .filter(({ at }) => at <= now)
    .map(({ at, ...payment }, index) => ({
      id: idOf(`payment ${index} of ${label}`, at),
      invoice_id: id,
      ...payment,
      refunded_cents: sumCents(given.filter(({ of }) => of === index)),
      received_at: iso(at),
    }));
  const refunds = given.map(({ at, of, ...refund }, index) => ({
    id: idOf(`refund ${index} of ${label}`, at),
    payment_id: payments[of]?.id ?? null,
    ...refund,
    created_at: iso(at),
  }));
  return { payments, refunds };
};

const timesOf = ({ writtenAt, issuedAt }: Written, { payments, refunds, voidedAt }: Ledger, now: number) => {
  const moments = [...payments, ...refunds].map(({ at }) => at);
  const past = [issuedAt, voidedAt, ...moments].filter((at) => at !== undefined).filter((at) => at <= now);
  return {
    issued_at: isoOnce(issuedAt, now),
    voided_at: isoOnce(voidedAt, now),
    created_at: iso(writtenAt),
    updated_at: iso(Math.max(writtenAt, ...past)),
    version: 1 + past.length,
  };
};

type Stand = { issued_at: string | null; voided_at: string | null; paid: number; total: number };

const statusOf = ({ issued_at, voided_at, paid, total }: Stand): string => {
  if (voided_at !== null) return 'void';
  if (issued_at === null) return 'draft';
  if (paid === 0) return 'issued';
  return paid < total ? 'partially_paid' : 'paid';
};

const sumCents = (rows: readonly { amount_cents: number }[]): number =>
  rows.reduce((sum, { amount_cents }) => sum + amount_cents, 0);
