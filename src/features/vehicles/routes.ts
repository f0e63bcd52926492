import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created } from '../../http/answers.ts';
import { type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { pageOf } from '../../shapes/parts.ts';
import { Vehicle } from '../../shapes/vehicle.ts';
import { addVehicle, changeVehicle, deleteVehicle, restoreVehicle } from './commands.ts';
import { findVehicle, listVehicles } from './queries.ts';
import { NewVehicle, VehicleList, VehiclePatch } from './schema.ts';

const TAKEN = ['vehicle.vin_taken', 'vehicle.plate_taken'] as const;

export const vehicles = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists vehicles', query: VehicleList, answers: pageOf(Vehicle) }),
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
      return write(c, async (tx) => changed(await restoreVehicle(tx, id)));
    },
  );
