import type { Data } from '../helpers/app.ts';
import {
  aBooking,
  aDoneJob,
  anApprovedEstimate,
  anEstimate,
  aSentEstimate,
  aService,
  aTechnician,
  aVehicle,
  inHours,
  words,
} from '../helpers/factories.ts';
import { at as atOf, type Example, type Make } from './example.ts';

const at = (estimate: Promise<Data>, what: { below?: string; body?: Data } = {}): Promise<Example> =>
  atOf('/v1/estimates', estimate, what);

/** Of examples.ts, which has no room for them. */
export const OF_ESTIMATES: Readonly<Record<string, Make>> = {
  'GET /v1/estimates': () => ({ path: '/v1/estimates' }),
  'POST /v1/estimates': async ({ owner }) => {
    const { id: vehicle_id, customer_id } = await aVehicle(owner);
    const { id: service_id } = await aService(owner);
    const { id: appointment_id } = await aBooking(owner, { customer_id });
    const line = { kind: 'labour', name: 'Work', quantity: 1, unit_price_cents: 100 };
    return {
      path: '/v1/estimates',
      body: {
        ...{ customer_id, vehicle_id, appointment_id, notes: 'n', valid_until: inHours(48) },
        ...{ lines: [{ ...line, service_id, discount_cents: 1, tax_basis_points: 950 }], discount_cents: 2 },
      },
    };
  },
  'GET /v1/estimates/:id': ({ owner }) => at(anEstimate(owner)),
  'GET /v1/estimates/:id.pdf': ({ owner }) => at(anEstimate(owner), { below: '.pdf' }),
  'GET /v1/estimates/:id.html': ({ owner }) => at(anEstimate(owner), { below: '.html' }),
  'PATCH /v1/estimates/:id': ({ owner }) =>
    at(aSentEstimate(owner), {
      body: {
        ...{ notes: 'n', valid_until: null, discount_cents: 0 },
        lines: [{ kind: 'fee', name: 'Disposal', quantity: 1, unit_price_cents: 500 }],
      },
    }),
  'DELETE /v1/estimates/:id': ({ owner }) => at(anEstimate(owner)),
  'POST /v1/estimates/:id/send': ({ owner }) => at(anEstimate(owner), { below: '/send' }),
  'DELETE /v1/estimates/:id/links': ({ owner }) => at(aSentEstimate(owner), { below: '/links' }),
  'GET /v1/estimates/:id/authorizations': ({ owner }) =>
    at(anApprovedEstimate(owner), { below: '/authorizations' }),
  'POST /v1/estimates/:id/authorizations': async ({ owner }) => {
    const estimate = await aSentEstimate(owner);
    return at(Promise.resolve(estimate), {
      below: '/authorizations',
      body: words(estimate),
    });
  },
  'POST /v1/estimates/:id/appointment': async ({ owner }) => {
    const { id: technician_id } = await aTechnician(owner);
    const line = { kind: 'labour', name: 'Work', quantity: 1, unit_price_cents: 100 };
    const { id: service_id } = await aService(owner);
    return at(anApprovedEstimate(owner, { lines: [{ ...line, service_id }, line] }), {
      below: '/appointment',
      body: { technician_id, starts_at: inHours(72), ends_at: inHours(73), notes: 'n' },
    });
  },
  'POST /v1/estimates/:id/invoice': async ({ app, owner }) => {
    const { id: appointment_id, customer_id } = await aDoneJob(app, owner);
    return at(anApprovedEstimate(owner, { appointment_id, customer_id }), {
      below: '/invoice',
    });
  },
  'GET /v1/public/estimates/:token': async ({ owner }) => ({
    path: `/v1/public/estimates/${(await aSentEstimate(owner)).token}`,
  }),
  'POST /v1/public/estimates/:token/decisions': async ({ owner }) => {
    const { token, version, lines } = await aSentEstimate(owner);
    const body = { version, name: 'Sam', lines: words({ lines }).lines };
    return { path: `/v1/public/estimates/${token}/decisions`, body };
  },
};
