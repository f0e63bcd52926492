import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { added, answerShape, changed, created } from '../../http/answers.ts';
import { type Ctx, type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Appointment } from '../../shapes/appointment.ts';
import { OdometerReading } from '../../shapes/odometer.ts';
import { listOf } from '../../shapes/parts.ts';
import { Vehicle } from '../../shapes/vehicle.ts';
import { addVehicle, changeVehicle, deleteVehicle, restoreVehicle, transferVehicle } from './commands.ts';
import { addReading, listReadings } from './odometer.ts';
import { findVehicle, listVehicleJobs, listVehicles } from './queries.ts';
import {
  JobList,
  NewReading,
  NewVehicle,
  ReadingList,
  Transfer,
  VehicleList,
  VehiclePatch,
} from './schema.ts';

const TAKEN = ['vehicle.vin_taken', 'vehicle.plate_taken'] as const;

export const vehicles = ({ clock }: { clock: () => number }) =>
  new Hono<Env>()
    .get(
      '/',
      accept({ summary: 'Lists vehicles', query: VehicleList, answers: listOf(Vehicle) }),
      async (c) => {
        const query = c.req.valid('query');
        return answerPage(c, await listVehicles(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))), query);
      },
    )
    .post(
      '/',
      accept({
        summary: 'Adds a vehicle to a customer',
        body: NewVehicle,
        answers: Vehicle,
        status: 201,
        refuses: TAKEN,
        example: {
          customer_id: EXAMPLE_IDS.customer,
          year: 2019,
          make: 'Honda',
          model: 'Civic',
          vin: '1HGCM82633A004352',
        },
      }),
      async (c) => {
        return write(c, async (tx) => {
          const made = await addVehicle(tx, c.req.valid('json'));
          return created(made, `/v1/vehicles/${made.id}`);
        });
      },
    )
    .get('/:id', accept({ summary: 'Reads a vehicle', answers: Vehicle }), async (c) => {
      const found = await findVehicle(c.get('sql'), pathId(c, 'vehicle'), onlyOwnJobsOf(c.get('actor')));
      if (found === undefined) throw notFound('vehicle');
      return answerShape(c, found);
    })
    .patch(
      '/:id',
      accept({
        summary: 'Changes a vehicle',
        body: VehiclePatch,
        answers: Vehicle,
        refuses: [...TAKEN, 'vehicle.customer_deleted'],
        example: { mileage: 61_250 },
      }),
      async (c) => {
        const change = { id: pathId(c, 'vehicle'), patch: c.req.valid('json'), expected: expectedVersion(c) };
        return write(c, async (tx) => changed(await changeVehicle(tx, change)));
      },
    )
    .delete(
      '/:id',
      accept({
        summary: 'Deletes a vehicle, which can be restored',
        answers: Vehicle,
        refuses: ['vehicle.has_active_jobs', 'vehicle.customer_deleted'],
      }),
      async (c) => {
        const id = pathId(c, 'vehicle');
        return write(c, async (tx) => changed(await deleteVehicle(tx, id, expectedVersion(c))));
      },
    )
    .post(
      '/:id/restore',
      accept({
        summary: 'Restores a deleted vehicle',
        answers: Vehicle,
        refuses: [...TAKEN, 'vehicle.customer_deleted'],
      }),
      async (c) => {
        const id = pathId(c, 'vehicle');
        return write(c, async (tx) => changed(await restoreVehicle(tx, id, expectedVersion(c))));
      },
    )
    .post(
      '/:id/transfer',
      accept({
        summary: 'Gives a vehicle to another customer; its jobs stay with whom they were done for',
        body: Transfer,
        answers: Vehicle,
        refuses: ['vehicle.has_active_jobs'],
        example: { customer_id: EXAMPLE_IDS.customer },
      }),
      async (c) => {
        const { customer_id: customerId } = c.req.valid('json');
        const transfer = { id: pathId(c, 'vehicle'), customerId, expected: expectedVersion(c) };
        return write(c, async (tx) => changed(await transferVehicle(tx, transfer)));
      },
    )
    .get(
      '/:id/history',
      accept({
        summary: 'Lists the jobs of a vehicle, the newest first, whoever it belonged to',
        query: JobList,
        answers: listOf(Appointment),
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: await visibleId(c) };
        return answerPage(
          c,
          await listVehicleJobs(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))),
          query,
        );
      },
    )
    .get(
      '/:id/odometer',
      accept({
        summary: 'Lists the odometer readings of a vehicle, the newest first',
        query: ReadingList,
        answers: listOf(OdometerReading),
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: await visibleId(c) };
        return answerPage(c, await listReadings(c.get('sql'), query), query);
      },
    )
    .post(
      '/:id/odometer',
      accept({
        summary: "Adds an odometer reading; the newest one is the vehicle's mileage",
        body: NewReading,
        answers: OdometerReading,
        status: 201,
        refuses: ['vehicle.customer_deleted'],
        example: { mileage: 61_250, note: 'Before the oil change' },
      }),
      async (c) => {
        const id = pathId(c, 'vehicle');
        const reading = { id, input: c.req.valid('json'), expected: expectedVersion(c) };
        return write(c, async (tx, { actor }) => {
          const by = { staffId: actor.id, now: new Date(clock()).toISOString() };
          return added(await addReading(tx, { ...reading, ...by }), `/v1/vehicles/${id}/odometer`);
        });
      },
    );

const visibleId = async (c: Ctx): Promise<string> => {
  const id = pathId(c, 'vehicle');
  if ((await findVehicle(c.get('sql'), id, onlyOwnJobsOf(c.get('actor')))) === undefined)
    throw notFound('vehicle');
  return id;
};
