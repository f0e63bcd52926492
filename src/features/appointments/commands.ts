import type { Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import type { Actor } from '../../http/context.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import type { Place } from '../../values/place.ts';
import { addMinutes, minutesBetween } from '../../values/time.ts';
import { lockPeople, passGuard } from './guard.ts';
import {
  type AppointmentFields,
  type AppointmentShape,
  findJob,
  insertAppointment,
  type Job,
  lockJob,
  moveAppointments,
  setDeleted,
  setStatus,
  shapeAppointment,
  updateAppointment,
} from './queries.ts';
import {
  assertMove,
  assertOpen,
  assertSkills,
  assertSpan,
  defaultEnd,
  isActive,
  type Status,
} from './rules.ts';
import type { AppointmentPatch, Booking } from './schema.ts';
import {
  deleteJobServices,
  insertJobServices,
  listJobServices,
  type SoldServices,
  sellServices,
} from './services.ts';

/** Who does it, and the instant now. */
export type By = { actor: Actor; now: string };

/** Books a job. Throws 422 for what cannot be, 409 for a slot or a vehicle that is taken. */
export const bookAppointment = async (tx: Transaction, by: By, input: Booking): Promise<AppointmentShape> => {
  const people = {
    technician_id: input.technician_id ?? null,
    customer_id: input.customer_id,
    vehicle_id: input.vehicle_id ?? null,
  };
  const { skills } = await lockPeople(tx, people);
  const sold = await sellServices(tx, input.services ?? []);
  const { starts_at } = input;
  const ends_at = input.ends_at ?? defaultEnd(starts_at, sold.lines);
  assertSpan(starts_at, ends_at, by.now);
  if (skills !== null) assertSkills(skills, sold.catalog);
  const id = newId();
  const permission = await permitted(tx, by, { id: null, ...people, starts_at, ends_at, force: input.force });
  await insertAppointment(tx, {
    id,
    ...people,
    starts_at,
    ends_at,
    ...columnsOf(input.location ?? null),
    notes: input.notes ?? null,
    ...permission,
  });
  await insertJobServices(tx, id, sold.lines);
  return shapeNow(tx, id);
};

type Change = { id: string; patch: AppointmentPatch; expected: Expected };

/** Reschedules, assigns or edits a job. A new start without a new end keeps the job's length. */
export const changeAppointment = async (
  tx: Transaction,
  by: By,
  change: Change,
): Promise<AppointmentShape> => {
  const { id, patch, expected } = change;
  const { job, skills } = await lockForChange(tx, by, id, (seen) =>
    isReplanned(patch) ? { ...seen, ...patch } : undefined,
  );
  assertFresh('appointment', expected, job.version);
  if (Object.keys(patch).some((field) => field !== 'notes')) assertOpen(job.status);
  const sold =
    patch.services === undefined
      ? undefined
      : await sellServices(tx, patch.services, { before: await listJobServices(tx, id) });
  const next = isReplanned(patch)
    ? await replanned(tx, by, { job, patch, skills, sold })
    : { ...job, notes: patch.notes === undefined ? job.notes : patch.notes };
  await updateAppointment(tx, id, next);
  if (sold !== undefined) {
    await deleteJobServices(tx, id);
    await insertJobServices(tx, id, sold.lines);
  }
  return shapeNow(tx, id);
};

type Replan = { job: Job; patch: AppointmentPatch; skills: string[] | null; sold: SoldServices | undefined };

const replanned = async (
  tx: Transaction,
  by: By,
  { job, patch, skills, sold }: Replan,
): Promise<AppointmentFields> => {
  const { services: _services, location, force, ...fields } = patch;
  const starts_at = patch.starts_at ?? job.starts_at;
  const length = minutesBetween(job.starts_at, job.ends_at);
  const ends_at =
    patch.ends_at ?? (patch.starts_at === undefined ? job.ends_at : addMinutes(starts_at, length));
  const next = {
    ...job,
    ...fields,
    starts_at,
    ends_at,
    ...(location === undefined ? {} : columnsOf(location)),
  };
  // A job that runs late can still be given another end, van or technician: only a new start is held against the clock.
  assertSpan(starts_at, ends_at, patch.starts_at === undefined ? starts_at : by.now);
  if (skills !== null) assertSkills(skills, sold?.catalog ?? (await listJobServices(tx, job.id)));
  if (force === undefined && keepsPlace(job, next)) {
    await passGuard(tx, { ...next, technician_id: null }, false);
    return next;
  }
  return { ...next, ...(await permitted(tx, by, { ...next, force })) };
};

/** The permission to overlap was given for a technician and a time: with both it stays, for either job. */
const keepsPlace = (job: Job, next: AppointmentFields): boolean =>
  next.technician_id === job.technician_id &&
  next.starts_at === job.starts_at &&
  next.ends_at === job.ends_at;

/** Moves a job to another state. Into the state that it has: nothing changes. */
export const moveAppointment = async (
  tx: Transaction,
  by: By,
  move: { id: string; status: Status; expected: Expected },
): Promise<AppointmentShape> => {
  const { id, status, expected } = move;
  const { job } = await lockForChange(tx, by, id, (seen) =>
    !isActive(seen.status) && isActive(status) ? seen : undefined,
  );
  assertFresh('appointment', expected, job.version);
  if (job.status === status) return shapeNow(tx, id);
  assertMove(job.status, status);
  const lane = isActive(job.status) ? job.lane : (await passGuard(tx, job, false)).lane;
  await setStatus(tx, id, { status, lane });
  return shapeNow(tx, id);
};

export const deleteAppointment = async (
  tx: Transaction,
  by: By,
  deletion: { id: string; expected: Expected },
): Promise<AppointmentShape> => {
  const { job } = await lockForChange(tx, by, deletion.id, () => undefined);
  assertFresh('appointment', deletion.expected, job.version);
  await setDeleted(tx, job.id, { isDeleted: true, lane: job.lane });
  return shapeNow(tx, job.id);
};

/** An active job passes the booking guard again. Restoring a job that is not deleted changes nothing. */
export const restoreAppointment = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<AppointmentShape> => {
  const { job } = await lockInOrder(tx, id, (seen) => (isActive(seen.status) ? seen : undefined));
  assertFresh('appointment', expected, job.version);
  if (job.deleted_at === null) return shapeNow(tx, id);
  const lane = isActive(job.status) ? (await passGuard(tx, job, false)).lane : job.lane;
  await setDeleted(tx, id, { isDeleted: false, lane });
  return shapeNow(tx, id);
};

/** All jobs of the one go to the other, with the vehicles. The caller has locked both customers. */
export const giveAppointments = (tx: Transaction, from: string, to: string): Promise<void> =>
  moveAppointments(tx, from, to);

/** Whom to lock before the job, seen from the unlocked job; undefined when the guard is not asked. */
type Planned = (
  seen: Job,
) => { technician_id: string | null; customer_id: string; vehicle_id: string | null } | undefined;

/** The living job, locked, if the actor may see it; technicians see their own only. */
export const lockForChange = async (tx: Transaction, { actor }: By, id: string, planned: Planned) => {
  const locked = await lockInOrder(tx, id, planned);
  const isHidden = actor.role === 'technician' && locked.job.staff_id !== actor.id;
  if (locked.job.deleted_at !== null || isHidden) throw notFound('appointment');
  return locked;
};

/** Technician, customer and vehicle first, then the job: one order everywhere. */
const lockInOrder = async (tx: Transaction, id: string, planned: Planned) => {
  const seen = await findJob(tx, id);
  if (seen === undefined) throw notFound('appointment');
  const people = planned(seen);
  const { skills } = people === undefined ? { skills: null } : await lockPeople(tx, people);
  const job = await lockJob(tx, id);
  if (job === undefined) throw notFound('appointment');
  if (people !== undefined && job.version !== seen.version) {
    // The wrong technician or vehicle may be locked: http/write runs the command again.
    throw fail('database.contention', 'Somebody changed this job at the same moment. Read it and try again.');
  }
  return { job, skills };
};

const isReplanned = (patch: AppointmentPatch): boolean =>
  Object.keys(patch).some((field) => field !== 'notes' && field !== 'services');

type Permission = Pick<AppointmentFields, 'lane' | 'force_reason' | 'forced_by'>;
type ForcedWish = Parameters<typeof passGuard>[1] & { force: { reason: string } | undefined };

/** Passes the guard; a force that was needed is stored with its reason and who said it. */
const permitted = async (
  tx: Transaction,
  { actor }: By,
  { force, ...wish }: ForcedWish,
): Promise<Permission> => {
  const { lane } = await passGuard(tx, wish, force !== undefined);
  const isUsed = lane > 0 && force !== undefined;
  return { lane, force_reason: isUsed ? force.reason : null, forced_by: isUsed ? actor.id : null };
};

const columnsOf = (location: Place | null) => ({
  location_address: location?.address ?? null,
  location_lat: location?.lat ?? null,
  location_lng: location?.lng ?? null,
});

export const shapeNow = async (tx: Transaction, id: string): Promise<AppointmentShape> => {
  const found = await shapeAppointment(tx, id);
  if (found === undefined) throw notFound('appointment');
  return found;
};
