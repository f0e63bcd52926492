import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { answerCreated, answerShape } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { accept, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { addStaff, changeStaff, preparePassword } from './commands.ts';
import { findStaff, listStaff } from './queries.ts';
import { NewStaff, StaffList, StaffPatch } from './schema.ts';

export const staff = (shop: { shopName: string }) =>
  new Hono<Env>()
    .get('/', accept({ query: StaffList }), async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listStaff(c.get('sql'), query), query);
    })
    .post('/', accept({ body: NewStaff }), async (c) => {
      const input = c.req.valid('json');
      const passwordHash = await preparePassword(input, shop.shopName);
      const made = await write(c, (tx) => addStaff(tx, { input, passwordHash }));
      return answerCreated(c, made, `/v1/staff/${made.id}`);
    })
    .get('/:id', accept(), async (c) => {
      const found = await findStaff(c.get('sql'), pathId(c, 'staff'));
      if (found === undefined) throw notFound('staff');
      return answerShape(c, found);
    })
    .patch('/:id', accept({ body: StaffPatch }), async (c) => {
      const change = { id: pathId(c, 'staff'), patch: c.req.valid('json'), expected: expectedVersion(c) };
      return answerShape(c, await write(c, (tx) => changeStaff(tx, change)));
    });
