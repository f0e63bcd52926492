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

/** The body's field behind a foreign key with PostgreSQL's own name: `vehicles_customer_id_fkey` of vehicles. */
export const fieldOf = (constraint: string, table: string): string =>
  constraint.replace(/_fkey\d*$/, '').replace(`${table}_`, '');

export const namedConstraints = (): string[] => Object.keys(REFUSALS);
