import { namingHolder } from '../../database/holders.ts';
import type { Transaction } from '../../database/sql.ts';
import { fail, invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { newId } from '../../values/id.ts';
import { lockPeople } from '../appointments/people.ts';
import { taxesNow } from '../invoices/commands.ts';
import { sumsOf, undiscounted } from '../invoices/rules.ts';
import { assertNamed, type Catalog, reckonedOf, type StoredLine, wantedOf } from './lines.ts';
import {
  deleteEstimate,
  deleteLines,
  type Estimate,
  type EstimateShape,
  findEstimate,
  findEstimateOfJob,
  insertEstimate,
  insertLines,
  listLines,
  listServices,
  lockEstimate,
  lockJobOf,
  lockJobOfEstimate,
  moveEstimates,
  setFields,
  setSums,
  shapeEstimate,
} from './queries.ts';
import { assertDraft, assertOpen, assertVehicleOfJob, standingOf } from './rules.ts';
import type { EstimatePatch, NewEstimate, NewLine } from './schema.ts';

export type OnEstimate = { id: string; expected: Expected };

/** A draft: nobody has it yet. Throws 422 for whom or what the shop does not know. */
export const makeEstimate = async (tx: Transaction, input: NewEstimate): Promise<EstimateShape> => {
  const { customer_id, vehicle_id = null, appointment_id = null, notes = null, valid_until = null } = input;
  await lockPeople(tx, { technician_id: null, customer_id, vehicle_id });
  if (appointment_id !== null) {
    const job = await lockJobOf(tx, appointment_id, customer_id);
    if (job === undefined) throw invalid('appointment_id', 'is not a job of this customer');
    assertVehicleOfJob(vehicle_id, job.vehicle_id);
  }
  const lines = await newLines(tx, { patch: input, known: [], version: 1 });
  const id = newId();
  const row = { id, customer_id, vehicle_id, appointment_id, notes, valid_until, ...sumsOf(lines) };
  const holder = { estimates_one_per_appointment: () => findEstimateOfJob(tx, appointment_id ?? '') };
  await namingHolder(tx, holder, () => insertEstimate(tx, row));
  await insertLines(tx, id, lines);
  return shapeNow(tx, id);
};

type Asked = {
  patch: Pick<EstimatePatch, 'lines' | 'discount_cents'>;
  known: readonly StoredLine[];
  version: number;
  isAnew?: boolean;
};

const newLines = async (tx: Transaction, { patch, ...asked }: Asked): Promise<StoredLine[]> => {
  const { lines: given, discount_cents: discountCents } = patch;
  if (given !== undefined) assertNamed(given, asked.known);
  const wanted =
    given === undefined
      ? asked.known.map(undiscounted)
      : wantedOf(given, { catalog: await catalogOf(tx, given), newId });
  if (wanted.length === 0 && discountCents === undefined) return [];
  return reckonedOf(wanted, { ...asked, taxes: await taxesNow(tx), discountCents, newId });
};

const catalogOf = async (tx: Transaction, given: readonly NewLine[]): Promise<Catalog> => {
  const ids = [...new Set(given.flatMap(({ service_id }) => service_id ?? []))];
  if (ids.length === 0) return new Map();
  return new Map((await listServices(tx, ids)).map(({ service_id, items }) => [service_id, items]));
};

/** A line that is not as it was needs a word of the customer anew; of another vehicle every line does. */
export const changeEstimate = async (
  tx: Transaction,
  { patch, ...on }: OnEstimate & { patch: EstimatePatch },
): Promise<EstimateShape> => {
  const { vehicle_id } = patch;
  if (vehicle_id !== undefined && vehicle_id !== null) await lockOwner(tx, on.id, vehicle_id);
  const estimate = await lockNamed(tx, on);
  assertOpen(estimate);
  assertVehicleOfJob(vehicle_id ?? null, estimate.job_vehicle_id);
  const { id } = estimate;
  if (Object.keys(patch).length === 0) return shapeNow(tx, id);
  const isAnew = vehicle_id !== undefined && vehicle_id !== estimate.vehicle_id;
  const isReckoned = patch.lines !== undefined || patch.discount_cents !== undefined;
  const known = isAnew || isReckoned ? await listLines(tx, id) : [];
  const version = estimate.version + 1;
  const lines = isReckoned
    ? await newLines(tx, { patch, known, version, isAnew })
    : known.map((line) => ({ ...line, since_version: version, decision: null }));
  const isTouched = isAnew || isReckoned;
  const status = isTouched ? standingOf(estimate.status, lines) : estimate.status;
  await setFields(tx, id, { ...estimate, ...given(patch), status });
  if (isTouched) {
    await setSums(tx, id, sumsOf(lines));
    await deleteLines(tx, id);
    await insertLines(tx, id, lines);
  }
  return shapeNow(tx, id);
};

const given = ({ lines: _lines, discount_cents: _discount, ...fields }: EstimatePatch) => fields;

/** Customer and vehicle before the estimate: one order everywhere. */
const lockOwner = async (tx: Transaction, id: string, vehicle_id: string): Promise<void> => {
  const seen = await findEstimate(tx, id);
  if (seen === undefined) throw notFound('estimate');
  await lockPeople(tx, { technician_id: null, customer_id: seen.customer_id, vehicle_id });
};

/** Locks its job too, and before it. Throws estimate.not_found, estimate.stale. */
export const lockNamed = async (tx: Transaction, { id, expected }: OnEstimate): Promise<Estimate> => {
  const jobId = await lockJobOfEstimate(tx, id);
  const estimate = await lockEstimate(tx, id);
  if (estimate === undefined) throw notFound('estimate');
  // It became a job in between, whose lock is not ours: http/write runs the command again.
  if (estimate.appointment_id !== jobId) throw changedMeanwhile();
  assertFresh('estimate', expected, estimate.version);
  return estimate;
};

/** A draft is gone for good, for nobody has seen it; what it was is given back. */
export const removeEstimate = async (tx: Transaction, on: OnEstimate): Promise<EstimateShape> => {
  const estimate = await lockNamed(tx, on);
  assertDraft(estimate);
  const shape = await shapeNow(tx, estimate.id);
  await deleteEstimate(tx, estimate.id);
  return shape;
};

/** All estimates of the one go to the other. The caller has locked both customers. */
export const giveEstimates = (tx: Transaction, from: string, to: string): Promise<void> =>
  moveEstimates(tx, from, to);

/** As it stands in this transaction. */
export const shapeNow = async (tx: Transaction, id: string): Promise<EstimateShape> => {
  const found = await shapeEstimate(tx, id);
  if (found === undefined) throw notFound('estimate');
  return found;
};

export const changedMeanwhile = (): Error =>
  fail('database.contention', 'Somebody changed this estimate at the same moment. Read it and try again.');
