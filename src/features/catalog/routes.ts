import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { answerCreated, answerShape } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { accept, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { addService, changeService, deleteService, restoreService } from './commands.ts';
import { findService, listServices } from './queries.ts';
import { NewService, ServiceList, ServicePatch } from './schema.ts';

export const catalog = new Hono<Env>()
  .get('/', accept({ query: ServiceList }), async (c) => {
    const query = c.req.valid('query');
    return answerPage(c, await listServices(c.get('sql'), query), query);
  })
  .post('/', accept({ body: NewService }), async (c) => {
    const made = await write(c, (tx) => addService(tx, c.req.valid('json')));
    return answerCreated(c, made, `/v1/services/${made.id}`);
  })
  .get('/:id', accept(), async (c) => {
    const found = await findService(c.get('sql'), pathId(c, 'service'));
    if (found === undefined) throw notFound('service');
    return answerShape(c, found);
  })
  .patch('/:id', accept({ body: ServicePatch }), async (c) => {
    const change = { id: pathId(c, 'service'), patch: c.req.valid('json'), expected: expectedVersion(c) };
    return answerShape(c, await write(c, (tx) => changeService(tx, change)));
  })
  .delete('/:id', accept(), async (c) => {
    const id = pathId(c, 'service');
    return answerShape(c, await write(c, (tx) => deleteService(tx, id, expectedVersion(c))));
  })
  .post('/:id/restore', accept(), async (c) => {
    const id = pathId(c, 'service');
    return answerShape(c, await write(c, (tx) => restoreService(tx, id)));
  });
