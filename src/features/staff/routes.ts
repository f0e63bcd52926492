import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { Staff } from '../../shapes/staff.ts';
import { addStaff, changeStaff, preparePassword } from './commands.ts';
import { findStaff, listStaff } from './queries.ts';
import { NewStaff, StaffList, StaffPatch } from './schema.ts';

export const staff = new Hono<Env>()
  .get('/', accept({ summary: 'Lists the staff', query: StaffList, answers: listOf(Staff) }), async (c) => {
    const query = c.req.valid('query');
    return answerPage(c, await listStaff(c.get('sql'), query), query);
  })
  .post(
    '/',
    accept({
      summary: 'Adds a member of the staff',
      body: NewStaff,
      answers: Staff,
      status: 201,
      refuses: ['staff.email_taken', 'password.too_weak', 'auth.busy'],
      example: {
        email: 'ida@example.com',
        name: 'Ida Berg',
        role: 'advisor',
        password: 'seven wet dogs on a bench',
      },
    }),
    async (c) => {
      const input = c.req.valid('json');
      return write(c, async (tx) => {
        // In here, for a replay must not be judged again; no lock but that of the key waits for it.
        const passwordHash = await preparePassword(input, c.get('shop').name);
        const made = await addStaff(tx, { input, passwordHash });
        return created(made, `/v1/staff/${made.id}`);
      });
    },
  )
  .get('/:id', accept({ summary: 'Reads a member of the staff', answers: Staff }), async (c) => {
    const found = await findStaff(c.get('sql'), pathId(c, 'staff'));
    if (found === undefined) throw notFound('staff');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes a member of the staff; another role ends their sessions',
      body: StaffPatch,
      answers: Staff,
      refuses: ['staff.email_taken', 'staff.last_owner'],
      example: { name: 'Ida Bergström' },
    }),
    async (c) => {
      const change = { id: pathId(c, 'staff'), patch: c.req.valid('json'), expected: expectedVersion(c) };
      return write(c, async (tx) => changed(await changeStaff(tx, change)));
    },
  );
