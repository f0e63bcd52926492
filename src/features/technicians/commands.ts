import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { fail, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import {
  findByStaff,
  findTechnician,
  hasActiveJobs,
  insertTechnician,
  type LockedTechnician,
  lockTechnician,
  setHours,
  type TechnicianShape,
  updateTechnician,
} from './queries.ts';
import { initialsOf } from './rules.ts';
import type { NewTechnician, TechnicianFields, TechnicianPatch } from './schema.ts';

const EMPTY = { phone: null, skills: [], start: null, staff_id: null, is_active: true };

export const addTechnician = async (tx: Transaction, input: NewTechnician): Promise<TechnicianShape> => {
  const id = newId();
  const technician: TechnicianFields = { ...EMPTY, initials: initialsOf(input.name), ...input };
  await namingHolder(tx, holders(tx, technician.staff_id), () => insertTechnician(tx, id, technician));
  return shapeNow(tx, id);
};

type Change = { id: string; patch: TechnicianPatch; expected: Expected };

/** Bookings lock the technician too: none can slip in between the look at the jobs and the end of the work. */
export const changeTechnician = async (
  tx: Transaction,
  { id, patch, expected }: Change,
): Promise<TechnicianShape> => {
  const current = await lockFreshTechnician(tx, id, expected);
  const next: TechnicianFields = { ...current, ...patch };
  if (current.is_active && !next.is_active && (await hasActiveJobs(tx, id))) {
    throw fail(
      'technician.has_active_jobs',
      'This technician has jobs that are not finished. Give them to somebody else, cancel or finish them first.',
    );
  }
  await namingHolder(tx, holders(tx, next.staff_id), () => updateTechnician(tx, id, next));
  return shapeNow(tx, id);
};

/** Whoever plans with a technician waits in the line for this row. Throws technician.not_found, technician.stale. */
export const lockFreshTechnician = async (
  tx: Transaction,
  id: string,
  expected: Expected,
): Promise<LockedTechnician> => {
  const current = await lockTechnician(tx, id);
  if (current === undefined) throw notFound('technician');
  assertFresh('technician', expected, current.version);
  return current;
};

/** `hours` as the column holds them, null for none; to be called behind lockFreshTechnician. */
export const setWeeklyHours = (tx: Transaction, id: string, hours: readonly object[] | null): Promise<void> =>
  setHours(tx, id, hours);

const shapeNow = async (tx: Transaction, id: string): Promise<TechnicianShape> => {
  const found = await findTechnician(tx, id);
  if (found === undefined) throw notFound('technician');
  return found;
};

const holders = (tx: Transaction, staffId: string | null) => ({
  technicians_staff_taken: () => findByStaff(tx, staffId),
});
