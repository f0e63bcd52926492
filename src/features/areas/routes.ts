import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created, removed } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { ServiceArea } from '../../shapes/service-area.ts';
import { addArea, changeArea, removeArea } from './commands.ts';
import { findArea, listAreas } from './queries.ts';
import { AreaList, AreaPatch, NewArea } from './schema.ts';

export const areas = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists where the vans go', query: AreaList, answers: listOf(ServiceArea) }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listAreas(c.get('sql'), query), query);
    },
  )
  .post(
    '/',
    accept({
      summary: 'Adds a service area, around a point or of postal codes',
      body: NewArea,
      answers: ServiceArea,
      status: 201,
      example: {
        name: 'Downtown',
        kind: 'radius',
        lat: 34.05,
        lng: -118.24,
        radius_km: 25,
        trip_fee_cents: 2_500,
      },
    }),
    async (c) => {
      return write(c, async (tx) => {
        const made = await addArea(tx, c.req.valid('json'));
        return created(made, `/v1/service-areas/${made.id}`);
      });
    },
  )
  .get('/:id', accept({ summary: 'Reads a service area', answers: ServiceArea }), async (c) => {
    const found = await findArea(c.get('sql'), pathId(c, 'service_area'));
    if (found === undefined) throw notFound('service_area');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes a service area',
      body: AreaPatch,
      answers: ServiceArea,
      example: { kind: 'postal_codes', radius_km: null, postal_codes: ['90012', '90013'] },
    }),
    async (c) => {
      const change = {
        id: pathId(c, 'service_area'),
        patch: c.req.valid('json'),
        expected: expectedVersion(c),
      };
      return write(c, async (tx) => changed(await changeArea(tx, change)));
    },
  )
  .delete('/:id', accept({ summary: 'Removes a service area for good', answers: ServiceArea }), async (c) => {
    const on = { id: pathId(c, 'service_area'), expected: expectedVersion(c) };
    return write(c, async (tx) => removed(await removeArea(tx, on)));
  });
