import type { Reason } from '../errors.ts';

type Refusal = { reason: Reason; message: string };

/** The constraints that a client can run into, by the names that the migrations give them. */
const REFUSALS: Record<string, Refusal> = {
  appointments_technician_free: {
    reason: 'appointment.slot_taken',
    message: 'The technician already has a job at that time. Choose another time or another technician.',
  },
  appointments_vehicle_free: {
    reason: 'appointment.vehicle_busy',
    message: 'The vehicle already has a job at that time. Choose another time.',
  },
  customers_email_taken: {
    reason: 'customer.email_taken',
    message: 'Another customer has this e-mail address. Use that customer, or give another address.',
  },
  customers_phone_taken: {
    reason: 'customer.phone_taken',
    message: 'Another customer has this phone number. Use that customer, or give another number.',
  },
  estimates_kept: {
    reason: 'estimate.not_draft',
    message: 'This estimate was given to its customer: it stays. Change its lines instead.',
  },
  estimates_one_per_appointment: {
    reason: 'estimate.exists',
    message: 'This job has an estimate already. Add to the lines of that one.',
  },
  estimates_open: {
    reason: 'estimate.closed',
    message: 'The job of this estimate is billed: it stays as it is. Make the invoice void first.',
  },
  invoice_lines_in_draft: {
    reason: 'invoice.not_draft',
    message: 'This invoice is issued: its lines stay as they are. Void it and write another one.',
  },
  invoices_never_overpaid: {
    reason: 'payment.exceeds_balance',
    message: 'This is more than is due. Read the invoice again, then pay at most its due_cents.',
  },
  invoices_one_per_appointment: {
    reason: 'invoice.exists',
    message: 'This job has an invoice already. Use that one, or void it first.',
  },
  invoices_open_for_money: {
    reason: 'invoice.not_open',
    message: 'This invoice is a draft or void: it takes no money. Issue it first.',
  },
  invoices_within_authorization: {
    reason: 'invoice.over_authorized',
    message:
      'This is more than the customer has authorized. Have the rest authorized in the estimate, or bill less.',
  },
  message_templates_kind_taken: {
    reason: 'message_template.kind_taken',
    message: 'Another template in use tells this already. Change that one, or retire it first.',
  },
  payments_before_the_bill: {
    reason: 'invoice.exists',
    message: 'This job is billed: it takes no deposit. Pay its invoice instead.',
  },
  payments_never_over_refunded: {
    reason: 'refund.exceeds_payment',
    message: 'This is more than is left of the payment. Read it again, then give back at most that.',
  },
  services_code_taken: {
    reason: 'service.code_taken',
    message: 'Another service has this code. Choose another code.',
  },
  staff_email_taken: {
    reason: 'staff.email_taken',
    message: 'Another member of the staff has this e-mail address. Give another address.',
  },
  technicians_staff_taken: {
    reason: 'technician.staff_taken',
    message: 'Another technician is linked to this login. Choose another login.',
  },
  vehicles_plate_taken: {
    reason: 'vehicle.plate_taken',
    message: 'Another active vehicle has this license plate. Use that vehicle, or correct the plate.',
  },
  vehicles_vin_taken: {
    reason: 'vehicle.vin_taken',
    message: 'Another active vehicle has this VIN. Use that vehicle, or correct the VIN.',
  },
};

const CONFLICT: Refusal = {
  reason: 'request.conflict',
  message: 'This clashes with something that is already there. Read the current state and try again.',
};

export const refusalOf = (constraint: string): Refusal => REFUSALS[constraint] ?? CONFLICT;

/** Of a rule on the row itself, or one that a trigger holds: most of them no client can run into. */
export const ruleRefusalOf = (constraint: string): Refusal | undefined =>
  Object.hasOwn(REFUSALS, constraint) ? REFUSALS[constraint] : undefined;

/** The body's field behind a foreign key with PostgreSQL's own name: `vehicles_customer_id_fkey` of vehicles. */
export const fieldOf = (constraint: string, table: string): string =>
  constraint.replace(/_fkey\d*$/, '').replace(`${table}_`, '');

export const namedConstraints = (): string[] => Object.keys(REFUSALS);
