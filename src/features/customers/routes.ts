import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { answerCreated, answerHashed, answerShape } from '../../http/answers.ts';
import { type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { accept, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { addCustomer, changeCustomer, deleteCustomer, restoreCustomer } from './commands.ts';
import { readProfile } from './profile.ts';
import { findCustomer, listCustomers } from './queries.ts';
import { CustomerList, CustomerPatch, NewCustomer, profileQuery } from './schema.ts';

export const customers = (shop: { zone: string }) =>
  new Hono<Env>()
    .get('/', accept({ query: CustomerList }), async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listCustomers(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))), query);
    })
    .post('/', accept({ body: NewCustomer }), async (c) => {
      const made = await write(c, (tx) => addCustomer(tx, c.req.valid('json')));
      return answerCreated(c, made, `/v1/customers/${made.id}`);
    })
    .get('/:id', accept(), async (c) => {
      const found = await findCustomer(c.get('sql'), pathId(c, 'customer'), onlyOwnJobsOf(c.get('actor')));
      if (found === undefined) throw notFound('customer');
      return answerShape(c, found);
    })
    .patch('/:id', accept({ body: CustomerPatch }), async (c) => {
      const change = { id: pathId(c, 'customer'), patch: c.req.valid('json'), expected: expectedVersion(c) };
      return answerShape(c, await write(c, (tx) => changeCustomer(tx, change)));
    })
    .delete('/:id', accept(), async (c) => {
      const id = pathId(c, 'customer');
      return answerShape(c, await write(c, (tx) => deleteCustomer(tx, id, expectedVersion(c))));
    })
    .post('/:id/restore', accept(), async (c) => {
      const id = pathId(c, 'customer');
      return answerShape(c, await write(c, (tx) => restoreCustomer(tx, id)));
    })
    .get('/:id/profile', accept({ query: profileQuery(shop.zone) }), async (c) => {
      const profile = await readProfile(c.get('sql'), pathId(c, 'customer'), c.req.valid('query'));
      if (profile === undefined) throw notFound('customer');
      return answerHashed(c, profile);
    });
