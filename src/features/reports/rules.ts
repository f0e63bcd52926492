import { type Cell, csvLine } from '../../values/csv.ts';
import { decimalOf } from '../../values/money.ts';
import { inZone } from '../../values/time.ts';
import type { ReportedAppointment } from './schema.ts';

type Column = readonly [name: string, cell: (job: ReportedAppointment, zone: string) => Cell];

const COLUMNS: readonly Column[] = [
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
];

export const APPOINTMENT_HEADING = csvLine(COLUMNS.map(([name]) => name));

/** Times as the shop's clock shows them, money in units of its currency. */
export const appointmentLines = (jobs: readonly ReportedAppointment[], zone: string): string =>
  jobs.map((job) => csvLine(COLUMNS.map(([, cell]) => cell(job, zone)))).join('');
