import { noteChange } from '../../database/journal.ts';
import type { Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import type { Place } from '../../values/place.ts';
import { RULE_NAMES } from '../availability/rules.ts';
import { queueNotices } from '../outbox/commands.ts';
import { type By, lockPeople } from './people.ts';
import { buffersOf, COMING_BACK, columnsOf, permitted, plannedOf, replanned } from './plan.ts';
import {
  type AppointmentShape,
  findJob,
  insertAppointment,
  type Job,
  lockJob,
  moveAppointments,
  setDeleted,
  setStatus,
  shapeAppointment,
  touchAppointment,
  updateAppointment,
} from './queries.ts';
import { assertMove, assertNoDeposit, assertOpen, defaultEnd, isActive, type Status } from './rules.ts';
import type { AppointmentPatch, Booking } from './schema.ts';
import { deleteJobServices, insertJobServices, listJobServices, sellServices } from './services.ts';

/** Books a job. Throws 422 for what cannot be, 409 for a slot or a vehicle that is taken. */
export const bookAppointment = async (tx: Transaction, by: By, input: Booking): Promise<AppointmentShape> => {
  const people = {
    technician_id: input.technician_id ?? null,
    customer_id: input.customer_id,
    vehicle_id: input.vehicle_id ?? null,
  };
  const sold = await sellServices(tx, input.services ?? []);
  const { starts_at } = input;
  const ends_at = input.ends_at ?? defaultEnd(starts_at, sold.lines);
  const location: Place | null = input.location ?? null;
  const place = { starts_at, ends_at, ...columnsOf(location) };
  const wanted = {
    planned: {
      ...{ id: null, ...people, starts_at, ends_at, place: location },
      skills: sold.catalog.flatMap((service) => service.skills),
    },
    rules: RULE_NAMES,
    force: input.force,
  };
  await lockPeople(tx, people, () => permitted(tx, by, { ...wanted, isLook: true }));
  const permission = await permitted(tx, by, wanted);
  const id = newId();
  await insertAppointment(tx, { id, ...people, ...place, notes: input.notes ?? null, ...permission });
  await insertJobServices(tx, id, sold.lines);
  await queueNotices(tx, id, by.now);
  return shapeNow(tx, id);
};

type Change = { id: string; patch: AppointmentPatch; expected: Expected };

/** Reschedules, assigns or edits a job. */
export const changeAppointment = async (
  tx: Transaction,
  by: By,
  change: Change,
): Promise<AppointmentShape> => {
  const { id, patch, expected } = change;
  const look = async (seen: Job): Promise<void> => {
    assertFresh('appointment', expected, seen.version);
    const skills = () => skillsOf(tx, id);
    if (patch.services === undefined) await replanned(tx, by, { job: seen, patch, skills, isLook: true });
  };
  const { job } = await lockForChange(tx, by, id, {
    whom: (seen) => (isReplanned(patch) ? { ...seen, ...patch } : undefined),
    look,
  });
  assertFresh('appointment', expected, job.version);
  if (Object.keys(patch).some((field) => field !== 'notes')) assertOpen(job.status);
  const sold =
    patch.services === undefined
      ? undefined
      : await sellServices(tx, patch.services, { before: await listJobServices(tx, id) });
  const skills = async (): Promise<string[]> =>
    sold === undefined ? skillsOf(tx, id) : sold.catalog.flatMap((service) => service.skills);
  const next = isReplanned(patch)
    ? await replanned(tx, by, { job, patch, skills })
    : { ...job, notes: patch.notes === undefined ? job.notes : patch.notes };
  await updateAppointment(tx, id, next);
  if (sold !== undefined) {
    await deleteJobServices(tx, id);
    await insertJobServices(tx, id, sold.lines);
  }
  if (next.starts_at !== job.starts_at) await queueNotices(tx, id, by.now);
  return shapeNow(tx, id);
};

const skillsOf = async (tx: Transaction, id: string): Promise<string[]> =>
  (await listJobServices(tx, id)).flatMap((service) => service.skills);

type Move = { id: string; status: Status; expected: Expected };

/** Moves a job to another state. Into the state that it has: nothing changes. */
export const moveAppointment = async (tx: Transaction, by: By, move: Move): Promise<AppointmentShape> => {
  await moveJob(tx, by, move);
  return shapeNow(tx, move.id);
};

type SeenMove = Move & { assertSeen?: (job: Job) => Promise<void>; locked?: () => Promise<void> };

/**
 * The same, and tells the job as it was. `assertSeen` refuses it before any rule does; `locked` runs under the job's lock
 * before anything changes.
 */
export const moveJob = async (
  tx: Transaction,
  by: By,
  { id, status, expected, assertSeen, locked }: SeenMove,
): Promise<Job> => {
  const assertExpected = async (job: Job): Promise<void> => {
    assertFresh('appointment', expected, job.version);
    await assertSeen?.(job);
  };
  const look = async (seen: Job): Promise<void> => {
    await assertExpected(seen);
    assertMove(seen.status, status);
    await laneComingBack(tx, by, seen, true);
  };
  const { job } = await lockForChange(tx, by, id, {
    whom: (seen) => (!isActive(seen.status) && isActive(status) ? seen : undefined),
    look,
  });
  await assertExpected(job);
  await locked?.();
  if (job.status === status) return job;
  assertMove(job.status, status);
  const lane = isActive(job.status) ? job.lane : await laneComingBack(tx, by, job);
  await setStatus(tx, id, { status, lane });
  await queueNotices(tx, id, by.now);
  return job;
};

/** A place on the board is no field of the job: by this its version and its history learn of it. */
export const repositionJob = async (
  tx: Transaction,
  id: string,
  position: { from: number; to: number },
): Promise<void> => {
  const version = await touchAppointment(tx, id);
  await noteChange(tx, { entity: 'appointment', entityId: id, version, changes: { position } });
};

export const deleteAppointment = async (
  tx: Transaction,
  by: By,
  deletion: { id: string; expected: Expected },
): Promise<AppointmentShape> => {
  const { job } = await lockForChange(tx, by, deletion.id, NOBODY);
  assertFresh('appointment', deletion.expected, job.version);
  assertNoDeposit(job);
  await setDeleted(tx, job.id, { isDeleted: true, lane: job.lane });
  await queueNotices(tx, job.id, by.now);
  return shapeNow(tx, job.id);
};

/** An active job passes the booking guard again. Restoring a job that is not deleted changes nothing. */
export const restoreAppointment = async (
  tx: Transaction,
  by: By,
  { id, expected }: { id: string; expected: Expected },
): Promise<AppointmentShape> => {
  const { job } = await lockInOrder(tx, id, {
    whom: (seen) => (isActive(seen.status) ? seen : undefined),
    isThere: () => true,
  });
  assertFresh('appointment', expected, job.version);
  if (job.deleted_at === null) return shapeNow(tx, id);
  const lane = isActive(job.status) ? await laneComingBack(tx, by, job) : job.lane;
  await setDeleted(tx, id, { isDeleted: false, lane });
  await queueNotices(tx, id, by.now);
  return shapeNow(tx, id);
};

const laneComingBack = async (tx: Transaction, by: By, job: Job, isLook = false): Promise<number> => {
  const planned = { ...plannedOf(job), ...buffersOf(job) };
  return (await permitted(tx, by, { planned, rules: COMING_BACK, isLook })).lane;
};

/** All jobs of the one go to the other, with the vehicles. The caller has locked both customers. */
export const giveAppointments = (tx: Transaction, from: string, to: string): Promise<void> =>
  moveAppointments(tx, from, to);

type Guarded = {
  /** Whom to lock before the job, seen from the unlocked job; undefined when the guard is not asked. */
  whom: (
    seen: Job,
  ) => { technician_id: string | null; customer_id: string; vehicle_id: string | null } | undefined;
  /** See lockCalendar. */
  look?: (seen: Job) => Promise<void>;
};

/** For changes that ask nothing of the guard. */
export const NOBODY: Guarded = { whom: () => undefined };

/** The living job, locked, if the actor may see it; technicians see their own only. */
export const lockForChange = (tx: Transaction, { actor }: By, id: string, guarded: Guarded) =>
  lockInOrder(tx, id, {
    ...guarded,
    isThere: (job) => job.deleted_at === null && (actor.role !== 'technician' || job.staff_id === actor.id),
  });

type Wanted = Guarded & { isThere: (job: Job) => boolean };

/** Technician, customer and vehicle first, then the job: one order everywhere. */
const lockInOrder = async (tx: Transaction, id: string, { whom, look, isThere }: Wanted) => {
  const seen = await findJob(tx, id);
  // Before anybody is locked, or named by a refusal.
  if (seen === undefined || !isThere(seen)) throw notFound('appointment');
  const people = whom(seen);
  if (people !== undefined) await lockPeople(tx, people, look && (() => look(seen)));
  const job = await lockJob(tx, id);
  if (job === undefined || !isThere(job)) throw notFound('appointment');
  if (whom(job) !== undefined && job.version !== seen.version) {
    // Nobody or the wrong people may be locked: http/write runs the command again.
    throw fail('database.contention', 'Somebody changed this job at the same moment. Read it and try again.');
  }
  return { job };
};

const isReplanned = (patch: AppointmentPatch): boolean =>
  Object.keys(patch).some((field) => field !== 'notes' && field !== 'services');

export const shapeNow = async (tx: Transaction, id: string): Promise<AppointmentShape> => {
  const found = await shapeAppointment(tx, id);
  if (found === undefined) throw notFound('appointment');
  return found;
};
