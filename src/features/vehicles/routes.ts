import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { answerCreated, answerShape } from '../../http/answers.ts';
import { type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { accept, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { addVehicle, changeVehicle, deleteVehicle, restoreVehicle } from './commands.ts';
import { findVehicle, listVehicles } from './queries.ts';
import { NewVehicle, VehicleList, VehiclePatch } from './schema.ts';

export const vehicles = new Hono<Env>()
  .get('/', accept({ query: VehicleList }), async (c) => {
    const query = c.req.valid('query');
    return answerPage(c, await listVehicles(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))), query);
  })
  .post('/', accept({ body: NewVehicle }), async (c) => {
    const made = await write(c, (tx) => addVehicle(tx, c.req.valid('json')));
    return answerCreated(c, made, `/v1/vehicles/${made.id}`);
  })
  .get('/:id', accept(), async (c) => {
    const found = await findVehicle(c.get('sql'), pathId(c, 'vehicle'), onlyOwnJobsOf(c.get('actor')));
    if (found === undefined) throw notFound('vehicle');
    return answerShape(c, found);
  })
  .patch('/:id', accept({ body: VehiclePatch }), async (c) => {
    const change = { id: pathId(c, 'vehicle'), patch: c.req.valid('json'), expected: expectedVersion(c) };
    return answerShape(c, await write(c, (tx) => changeVehicle(tx, change)));
  })
  .delete('/:id', accept(), async (c) => {
    const id = pathId(c, 'vehicle');
    return answerShape(c, await write(c, (tx) => deleteVehicle(tx, id, expectedVersion(c))));
  })
  .post('/:id/restore', accept(), async (c) => {
    const id = pathId(c, 'vehicle');
    return answerShape(c, await write(c, (tx) => restoreVehicle(tx, id)));
  });
