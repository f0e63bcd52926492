import * as v from 'valibot';
import { id } from '../../values/id.ts';
import { commaList } from '../../values/number.ts';
import { instantOrDate } from '../../values/time.ts';
import { STATUSES } from '../appointments/rules.ts';

const status = v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`);

/** `zone` is the shop's: a bare date is the start of that day there. From `from` up to, but not including, `to`. */
export const appointmentReport = ({ zone }: { zone: string }) =>
  v.strictObject({
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
    status: v.optional(commaList(status, STATUSES.length)),
    technician_id: v.optional(id()),
  });

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
