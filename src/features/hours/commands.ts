import type { Json, Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import type { Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { lockFreshTechnician, setWeeklyHours } from '../technicians/commands.ts';
import {
  deleteSpan,
  findHours,
  type HoursShape,
  insertClosure,
  insertSpan,
  lockAllTechnicians,
  shapeSpan,
  shapeWithJobs,
  type TechnicianTable,
} from './queries.ts';
import { assertSpan, type WeeklySpan } from './rules.ts';
import type { NewSpan } from './schema.ts';

type OfTechnician = { technicianId: string; expected: Expected };
type Made = { id: string; shape: Json };

/** Null takes the hours away: open around the clock. Jobs that are booked stay where they are. */
export const changeHours = async (
  tx: Transaction,
  { technicianId, expected, hours }: OfTechnician & { hours: WeeklySpan[] | null },
): Promise<HoursShape> => {
  await lockFreshTechnician(tx, technicianId, expected);
  await setWeeklyHours(tx, technicianId, hours);
  return there(await findHours(tx, technicianId));
};

/** Answers with the jobs that lie in it: under the technician's lock, which bookings take too, none is missed. */
export const addTimeOff = async (tx: Transaction, input: OfTechnician & { span: NewSpan }): Promise<Made> => {
  const id = await addSpan(tx, 'time_off', input);
  const { technicianId } = input;
  return { id, shape: there(await shapeWithJobs(tx, 'time_off', { id, technicianId })) };
};

export const addExtraHours = async (
  tx: Transaction,
  input: OfTechnician & { span: NewSpan },
): Promise<Made> => {
  const id = await addSpan(tx, 'extra_hours', input);
  return { id, shape: there(await shapeSpan(tx, 'extra_hours', id)) };
};

/** Throws time_off.not_found, extra_hours.not_found; technician.not_found for an unknown technician. */
export const removeSpan = async (
  tx: Transaction,
  table: TechnicianTable,
  { id, technicianId, expected }: OfTechnician & { id: string },
): Promise<Json> => {
  await lockFreshTechnician(tx, technicianId, expected);
  const gone = await deleteSpan(tx, table, { id, technicianId });
  if (gone === undefined) throw notFound(table);
  return gone;
};

/**
 * A booking locks its technician: behind the locks of all of them no job that is being booked is missed, but for
 * one that has no technician yet.
 */
export const addClosure = async (tx: Transaction, span: NewSpan): Promise<Made> => {
  assertSpan(span.starts_at, span.ends_at);
  await lockAllTechnicians(tx);
  const id = newId();
  await insertClosure(tx, { reason: null, ...span, id });
  return { id, shape: there(await shapeWithJobs(tx, 'closures', { id, technicianId: null })) };
};

export const removeClosure = async (tx: Transaction, id: string): Promise<Json> => {
  const gone = await deleteSpan(tx, 'closures', { id, technicianId: null });
  if (gone === undefined) throw notFound('closure');
  return gone;
};

const addSpan = async (
  tx: Transaction,
  table: TechnicianTable,
  { technicianId, expected, span }: OfTechnician & { span: NewSpan },
): Promise<string> => {
  assertSpan(span.starts_at, span.ends_at);
  await lockFreshTechnician(tx, technicianId, expected);
  const id = newId();
  await insertSpan(tx, table, { reason: null, ...span, id, technician_id: technicianId });
  return id;
};

/** Just written or locked in this transaction. */
const there = <Found>(found: Found | undefined): Found => {
  if (found === undefined) throw new Error('what was written is gone');
  return found;
};
