import { Hono } from 'hono';
import { notFound, type Reason } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { added, answerShape, changed, created, removed, told } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { EXAMPLE_IDS, examplePath } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Appointment } from '../../shapes/appointment.ts';
import { Authorization, Authorized, Estimate, EstimateSent } from '../../shapes/estimate.ts';
import { Invoice } from '../../shapes/invoice.ts';
import { listOf } from '../../shapes/parts.ts';
import { LinksEnded } from '../../shapes/public.ts';
import type { Travel } from '../availability/types.ts';
import { listAuthorizations } from './authorizations.ts';
import { authorizeLines } from './authorizing.ts';
import { changeEstimate, makeEstimate, removeEstimate } from './commands.ts';
import { billEstimate, bookEstimate } from './converting.ts';
import { listEstimates, shapeEstimate } from './queries.ts';
import {
  AuthorizationList,
  EstimateBooking,
  EstimatePatch,
  estimateList,
  NewAuthorizations,
  NewEstimate,
} from './schema.ts';
import { endLinks, sendEstimate } from './sending.ts';

type Deps = { clock: () => number; travel: Travel | undefined; publicUrl: string };

const LINES = [
  { kind: 'labour' as const, name: 'Front brakes', quantity: 1, unit_price_cents: 18_000 },
  { kind: 'part' as const, name: 'Brake pads', quantity: 2, unit_price_cents: 4_950, discount_cents: 500 },
];
/** What can be said against a booking. */
const BOOKING: readonly Reason[] = [
  ...(['appointment.slot_taken', 'appointment.vehicle_busy', 'appointment.travel_infeasible'] as const),
  ...(['appointment.outside_hours', 'appointment.outside_area', 'appointment.day_full'] as const),
];

const onOne = (c: Ctx) => ({ id: pathId(c, 'estimate'), expected: expectedVersion(c) });

export const estimates = ({ clock, travel, publicUrl }: Deps) =>
  new Hono<Env>()
    .get(
      '/',
      accept({
        summary: 'Lists estimates, the newest first',
        query: estimateList,
        answers: listOf(Estimate),
      }),
      async (c) => {
        const query = c.req.valid('query');
        return answerPage(c, await listEstimates(c.get('sql'), query), query);
      },
    )
    .post(
      '/',
      accept({
        summary: 'Writes an estimate: a draft',
        body: NewEstimate,
        answers: Estimate,
        status: 201,
        refuses: ['estimate.exists'],
        example: { customer_id: EXAMPLE_IDS.customer, vehicle_id: EXAMPLE_IDS.vehicle, lines: LINES },
      }),
      async (c) =>
        write(c, async (tx) => {
          const made = await makeEstimate(tx, c.req.valid('json'));
          return created(made, `/v1/estimates/${made.id}`);
        }),
    )
    .get('/:id', accept({ summary: 'Reads an estimate', answers: Estimate }), async (c) => {
      const found = await shapeEstimate(c.get('sql'), pathId(c, 'estimate'));
      if (found === undefined) throw notFound('estimate');
      return answerShape(c, found);
    })
    .patch(
      '/:id',
      accept({
        summary: 'Changes an estimate: what is not as it was has to be authorized anew',
        body: EstimatePatch,
        answers: Estimate,
        refuses: ['estimate.closed'],
        example: { lines: LINES, discount_cents: 1_500, notes: 'The pads are in stock' },
      }),
      async (c) => {
        const change = { ...onOne(c), patch: c.req.valid('json') };
        return write(c, async (tx) => changed(await changeEstimate(tx, change)));
      },
    )
    .delete(
      '/:id',
      accept({
        summary: 'Deletes a draft for good',
        parameters: examplePath('draft_estimate'),
        answers: Estimate,
        refuses: ['estimate.not_draft'],
      }),
      async (c) => {
        const on = onOne(c);
        return write(c, async (tx) => removed((await removeEstimate(tx, on)).shape));
      },
    )
    .post(
      '/:id/send',
      accept({
        summary: 'Gives an estimate to its customer: a new link, mailed too; the one before ends',
        answers: EstimateSent,
        refuses: ['estimate.empty', 'estimate.expired', 'estimate.closed'],
      }),
      async (c) => {
        const on = { ...onOne(c), publicUrl, now: new Date(clock()).toISOString() };
        return write(c, async (tx) => {
          const { shape, url, version } = await sendEstimate(tx, on);
          const jsonWith = (link: string | null) =>
            `{"estimate":${shape},"link_url":${JSON.stringify(link)}}`;
          return {
            status: 200,
            json: jsonWith(url),
            kept: jsonWith(null),
            headers: { ETag: `"${version}"` },
          };
        });
      },
    )
    .delete(
      '/:id/links',
      accept({ summary: 'Ends the link of an estimate', answers: LinksEnded }),
      async (c) => {
        const on = onOne(c);
        return write(c, async (tx) => {
          await endLinks(tx, on);
          return told({ ended: true });
        });
      },
    )
    .get(
      '/:id/authorizations',
      accept({
        summary: 'Lists what the customer said to an estimate, and when',
        query: AuthorizationList,
        answers: listOf(Authorization),
      }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: pathId(c, 'estimate') };
        if ((await shapeEstimate(c.get('sql'), query.id)) === undefined) throw notFound('estimate');
        return answerPage(c, await listAuthorizations(c.get('sql'), query), query);
      },
    )
    .post(
      '/:id/authorizations',
      accept({
        summary: 'Records what the customer approves and declines: each word for good, the last one counts',
        body: NewAuthorizations,
        answers: Authorized,
        status: 201,
        refuses: ['estimate.not_sent', 'estimate.closed'],
        example: {
          version: 1,
          lines: [{ line_id: EXAMPLE_IDS.estimate_line, decision: 'approved' }],
          ...{ name: 'Sam Carter', method: 'phone', contact: '(213) 555-0142' },
          text: 'Front brakes as estimated, today',
        },
      }),
      async (c) => {
        const { version, lines, contact = null, ...words } = c.req.valid('json');
        const on = { ...onOne(c), version, lines };
        return write(c, async (tx, { actor }) => {
          const said = { ...words, contact, recordedBy: actor.id };
          const made = await authorizeLines(tx, { ...on, said });
          return added(made.json, `/v1/estimates/${made.id}/authorizations`);
        });
      },
    )
    .post(
      '/:id/appointment',
      accept({
        summary: 'Books what was approved',
        body: EstimateBooking,
        answers: Appointment,
        status: 201,
        refuses: [...BOOKING, 'estimate.converted', 'estimate.not_approved'],
        example: { starts_at: '2101-03-14T10:00:00-07:00', technician_id: EXAMPLE_IDS.technician },
      }),
      async (c) => {
        const wanted = { ...onOne(c), booking: c.req.valid('json') };
        return write(c, async (tx, { actor }) => {
          const by = { actor, now: new Date(clock()).toISOString(), travel };
          const made = await bookEstimate(tx, by, wanted);
          return created(made, `/v1/appointments/${made.id}`);
        });
      },
    )
    .post(
      '/:id/invoice',
      accept({
        summary: 'Bills what was approved, when its job is completed',
        parameters: examplePath('done_estimate'),
        answers: Invoice,
        status: 201,
        refuses: [
          ...(['estimate.not_booked', 'estimate.not_approved', 'appointment.not_found'] as const),
          ...(['invoice.job_not_completed', 'invoice.exists'] as const),
        ],
      }),
      async (c) => {
        const on = onOne(c);
        return write(c, async (tx) => {
          const made = await billEstimate(tx, on);
          return created(made, `/v1/invoices/${made.id}`);
        });
      },
    );
