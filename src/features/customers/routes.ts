import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { added, answerHashed, answerShape, changed, created } from '../../http/answers.ts';
import { type Env, onlyOwnJobsOf } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Customer, Profile } from '../../shapes/customer.ts';
import { Note } from '../../shapes/note.ts';
import { listOf } from '../../shapes/parts.ts';
import { addCustomer, changeCustomer, deleteCustomer, restoreCustomer } from './commands.ts';
import { mergeCustomers } from './merge.ts';
import { addNote, listNotes } from './notes.ts';
import { readProfile } from './profile.ts';
import { findCustomer, listCustomers } from './queries.ts';
import {
  CustomerList,
  customerPatch,
  Merge,
  NewNote,
  NoteList,
  newCustomer,
  profileQuery,
} from './schema.ts';

const TAKEN = ['customer.email_taken', 'customer.phone_taken'] as const;

export const customers = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists customers', query: CustomerList, answers: listOf(Customer) }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listCustomers(c.get('sql'), query, onlyOwnJobsOf(c.get('actor'))), query);
    },
  )
  .post(
    '/',
    accept({
      summary: 'Adds a customer',
      body: newCustomer,
      answers: Customer,
      status: 201,
      refuses: TAKEN,
      example: { name: 'Ana Ruiz', phone: '(213) 555-0142' },
    }),
    async (c) => {
      return write(c, async (tx) => {
        const made = await addCustomer(tx, c.req.valid('json'));
        return created(made, `/v1/customers/${made.id}`);
      });
    },
  )
  .get('/:id', accept({ summary: 'Reads a customer', answers: Customer }), async (c) => {
    const found = await findCustomer(c.get('sql'), pathId(c, 'customer'), onlyOwnJobsOf(c.get('actor')));
    if (found === undefined) throw notFound('customer');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes a customer',
      body: customerPatch,
      answers: Customer,
      refuses: TAKEN,
      example: { notes: 'Gate code 1207', tags: ['fleet'] },
    }),
    async (c) => {
      const change = {
        id: pathId(c, 'customer'),
        patch: c.req.valid('json'),
        expected: expectedVersion(c),
      };
      return write(c, async (tx) => changed(await changeCustomer(tx, change)));
    },
  )
  .delete(
    '/:id',
    accept({
      summary: 'Deletes a customer, who can be restored',
      answers: Customer,
      refuses: ['customer.has_active_jobs'],
    }),
    async (c) => {
      const id = pathId(c, 'customer');
      return write(c, async (tx) => changed(await deleteCustomer(tx, id, expectedVersion(c))));
    },
  )
  .post(
    '/:id/restore',
    accept({ summary: 'Restores a deleted customer', answers: Customer, refuses: TAKEN }),
    async (c) => {
      const id = pathId(c, 'customer');
      return write(c, async (tx) => changed(await restoreCustomer(tx, id, expectedVersion(c))));
    },
  )
  .get(
    '/:id/profile',
    accept({
      summary: 'Reads everything about a customer at once',
      query: profileQuery,
      answers: Profile,
    }),
    async (c) => {
      const profile = await readProfile(c.get('sql'), pathId(c, 'customer'), c.req.valid('query'));
      if (profile === undefined) throw notFound('customer');
      return answerHashed(c, profile);
    },
  )
  .get(
    '/:id/notes',
    accept({
      summary: 'Lists the notes about a customer, the newest first',
      query: NoteList,
      answers: listOf(Note),
    }),
    async (c) => {
      const query = { ...c.req.valid('query'), id: pathId(c, 'customer') };
      const found = await findCustomer(c.get('sql'), query.id, onlyOwnJobsOf(c.get('actor')));
      if (found === undefined) throw notFound('customer');
      return answerPage(c, await listNotes(c.get('sql'), query), query);
    },
  )
  .post(
    '/:id/notes',
    accept({
      summary: 'Adds a note about a customer',
      body: NewNote,
      answers: Note,
      status: 201,
      example: { body: 'Asked for a quote on new tires' },
    }),
    async (c) => {
      const note = { id: pathId(c, 'customer'), ...c.req.valid('json'), expected: expectedVersion(c) };
      return write(c, async (tx, { actor }) =>
        added(await addNote(tx, { ...note, authorId: actor.id }), `/v1/customers/${note.id}/notes`),
      );
    },
  )
  .post(
    '/:id/merge',
    accept({
      summary: 'Moves all that another customer has to this one, and deletes the other',
      body: Merge,
      answers: Customer,
      example: { other_id: EXAMPLE_IDS.other_customer },
    }),
    async (c) => {
      const { other_id: otherId } = c.req.valid('json');
      const merge = { id: pathId(c, 'customer'), otherId, expected: expectedVersion(c) };
      return write(c, async (tx) => changed(await mergeCustomers(tx, merge)));
    },
  );
