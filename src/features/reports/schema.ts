import * as v from 'valibot';
import { PAYMENT_METHODS } from '../../shapes/payment.ts';
import { REVENUE_BY } from '../../shapes/report.ts';
import { id } from '../../values/id.ts';
import { commaList } from '../../values/number.ts';
import { instantOrDate } from '../../values/time.ts';
import { STATUSES } from '../appointments/rules.ts';

const method = v.picklist(PAYMENT_METHODS, `must be one of ${PAYMENT_METHODS.join(', ')}`);
const status = v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`);

/** `zone` is the shop's: a bare date is the start of that day there. From `from` up to, but not including, `to`. */
export const appointmentReport = ({ zone }: { zone: string }) =>
  v.strictObject({
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
    status: v.optional(commaList(status, STATUSES.length)),
    technician_id: v.optional(id()),
  });

export const paymentReport = ({ zone }: { zone: string }) =>
  v.strictObject({
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
    method: v.optional(commaList(method, PAYMENT_METHODS.length)),
  });

const FORMATS = ['json', 'csv'] as const;
const format = () => v.optional(v.picklist(FORMATS, `must be one of ${FORMATS.join(', ')}`), 'json');

export const periodReport = ({ zone }: { zone: string }) =>
  v.strictObject({ from: instantOrDate(zone), to: instantOrDate(zone), format: format() });

export const revenueReport = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...periodReport({ zone }).entries,
    by: v.optional(v.picklist(REVENUE_BY, `must be one of ${REVENUE_BY.join(', ')}`), 'day'),
  });

export const StandingReport = v.strictObject({ format: format() });

export type PaymentReport = v.InferOutput<ReturnType<typeof paymentReport>>;
export type RevenueReport = v.InferOutput<ReturnType<typeof revenueReport>>;
export type Period = { from: string; to: string };
export type AppointmentReport = v.InferOutput<ReturnType<typeof appointmentReport>>;

export type ReportedAppointment = {
  id: string;
  status: string;
  starts_at: string;
  ends_at: string;
  completed_at: string | null;
  customer_id: string;
  customer: string;
  vehicle: string | null;
  license_plate: string | null;
  technician: string | null;
  address: string | null;
  services: string | null;
  invoice_number: number | null;
  total_cents: number;
  paid_cents: number;
  currency: string;
};

export type ReportedEntry = {
  kind: 'payment' | 'deposit' | 'refund';
  id: string;
  at: string;
  payment_id: string;
  amount_cents: number;
  method: string;
  note: string | null;
  customer_id: string;
  customer: string;
  invoice_number: number | null;
  appointment_id: string;
  currency: string;
};
