import { Appointment } from './appointment.ts';
import { AuditRow } from './audit.ts';
import { BookableStart, Explanation } from './availability.ts';
import { Board, BoardStats, Card } from './board.ts';
import { CalendarAddress } from './calendar.ts';
import { BoardTicket, Change } from './change.ts';
import { Customer, Profile } from './customer.ts';
import { Day } from './day.ts';
import { Authorization, Authorized, Estimate, EstimateSent, PublicEstimate } from './estimate.ts';
import { Hold } from './hold.ts';
import { Closure, ExtraHours, Hours, TimeOff } from './hours.ts';
import { Invoice } from './invoice.ts';
import { Delivery, Message, MessageTemplate } from './message.ts';
import { Note } from './note.ts';
import { OdometerReading } from './odometer.ts';
import { Payment, PaymentMade, Refund, RefundMade, Trial } from './payment.ts';
import {
  PublicAppointment,
  PublicBooking,
  PublicHold,
  PublicService,
  PublicShop,
  PublicStart,
} from './public.ts';
import { NoShows, Receivables, Revenue, TechnicianReport } from './report.ts';
import { Service } from './service.ts';
import { ServiceArea } from './service-area.ts';
import { Settings } from './settings.ts';
import { Person, Staff, Tokens } from './staff.ts';
import { Technician } from './technician.ts';
import { Vehicle } from './vehicle.ts';
import { Vin } from './vin.ts';
import { Webhook, WebhookDelivery, WebhookWithSecret } from './webhook.ts';

/** The shapes that the OpenAPI document, and so a generated client, knows by name. */
export const NAMED = {
  Appointment,
  AuditRow,
  Authorization,
  Authorized,
  Board,
  BoardStats,
  BoardTicket,
  BookableStart,
  CalendarAddress,
  Card,
  Change,
  Closure,
  Customer,
  Day,
  Delivery,
  Estimate,
  EstimateSent,
  Explanation,
  ExtraHours,
  Hold,
  Hours,
  Invoice,
  Message,
  MessageTemplate,
  NoShows,
  Note,
  OdometerReading,
  Payment,
  PaymentMade,
  Person,
  Profile,
  PublicAppointment,
  PublicBooking,
  PublicEstimate,
  PublicHold,
  PublicService,
  PublicShop,
  PublicStart,
  Receivables,
  Refund,
  RefundMade,
  Revenue,
  Service,
  ServiceArea,
  Settings,
  Staff,
  Technician,
  TechnicianReport,
  TimeOff,
  Tokens,
  Trial,
  Vehicle,
  Vin,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
};
