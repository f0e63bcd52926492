import * as v from 'valibot';
import { Appointment } from './appointment.ts';
import { Message } from './message.ts';
import { cents, count, edited, flag, id, instant, listOf, maybe, text, texts } from './parts.ts';
import { Payment } from './payment.ts';
import { Vehicle } from './vehicle.ts';

export const Customer = v.strictObject({
  id: id(),
  name: text(),
  email: maybe(text()),
  phone: maybe(v.pipe(text(), v.description('E.164'))),
  address: maybe(text()),
  notes: maybe(text()),
  tags: texts(),
  is_vip: flag(),
  sms_consent: flag(),
  deleted_at: maybe(instant()),
  ...edited(),
});

const Visit = v.strictObject({
  ...Appointment.entries,
  vehicle: maybe(Vehicle),
  payments: v.array(Payment),
  messages: v.array(Message),
});

export const Profile = v.strictObject({
  customer: Customer,
  vehicles: v.array(Vehicle),
  appointments: listOf(Visit),
  totals: v.strictObject({
    lifetime_spend_cents: cents(),
    unpaid_cents: cents(),
    visits: count(),
    completed_visits: count(),
    last_visit_at: maybe(instant()),
    is_vip: flag(),
    is_overdue: flag(),
  }),
});
