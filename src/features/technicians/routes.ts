import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { answerCreated, answerShape } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { accept, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { addTechnician, changeTechnician } from './commands.ts';
import { findTechnician, listTechnicians } from './queries.ts';
import { NewTechnician, TechnicianList, TechnicianPatch } from './schema.ts';

export const technicians = new Hono<Env>()
  .get('/', accept({ query: TechnicianList }), async (c) => {
    const query = c.req.valid('query');
    return answerPage(c, await listTechnicians(c.get('sql'), query), query);
  })
  .post('/', accept({ body: NewTechnician }), async (c) => {
    const made = await write(c, (tx) => addTechnician(tx, c.req.valid('json')));
    return answerCreated(c, made, `/v1/technicians/${made.id}`);
  })
  .get('/:id', accept(), async (c) => {
    const found = await findTechnician(c.get('sql'), pathId(c, 'technician'));
    if (found === undefined) throw notFound('technician');
    return answerShape(c, found);
  })
  .patch('/:id', accept({ body: TechnicianPatch }), async (c) => {
    const change = { id: pathId(c, 'technician'), patch: c.req.valid('json'), expected: expectedVersion(c) };
    return answerShape(c, await write(c, (tx) => changeTechnician(tx, change)));
  });
