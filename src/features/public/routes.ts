import { Hono } from 'hono';
import type { Reason } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerText } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { EXAMPLE_IDS } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { PublicBooking, PublicHold, PublicService, PublicShop, PublicStart } from '../../shapes/public.ts';
import { newId } from '../../values/id.ts';
import { hashed } from '../../values/token.ts';
import { listStarts } from '../availability/offers.ts';
import { startsQuery } from '../availability/schema.ts';
import type { Travel } from '../availability/types.ts';
import { bookForCustomer, holdForStranger } from './commands.ts';
import { limitStrangers } from './limits.ts';
import { listPublicServices, readPublicShop } from './queries.ts';
import { NewPublicHold, newPublicBooking, PublicServiceList } from './schema.ts';

export type Deps = {
  clock: () => number;
  proxies: number;
  publicUrl: string;
  travel: Travel | undefined;
};

export const COUNTED = ['request.too_many'] as const;
/** What can be said against a start. */
export const START: readonly Reason[] = [
  ...(['appointment.slot_taken', 'appointment.outside_hours', 'appointment.travel_infeasible'] as const),
  ...(['appointment.outside_area', 'appointment.day_full'] as const),
  ...(['appointment.too_soon', 'appointment.too_far_ahead'] as const),
];

/** For strangers: the way from the services to a booking. */
export const publicRoutes = ({ clock, proxies, publicUrl, travel }: Deps) => {
  const limited = limitStrangers(proxies);
  const now = () => new Date(clock()).toISOString();
  return new Hono<Env>()
    .use(async (c, next) => {
      await next();
      // A link's address is its secret.
      if (c.req.method === 'POST') c.res.headers.set('Cache-Control', 'no-store');
    })
    .get(
      '/shop',
      accept({
        summary: 'Says what the shop is called and which clocks it goes by',
        answers: PublicShop,
        refuses: COUNTED,
      }),
      limited('read'),
      async (c) => answerText(c, await readPublicShop(c.get('sql'))),
    )
    .get(
      '/services',
      accept({
        summary: 'Lists what the shop offers',
        query: PublicServiceList,
        answers: listOf(PublicService),
        refuses: COUNTED,
      }),
      limited('read'),
      async (c) => {
        const query = c.req.valid('query');
        return answerPage(c, await listPublicServices(c.get('sql'), query), query);
      },
    )
    .get(
      '/availability',
      accept({
        summary: 'Lists the starts that customers can book, the earliest first',
        query: startsQuery,
        answers: listOf(PublicStart),
        refuses: COUNTED,
      }),
      limited('read'),
      async (c) => {
        const asking = { now: clock(), isPublic: true, travel };
        return answerText(c, await listStarts(c.get('sql'), c.req.valid('query'), asking));
      },
    )
    .post(
      '/holds',
      accept({
        summary: 'Holds a start for a customer, for some minutes',
        body: NewPublicHold,
        answers: PublicHold,
        status: 201,
        refuses: [...COUNTED, ...START, 'hold.too_many'],
        example: {
          technician_id: EXAMPLE_IDS.technician,
          starts_at: '2101-03-10T10:00:00-08:00',
          service_ids: [EXAMPLE_IDS.service],
        },
      }),
      limited('hold'),
      async (c) => {
        const asked = { stranger: hashed(`hold ${c.get('stranger')}`), now: now(), travel };
        return write(c, async (tx) => {
          const made = await holdForStranger(tx, asked, c.req.valid('json'));
          // A stranger's hold has no address: it can be booked, and ends by itself.
          return { status: 201, json: made.shape, headers: {} };
        });
      },
    )
    .post(
      '/bookings',
      accept({
        summary: 'Books what is held, for whoever has the e-mail address or phone',
        body: newPublicBooking,
        answers: PublicBooking,
        status: 201,
        refuses: [...COUNTED, 'appointment.slot_taken'],
        example: {
          hold_id: EXAMPLE_IDS.public_hold,
          name: 'Sam Carter',
          phone: '(213) 555-0142',
          vehicle: { year: 2019, make: 'Honda', model: 'Civic' },
        },
      }),
      limited('booking'),
      async (c) => {
        const who = { newCustomerId: newId(), now: now() };
        // The journal names them from the first statement on: a customer who is new makes themselves.
        c.get('trace').actor = { id: who.newCustomerId, role: 'customer' };
        return write(c, async (tx) => {
          const { shape, token } = await bookForCustomer(tx, who, c.req.valid('json'));
          const path = `/v1/public/appointments/${token}`;
          return {
            status: 201,
            json: `{"appointment":${shape},"manage_url":${JSON.stringify(`${publicUrl}${path}`)}}`,
            headers: { Location: path },
          };
        });
      },
    );
};
