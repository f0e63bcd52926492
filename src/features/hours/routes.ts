import { Hono } from 'hono';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { added, answerShape, changed, removed } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { ExtraHours, Hours, NewTimeOff, TimeOff } from '../../shapes/hours.ts';
import { listOf } from '../../shapes/parts.ts';
import { addExtraHours, addTimeOff, changeHours, removeSpan } from './commands.ts';
import { findHours, hasTechnician, listSpans, type TechnicianTable } from './queries.ts';
import { HoursPut, newSpan, type SpanList, spanList } from './schema.ts';

/** Below /v1/technicians. */
export const hours = new Hono<Env>()
  .get(
    '/:id/hours',
    accept({ summary: 'Reads the weekly hours of a technician', answers: Hours }),
    async (c) => {
      const found = await findHours(c.get('sql'), pathId(c, 'technician'));
      if (found === undefined) throw notFound('technician');
      return answerShape(c, found);
    },
  )
  .put(
    '/:id/hours',
    accept({
      summary: 'Sets the weekly hours of a technician; null takes them away',
      body: HoursPut,
      answers: Hours,
      example: {
        hours: [
          { weekday: 1, from: '08:00', to: '12:00' },
          { weekday: 1, from: '13:00', to: '17:00' },
        ],
      },
    }),
    async (c) => {
      const change = { ...ofTechnician(c), ...c.req.valid('json') };
      return write(c, async (tx) => changed(await changeHours(tx, change)));
    },
  )
  .get(
    '/:id/time-off',
    accept({ summary: 'Lists the time off of a technician', query: spanList, answers: listOf(TimeOff) }),
    (c) => answerSpans(c, 'time_off', c.req.valid('query')),
  )
  .post(
    '/:id/time-off',
    accept({
      summary: 'Adds time off, and tells the jobs that somebody must move',
      body: newSpan,
      answers: NewTimeOff,
      status: 201,
      example: { starts_at: '2101-12-24', ends_at: '2101-12-27', reason: 'Holidays' },
    }),
    async (c) => {
      const input = { ...ofTechnician(c), span: c.req.valid('json') };
      return write(c, async (tx) => {
        const { shape } = await addTimeOff(tx, input);
        return added(shape, `/v1/technicians/${input.technicianId}/time-off`);
      });
    },
  )
  .delete(
    '/:id/time-off/:timeOffId',
    accept({
      summary: 'Removes time off of a technician',
      answers: TimeOff,
      refuses: ['time_off.not_found'],
    }),
    async (c) => {
      const span = { ...ofTechnician(c), id: pathId(c, 'time_off', 'timeOffId') };
      return write(c, async (tx) => removed(await removeSpan(tx, 'time_off', span)));
    },
  )
  .get(
    '/:id/extra-hours',
    accept({
      summary: 'Lists the extra hours of a technician',
      query: spanList,
      answers: listOf(ExtraHours),
    }),
    (c) => answerSpans(c, 'extra_hours', c.req.valid('query')),
  )
  .post(
    '/:id/extra-hours',
    accept({
      summary: 'Adds hours outside the weekly ones',
      body: newSpan,
      answers: ExtraHours,
      status: 201,
      example: { starts_at: '2101-12-18T09:00:00-08:00', ends_at: '2101-12-18T13:00:00-08:00' },
    }),
    async (c) => {
      const input = { ...ofTechnician(c), span: c.req.valid('json') };
      return write(c, async (tx) => {
        const { shape } = await addExtraHours(tx, input);
        return added(shape, `/v1/technicians/${input.technicianId}/extra-hours`);
      });
    },
  )
  .delete(
    '/:id/extra-hours/:extraHoursId',
    accept({
      summary: 'Removes extra hours of a technician',
      answers: ExtraHours,
      refuses: ['extra_hours.not_found'],
    }),
    async (c) => {
      const span = { ...ofTechnician(c), id: pathId(c, 'extra_hours', 'extraHoursId') };
      return write(c, async (tx) => removed(await removeSpan(tx, 'extra_hours', span)));
    },
  );

const ofTechnician = (c: Ctx) => ({ technicianId: pathId(c, 'technician'), expected: expectedVersion(c) });

const answerSpans = async (c: Ctx, table: TechnicianTable, asked: SpanList): Promise<Response> => {
  const query = { ...asked, id: pathId(c, 'technician') };
  if (!(await hasTechnician(c.get('sql'), query.id))) throw notFound('technician');
  return answerPage(c, await listSpans(c.get('sql'), { table, technicianId: query.id }, query), query);
};
