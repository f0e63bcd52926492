import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { Technician } from '../../shapes/technician.ts';
import { addTechnician, changeTechnician } from './commands.ts';
import { findTechnician, listTechnicians } from './queries.ts';
import { newTechnician, TechnicianList, technicianPatch } from './schema.ts';

const TAKEN = ['technician.staff_taken'] as const;

export const technicians = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists technicians', query: TechnicianList, answers: listOf(Technician) }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listTechnicians(c.get('sql'), query), query);
    },
  )
  .post(
    '/',
    accept({
      summary: 'Adds a technician',
      body: newTechnician,
      answers: Technician,
      status: 201,
      refuses: TAKEN,
      example: { name: 'Maria Lopez', skills: ['hybrid'], start: { lat: 34.05, lng: -118.24 } },
    }),
    async (c) => {
      return write(c, async (tx) => {
        const made = await addTechnician(tx, c.req.valid('json'));
        return created(made, `/v1/technicians/${made.id}`);
      });
    },
  )
  .get('/:id', accept({ summary: 'Reads a technician', answers: Technician }), async (c) => {
    const found = await findTechnician(c.get('sql'), pathId(c, 'technician'));
    if (found === undefined) throw notFound('technician');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes a technician',
      body: technicianPatch,
      answers: Technician,
      refuses: [...TAKEN, 'technician.has_active_jobs'],
      example: { initials: 'ML' },
    }),
    async (c) => {
      const change = {
        id: pathId(c, 'technician'),
        patch: c.req.valid('json'),
        expected: expectedVersion(c),
      };
      return write(c, async (tx) => changed(await changeTechnician(tx, change)));
    },
  );
