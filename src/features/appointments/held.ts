import type { Transaction } from '../../database/sql.ts';
import { newId } from '../../values/id.ts';
import type { Place } from '../../values/place.ts';
import { lockCalendar } from '../availability/commands.ts';
import { RULE_NAMES } from '../availability/rules.ts';
import { queueNotices } from '../outbox/commands.ts';
import { shapeNow } from './commands.ts';
import { type By, lockPeople } from './people.ts';
import { columnsOf, permitted } from './plan.ts';
import { type AppointmentFields, type AppointmentShape, insertAppointment } from './queries.ts';
import { defaultEnd } from './rules.ts';
import { insertJobServices, type JobService, sellServices } from './services.ts';

export type { By };
export type Booked = AppointmentShape;

/** What a hold keeps of the job that may come of it: its place in the calendar, and its services at their price. */
export type Held = Omit<
  AppointmentFields,
  'vehicle_id' | 'notes' | 'lane' | 'force_reason' | 'forced_by' | 'technician_id'
> & { technician_id: string; hold_services: JobService[] };

type AskedHold = { technician_id: string; starts_at: string; service_ids: string[]; location: Place | null };

/** Judges a hold as the booking itself would be. */
export const planHold = async (tx: Transaction, by: By, asked: AskedHold): Promise<Held> => {
  const { technician_id, starts_at, location } = asked;
  const services = asked.service_ids.map((service_id) => ({ service_id }));
  const sold = await sellServices(tx, services, { pathOf: (at) => `service_ids.${at}` });
  const ends_at = defaultEnd(starts_at, sold.lines);
  const wanted = {
    planned: {
      ...{ id: null, technician_id, vehicle_id: null, starts_at, ends_at, place: location },
      skills: sold.catalog.flatMap((service) => service.skills),
    },
    rules: RULE_NAMES,
  };
  await lockCalendar(tx, technician_id, () => permitted(tx, by, { ...wanted, isLook: true }));
  const permission = await permitted(tx, by, wanted);
  const { lane: _lane, force_reason: _reason, forced_by: _by, ...terms } = permission;
  return { technician_id, starts_at, ends_at, ...columnsOf(location), ...terms, hold_services: sold.lines };
};

type Confirmed = {
  technician_id: string;
  customer_id: string;
  vehicle_id: string | null;
  notes: string | null;
  now: string;
};

/** Books what was held. `take` takes the hold away, under the locks; whether the vehicle is free the constraint says. */
export const bookHeld = async (
  tx: Transaction,
  { notes, now, ...people }: Confirmed,
  take: () => Promise<Held>,
): Promise<AppointmentShape> => {
  await lockPeople(tx, people);
  const { hold_services: lines, ...held } = await take();
  const job = { ...held, ...people, lane: 0, force_reason: null, forced_by: null };
  const id = newId();
  await insertAppointment(tx, { ...job, id, notes });
  await insertJobServices(tx, id, lines);
  await queueNotices(tx, id, now);
  return shapeNow(tx, id);
};
