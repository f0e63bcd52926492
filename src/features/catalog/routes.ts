import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { Service } from '../../shapes/service.ts';
import { addService, changeService, deleteService, restoreService } from './commands.ts';
import { findService, listServices } from './queries.ts';
import { NewService, ServiceList, ServicePatch } from './schema.ts';

const TAKEN = ['service.code_taken'] as const;

export const catalog = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists the services of the catalog', query: ServiceList, answers: listOf(Service) }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listServices(c.get('sql'), query), query);
    },
  )
  .post(
    '/',
    accept({
      summary: 'Adds a service or a package to the catalog',
      body: NewService,
      answers: Service,
      status: 201,
      refuses: TAKEN,
      example: {
        code: 'WIPERS-FRONT',
        name: 'Front wiper blades',
        category: 'Body',
        duration_minutes: 15,
        price_cents: 4_900,
        kind: 'part',
      },
    }),
    async (c) => {
      return write(c, async (tx) => {
        const made = await addService(tx, c.req.valid('json'));
        return created(made, `/v1/services/${made.id}`);
      });
    },
  )
  .get('/:id', accept({ summary: 'Reads a service', answers: Service }), async (c) => {
    const found = await findService(c.get('sql'), pathId(c, 'service'));
    if (found === undefined) throw notFound('service');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes a service; jobs keep what they were sold',
      body: ServicePatch,
      answers: Service,
      refuses: TAKEN,
      example: { price_cents: 9_900 },
    }),
    async (c) => {
      const change = { id: pathId(c, 'service'), patch: c.req.valid('json'), expected: expectedVersion(c) };
      return write(c, async (tx) => changed(await changeService(tx, change)));
    },
  )
  .delete(
    '/:id',
    accept({ summary: 'Retires a service, which can be restored', answers: Service }),
    async (c) => {
      const id = pathId(c, 'service');
      return write(c, async (tx) => changed(await deleteService(tx, id, expectedVersion(c))));
    },
  )
  .post(
    '/:id/restore',
    accept({ summary: 'Restores a retired service', answers: Service, refuses: TAKEN }),
    async (c) => {
      const id = pathId(c, 'service');
      return write(c, async (tx) => changed(await restoreService(tx, id, expectedVersion(c))));
    },
  );
