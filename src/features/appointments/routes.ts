import { Hono } from 'hono';
import { fail, notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created } from '../../http/answers.ts';
import { type Actor, type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Appointment } from '../../shapes/appointment.ts';
import { AuditRow } from '../../shapes/audit.ts';
import { listOf } from '../../shapes/parts.ts';
import type { Travel } from '../availability/types.ts';
import {
  bookAppointment,
  changeAppointment,
  deleteAppointment,
  moveAppointment,
  restoreAppointment,
} from './commands.ts';
import type { By } from './people.ts';
import { findAppointment, listAppointments, listHistory } from './queries.ts';
import {
  AppointmentPatch,
  appointmentList,
  Booking,
  HistoryList,
  JobServicePatch,
  Move,
  NewJobService,
} from './schema.ts';
import { addJobService, changeJobService, removeJobService } from './service-commands.ts';

const PLACE = [
  ...(['appointment.slot_taken', 'appointment.vehicle_busy', 'appointment.travel_infeasible'] as const),
];
const GUARD = [
  ...PLACE,
  ...(['appointment.outside_hours', 'appointment.outside_area', 'appointment.day_full'] as const),
];

export const appointments = ({ clock, travel }: { clock: () => number; travel: Travel | undefined }) => {
  const by = (actor: Actor): By => ({ actor, now: new Date(clock()).toISOString(), travel });
  return new Hono<Env>()
    .get(
      '/',
      accept({ summary: 'Lists appointments', query: appointmentList, answers: listOf(Appointment) }),
      async (c) => {
        const query = c.req.valid('query');
        return answerPage(
          c,
          await listAppointments(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))),
          query,
        );
      },
    )
    .post(
      '/',
      accept({
        summary: 'Books a job',
        body: Booking,
        answers: Appointment,
        status: 201,
        refuses: GUARD,
        example: {
          customer_id: EXAMPLE_IDS.customer,
          vehicle_id: EXAMPLE_IDS.vehicle,
          technician_id: EXAMPLE_IDS.technician,
          starts_at: '2101-03-07T10:00:00-08:00',
          services: [{ service_id: EXAMPLE_IDS.service }],
        },
      }),
      async (c) => {
        return write(c, async (tx, { actor }) => {
          const made = await bookAppointment(tx, by(actor), c.req.valid('json'));
          return created(made, `/v1/appointments/${made.id}`);
        });
      },
    )
    .get('/:id', accept({ summary: 'Reads a job', answers: Appointment }), async (c) => {
      const found = await findAppointment(
        c.get('sql'),
        pathId(c, 'appointment'),
        onlyOwnJobsOf(c.get('actor')),
      );
      if (found === undefined) throw notFound('appointment');
      return answerShape(c, found);
    })
    .get(
      '/:id/history',
      accept({
        summary: 'Lists who changed the job, the newest first',
        query: HistoryList,
        answers: listOf(AuditRow),
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: pathId(c, 'appointment') };
        if ((await findAppointment(c.get('sql'), query.id, onlyOwnJobsOf(c.get('actor')))) === undefined)
          throw notFound('appointment');
        return answerPage(c, await listHistory(c.get('sql'), query), query);
      },
    )
    .patch(
      '/:id',
      accept({
        summary: 'Reschedules, assigns or edits a job',
        body: AppointmentPatch,
        answers: Appointment,
        refuses: [...GUARD, 'appointment.closed'],
        example: { starts_at: '2101-03-08T09:30:00-08:00', notes: 'Call ahead' },
      }),
      async (c) => {
        const patch = c.req.valid('json');
        assertMayPatch(c.get('actor'), patch);
        const change = { id: pathId(c, 'appointment'), patch, expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => changed(await changeAppointment(tx, by(actor), change)));
      },
    )
    .delete(
      '/:id',
      accept({
        summary: 'Deletes a job, which can be restored',
        answers: Appointment,
        refuses: ['appointment.has_deposit'],
      }),
      async (c) => {
        const deletion = { id: pathId(c, 'appointment'), expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => changed(await deleteAppointment(tx, by(actor), deletion)));
      },
    )
    .post(
      '/:id/restore',
      accept({
        summary: 'Restores a deleted job; an active one passes the booking guard again',
        answers: Appointment,
        refuses: GUARD,
      }),
      async (c) => {
        const id = pathId(c, 'appointment');
        const restoration = { id, expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) =>
          changed(await restoreAppointment(tx, by(actor), restoration)),
        );
      },
    )
    .put(
      '/:id/status',
      accept({
        summary: 'Moves a job to another state',
        body: Move,
        answers: Appointment,
        refuses: [...GUARD, 'appointment.move_refused'],
        example: { status: 'en_route' },
      }),
      async (c) => {
        const move = { id: pathId(c, 'appointment'), ...c.req.valid('json'), expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => changed(await moveAppointment(tx, by(actor), move)));
      },
    )
    .post(
      '/:id/services',
      accept({
        summary: 'Adds a service to a job',
        body: NewJobService,
        answers: Appointment,
        status: 201,
        refuses: ['appointment.closed'],
        example: { service_id: EXAMPLE_IDS.service, quantity: 1 },
      }),
      async (c) => {
        const service = c.req.valid('json');
        assertMayPrice(c.get('actor'), [service]);
        const input = { id: pathId(c, 'appointment'), service, expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => {
          const job = await addJobService(tx, by(actor), input);
          return created(job, `/v1/appointments/${job.id}`);
        });
      },
    )
    .patch(
      '/:id/services/:lineId',
      accept({
        summary: 'Changes a service of a job',
        body: JobServicePatch,
        answers: Appointment,
        refuses: ['appointment.closed', 'service.not_found'],
        example: { quantity: 2 },
      }),
      async (c) => {
        const patch = c.req.valid('json');
        assertMayPrice(c.get('actor'), [patch]);
        const line = {
          id: pathId(c, 'appointment'),
          lineId: pathId(c, 'service', 'lineId'),
          expected: expectedVersion(c),
        };
        return write(c, async (tx, { actor }) =>
          changed(await changeJobService(tx, by(actor), { ...line, patch })),
        );
      },
    )
    .delete(
      '/:id/services/:lineId',
      accept({
        summary: 'Takes a service off a job',
        answers: Appointment,
        refuses: ['appointment.closed', 'service.not_found'],
      }),
      async (c) => {
        const line = {
          id: pathId(c, 'appointment'),
          lineId: pathId(c, 'service', 'lineId'),
          expected: expectedVersion(c),
        };
        return write(c, async (tx, { actor }) => changed(await removeJobService(tx, by(actor), line)));
      },
    );
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
