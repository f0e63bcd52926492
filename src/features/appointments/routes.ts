import { Hono } from 'hono';
import { fail, notFound } from '../../errors.ts';
import { answerCreated, answerShape } from '../../http/answers.ts';
import { type Actor, type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { accept, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import {
  type By,
  bookAppointment,
  changeAppointment,
  deleteAppointment,
  moveAppointment,
  restoreAppointment,
} from './commands.ts';
import { findAppointment, listAppointments } from './queries.ts';
import {
  AppointmentPatch,
  appointmentList,
  Booking,
  JobServicePatch,
  Move,
  NewJobService,
} from './schema.ts';
import { addJobService, changeJobService, removeJobService } from './service-commands.ts';

type Shop = { zone: string; clock: () => number };

export const appointments = ({ zone, clock }: Shop) => {
  const by = (actor: Actor): By => ({ actor, now: new Date(clock()).toISOString() });
  return new Hono<Env>()
    .get('/', accept({ query: appointmentList(zone) }), async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listAppointments(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))), query);
    })
    .post('/', accept({ body: Booking }), async (c) => {
      const made = await write(c, (tx, { actor }) => bookAppointment(tx, by(actor), c.req.valid('json')));
      return answerCreated(c, made, `/v1/appointments/${made.id}`);
    })
    .get('/:id', accept(), async (c) => {
      const found = await findAppointment(
        c.get('sql'),
        pathId(c, 'appointment'),
        onlyOwnJobsOf(c.get('actor')),
      );
      if (found === undefined) throw notFound('appointment');
      return answerShape(c, found);
    })
    .patch('/:id', accept({ body: AppointmentPatch }), async (c) => {
      const patch = c.req.valid('json');
      assertMayPatch(c.get('actor'), patch);
      const change = { id: pathId(c, 'appointment'), patch, expected: expectedVersion(c) };
      return answerShape(c, await write(c, (tx, { actor }) => changeAppointment(tx, by(actor), change)));
    })
    .delete('/:id', accept(), async (c) => {
      const deletion = { id: pathId(c, 'appointment'), expected: expectedVersion(c) };
      return answerShape(c, await write(c, (tx, { actor }) => deleteAppointment(tx, by(actor), deletion)));
    })
    .post('/:id/restore', accept(), async (c) => {
      const id = pathId(c, 'appointment');
      return answerShape(c, await write(c, (tx) => restoreAppointment(tx, id)));
    })
    .put('/:id/status', accept({ body: Move }), async (c) => {
      const move = { id: pathId(c, 'appointment'), ...c.req.valid('json'), expected: expectedVersion(c) };
      return answerShape(c, await write(c, (tx, { actor }) => moveAppointment(tx, by(actor), move)));
    })
    .post('/:id/services', accept({ body: NewJobService }), async (c) => {
      const service = c.req.valid('json');
      assertMayPrice(c.get('actor'), [service]);
      const input = { id: pathId(c, 'appointment'), service, expected: expectedVersion(c) };
      const job = await write(c, (tx, { actor }) => addJobService(tx, by(actor), input));
      return answerCreated(c, job, `/v1/appointments/${job.id}`);
    })
    .patch('/:id/services/:lineId', accept({ body: JobServicePatch }), async (c) => {
      const patch = c.req.valid('json');
      assertMayPrice(c.get('actor'), [patch]);
      const line = {
        id: pathId(c, 'appointment'),
        lineId: pathId(c, 'service', 'lineId'),
        expected: expectedVersion(c),
      };
      return answerShape(
        c,
        await write(c, (tx, { actor }) => changeJobService(tx, by(actor), { ...line, patch })),
      );
    })
    .delete('/:id/services/:lineId', accept(), async (c) => {
      const line = {
        id: pathId(c, 'appointment'),
        lineId: pathId(c, 'service', 'lineId'),
        expected: expectedVersion(c),
      };
      return answerShape(c, await write(c, (tx, { actor }) => removeJobService(tx, by(actor), line)));
    });
};

/** A technician changes the notes and the services of a job, and no prices. */
const assertMayPatch = (actor: Actor, patch: AppointmentPatch): void => {
  if (actor.role !== 'technician') return;
  const denied = Object.keys(patch).find((field) => field !== 'notes' && field !== 'services');
  if (denied !== undefined) throw notAllowed(denied);
  assertMayPrice(actor, patch.services ?? []);
};

const assertMayPrice = (actor: Actor, services: readonly { price_cents?: number }[]): void => {
  if (actor.role === 'technician' && services.some((one) => one.price_cents !== undefined))
    throw notAllowed('price_cents');
};

const notAllowed = (field: string): Error =>
  fail('access.role_not_allowed', `A technician may change notes and services of a job, but not ${field}.`);
