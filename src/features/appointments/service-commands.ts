import type { Transaction } from '../../database/sql.ts';
import { invalid, notFound } from '../../errors.ts';
import { assertFresh, type Expected } from '../../http/validate.ts';
import { lockForChange, NOBODY, shapeNow } from './commands.ts';
import type { By } from './people.ts';
import { type AppointmentShape, touchAppointment } from './queries.ts';
import { assertOpen } from './rules.ts';
import { type JobServicePatch, MAX_SERVICES, type NewJobService } from './schema.ts';
import {
  deleteJobService,
  insertJobServices,
  listJobServices,
  sellServices,
  updateJobService,
} from './services.ts';

type OnJob = { id: string; expected: Expected };
type OnLine = OnJob & { lineId: string };

export const addJobService = async (
  tx: Transaction,
  by: By,
  input: OnJob & { service: NewJobService },
): Promise<AppointmentShape> => {
  const lines = await lockLines(tx, by, input);
  if (lines.length >= MAX_SERVICES)
    throw invalid('service_id', `is one more than the ${MAX_SERVICES} services that a job can have`);
  const sold = await sellServices(tx, [input.service], { before: lines, pathOf: () => 'service_id' });
  await touchAppointment(tx, input.id);
  await insertJobServices(tx, input.id, sold.lines);
  return shapeNow(tx, input.id);
};

export const changeJobService = async (
  tx: Transaction,
  by: By,
  input: OnLine & { patch: JobServicePatch },
): Promise<AppointmentShape> => {
  const line = await lockLine(tx, by, input);
  await touchAppointment(tx, input.id);
  await updateJobService(tx, line.id, { ...line, ...input.patch });
  return shapeNow(tx, input.id);
};

export const removeJobService = async (tx: Transaction, by: By, input: OnLine): Promise<AppointmentShape> => {
  const line = await lockLine(tx, by, input);
  await touchAppointment(tx, input.id);
  await deleteJobService(tx, line.id);
  return shapeNow(tx, input.id);
};

/** The job's lock is the lines' lock too. */
const lockLines = async (tx: Transaction, by: By, { id, expected }: OnJob) => {
  const { job } = await lockForChange(tx, by, id, NOBODY);
  assertFresh('appointment', expected, job.version);
  assertOpen(job.status);
  return listJobServices(tx, id);
};

const lockLine = async (tx: Transaction, by: By, on: OnLine) => {
  const line = (await lockLines(tx, by, on)).find((one) => one.id === on.lineId);
  if (line === undefined) throw notFound('service');
  return line;
};
