import { type Cell, csvLine } from '../../values/csv.ts';
import { decimalOf } from '../../values/money.ts';
import { inZone, minutesBetween } from '../../values/time.ts';
import type { Period, ReportedAppointment, ReportedEntry } from './schema.ts';

type Columns<Row> = readonly (readonly [name: string, cell: (row: Row, zone: string) => Cell])[];

/** How the rows of a file are written. */
export type Sheet<Row> = { heading: string; lines(rows: readonly Row[], zone: string): string };

const sheetOf = <Row>(columns: Columns<Row>): Sheet<Row> => ({
  heading: csvLine(columns.map(([name]) => name)),
  lines: (rows, zone) => rows.map((row) => csvLine(columns.map(([, cell]) => cell(row, zone)))).join(''),
});

/** Times as the shop's clock shows them, money in units of its currency. */
export const APPOINTMENT_SHEET = sheetOf<ReportedAppointment>([
  ['id', ({ id }) => id],
  ['status', ({ status }) => status],
  ['starts_at', ({ starts_at }, zone) => inZone(starts_at, zone)],
  ['ends_at', ({ ends_at }, zone) => inZone(ends_at, zone)],
  ['completed_at', ({ completed_at }, zone) => (completed_at === null ? null : inZone(completed_at, zone))],
  ['customer_id', ({ customer_id }) => customer_id],
  ['customer', ({ customer }) => customer],
  ['vehicle', ({ vehicle }) => vehicle],
  ['license_plate', ({ license_plate }) => license_plate],
  ['technician', ({ technician }) => technician],
  ['address', ({ address }) => address],
  ['services', ({ services }) => services],
  ['invoice_number', ({ invoice_number }) => invoice_number],
  ['total', ({ total_cents }) => decimalOf(total_cents)],
  ['paid', ({ paid_cents }) => decimalOf(paid_cents)],
  ['currency', ({ currency }) => currency],
]);

export const PAYMENT_SHEET = sheetOf<ReportedEntry>([
  ['kind', ({ kind }) => kind],
  ['id', ({ id }) => id],
  ['at', ({ at }, zone) => inZone(at, zone)],
  ['payment_id', ({ payment_id }) => payment_id],
  ['amount', ({ amount_cents }) => decimalOf(amount_cents)],
  ['currency', ({ currency }) => currency],
  ['method', ({ method }) => method],
  ['note', ({ note }) => note],
  ['customer_id', ({ customer_id }) => customer_id],
  ['customer', ({ customer }) => customer],
  ['invoice_number', ({ invoice_number }) => invoice_number],
  ['appointment_id', ({ appointment_id }) => appointment_id],
]);

type Figures = Readonly<Record<string, Cell>>;

/** Figures as a file: the columns are the fields of a row, sums of money in units of the shop's currency. */
export const figureLines = (fields: readonly string[], rows: readonly Figures[]): string =>
  [
    fields.map((field) => field.replace(MONEY, '')),
    ...rows.map((row) => fields.map((field) => figureCell(field, row[field] ?? null))),
  ]
    .map(csvLine)
    .join('');

const MONEY = /_cents$/;
const figureCell = (field: string, cell: Cell): Cell =>
  typeof cell === 'number' && MONEY.test(field) ? decimalOf(cell) : cell;

const MAX_DAYS = 1_100;

/** What is wrong with a period; undefined when nothing is. */
export const faultOf = ({ from, to }: Period): string | undefined => {
  const days = minutesBetween(from, to) / (24 * 60);
  if (days < 0) return 'must not be before from';
  return days > MAX_DAYS ? `must be at most ${MAX_DAYS} days after from` : undefined;
};
