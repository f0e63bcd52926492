import type { Sql, Transaction } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { changeAppointment, lockForChange, moveAppointment, NOBODY } from '../appointments/commands.ts';
import type { By } from '../appointments/people.ts';
import { listStartsOf } from '../availability/offers.ts';
import type { Travel } from '../availability/types.ts';
import { unlessVehicleIsBusy } from './commands.ts';
import {
  findStay,
  findVehicleName,
  type Linked,
  type PublicShape,
  setConfirmed,
  setLinksEnded,
  shapeForCustomer,
} from './queries.ts';
import { assertCustomersTurn, busyVehicleNotes } from './rules.ts';
import type { OtherStartsQuery } from './schema.ts';

/** What the link opened, and the version that the client may have named. */
export type On = { link: Pick<Linked, 'id' | 'is_confirmed'>; expected: Expected };

/** A second time changes nothing. */
export const confirmJob = async (tx: Transaction, by: By, { link, expected }: On): Promise<PublicShape> => {
  const { job } = await lockForChange(tx, by, link.id, NOBODY);
  assertFresh('appointment', expected, job.version);
  if (!link.is_confirmed) assertCustomersTurn(job, by.now);
  await setConfirmed(tx, job.id, by.now);
  return shapeNow(tx, job.id);
};

/** Moves the job to another start, under every rule of a new booking; the technician stays. */
export const rescheduleJob = async (
  tx: Transaction,
  by: By,
  { link, expected, starts_at }: On & { starts_at: string },
): Promise<PublicShape> => {
  const { job } = await lockForChange(tx, by, link.id, { whom: (seen) => seen });
  assertFresh('appointment', expected, job.version);
  assertCustomersTurn(job, by.now);
  if (Date.parse(starts_at) === Date.parse(job.starts_at)) return shapeNow(tx, job.id);
  const move = (patch: { vehicle_id?: null; notes?: string | null }) =>
    changeAppointment(tx, by, { id: job.id, patch: { starts_at, ...patch }, expected: undefined });
  await unlessVehicleIsBusy(
    tx,
    () => move({}),
    async () => {
      const vehicle = await findVehicleName(tx, job.vehicle_id ?? job.id);
      return move({ vehicle_id: null, notes: busyVehicleNotes(job.notes, vehicle ?? 'The vehicle') });
    },
  );
  return shapeNow(tx, job.id);
};

/** A page of the starts to which rescheduleJob could move it, judged as it will judge them. */
export const listOtherStarts = async (
  sql: Sql,
  id: string,
  { query, now, travel }: { query: OtherStartsQuery; now: number; travel: Travel | undefined },
): Promise<string> => {
  const job = await findStay(sql, id);
  if (job === undefined) throw notFound('appointment');
  assertCustomersTurn(job, new Date(now).toISOString());
  const { technician_id: technicianId, skills, place, length_ms: lengthMs } = job;
  const whose = technicianId === null ? { skills } : { technicianId };
  const sought = { id, place, skills, lengthMs };
  return listStartsOf(sql, query, { job: sought, whose, now, isPublic: true, travel });
};

/** A job that is called off already stays so. */
export const cancelJob = async (tx: Transaction, by: By, { link, expected }: On): Promise<PublicShape> => {
  const { job } = await lockForChange(tx, by, link.id, NOBODY);
  assertFresh('appointment', expected, job.version);
  if (job.status !== 'canceled') {
    assertCustomersTurn(job, by.now);
    await moveAppointment(tx, by, { id: job.id, status: 'canceled', expected: undefined });
  }
  return shapeNow(tx, job.id);
};

/** No link that was given out opens the job any more. */
export const endLinks = async (
  tx: Transaction,
  by: By,
  { id, expected }: { id: string; expected: Expected },
): Promise<void> => {
  const { job } = await lockForChange(tx, by, id, NOBODY);
  assertFresh('appointment', expected, job.version);
  await setLinksEnded(tx, job.id);
};

const shapeNow = async (tx: Transaction, id: string): Promise<PublicShape> => {
  const found = await shapeForCustomer(tx, id);
  if (found === undefined) throw notFound('appointment');
  return found;
};
