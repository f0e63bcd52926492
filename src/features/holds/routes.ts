import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, created, told } from '../../http/answers.ts';
import type { Actor, Env } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Appointment } from '../../shapes/appointment.ts';
import { Hold, Released } from '../../shapes/hold.ts';
import type { By } from '../appointments/held.ts';
import { confirmHold, holdStart, releaseHold } from './commands.ts';
import { findHold } from './queries.ts';
import { Confirmation, NewHold } from './schema.ts';

const PLACE = [
  'appointment.slot_taken',
  'appointment.outside_hours',
  'appointment.travel_infeasible',
] as const;
const DAY = ['appointment.outside_area', 'appointment.day_full'] as const;

export const holds = ({ clock, travel }: { clock: () => number; travel: By['travel'] }) => {
  const now = (): string => new Date(clock()).toISOString();
  const by = (actor: Actor) => ({ actor, now: now(), travel });
  return new Hono<Env>()
    .post(
      '/',
      accept({
        summary: 'Holds a start for some minutes',
        body: NewHold,
        answers: Hold,
        status: 201,
        refuses: [...PLACE, ...DAY],
        example: {
          technician_id: EXAMPLE_IDS.technician,
          starts_at: '2101-03-09T10:00:00-08:00',
          service_ids: [EXAMPLE_IDS.service],
          minutes: 10,
        },
      }),
      async (c) =>
        write(c, async (tx, { actor }) => {
          const made = await holdStart(tx, by(actor), c.req.valid('json'));
          return created(made, `/v1/holds/${made.id}`);
        }),
    )
    .get('/:id', accept({ summary: 'Reads a hold while it lasts', answers: Hold }), async (c) => {
      const found = await findHold(c.get('sql'), pathId(c, 'hold'), now());
      if (found === undefined) throw notFound('hold');
      return answerShape(c, found);
    })
    .delete('/:id', accept({ summary: 'Releases a hold', answers: Released }), async (c) => {
      const release = { id: pathId(c, 'hold'), expected: expectedVersion(c) };
      return write(c, async (tx, { actor }) => {
        await releaseHold(tx, by(actor), release);
        return told({ released: true });
      });
    })
    .post(
      '/:id/confirm',
      accept({
        summary: 'Books what is held',
        body: Confirmation,
        answers: Appointment,
        status: 201,
        refuses: ['appointment.vehicle_busy'],
        example: { customer_id: EXAMPLE_IDS.customer, vehicle_id: EXAMPLE_IDS.vehicle },
      }),
      async (c) => {
        const confirmation = {
          id: pathId(c, 'hold'),
          expected: expectedVersion(c),
          ...c.req.valid('json'),
        };
        return write(c, async (tx, { actor }) => {
          const made = await confirmHold(tx, by(actor), confirmation);
          return created(made, `/v1/appointments/${made.id}`);
        });
      },
    );
};
