import type { Client, Data } from '../helpers/app.ts';
import {
  aBooking,
  aDeposit,
  aDoneJob,
  anInvoice,
  anIssuedInvoice,
  aPayment,
  withKey,
} from '../helpers/factories.ts';
import { at, type Make } from './example.ts';

const aPaymentOf = async (owner: Client): Promise<Data> =>
  (await aDeposit(owner, (await aBooking(owner)).id)).payment;

const A_YEAR = 'from=2026-01-01&to=2027-01-01';

/** Invoices, payments, what is printed of them, and the reports. */
export const OF_MONEY: Readonly<Record<string, Make>> = {
  'POST /v1/appointments/:id/invoice': ({ app, owner }) =>
    at('/v1/appointments', aDoneJob(app, owner), { below: '/invoice', body: {} }),
  'GET /v1/invoices': () => ({ path: '/v1/invoices' }),
  'GET /v1/invoices/:id': ({ app, owner }) => at('/v1/invoices', anInvoice(app, owner)),
  'GET /v1/invoices/:id.pdf': ({ app, owner }) =>
    at('/v1/invoices', anInvoice(app, owner), { below: '.pdf' }),
  'GET /v1/invoices/:id.html': ({ app, owner }) =>
    at('/v1/invoices', anInvoice(app, owner), { below: '.html' }),
  'PATCH /v1/invoices/:id': ({ app, owner }) =>
    at('/v1/invoices', anInvoice(app, owner), {
      body: {
        lines: [
          {
            ...{ kind: 'part', name: 'Pads', quantity: 2, unit_price_cents: 4_500 },
            ...{ discount_cents: 100, tax_basis_points: 950 },
          },
        ],
        discount_cents: 250,
      },
    }),
  'POST /v1/invoices/:id/issue': ({ app, owner }) =>
    at('/v1/invoices', anInvoice(app, owner), { below: '/issue' }),
  'POST /v1/invoices/:id/send': ({ app, owner }) =>
    at('/v1/invoices', anIssuedInvoice(app, owner), { below: '/send' }),
  'POST /v1/invoices/:id/void': ({ app, owner }) =>
    at('/v1/invoices', anIssuedInvoice(app, owner), { below: '/void' }),
  'GET /v1/invoices/:id/payments': ({ app, owner }) =>
    at('/v1/invoices', anInvoice(app, owner), { below: '/payments' }),
  'POST /v1/invoices/:id/payments': async ({ app, owner }) => ({
    ...(await at('/v1/invoices', anIssuedInvoice(app, owner), {
      below: '/payments',
      body: { amount_cents: 100, method: 'cash', note: 'n', received_at: '2026-01-01T10:00:00Z' },
    })),
    ...withKey(),
  }),
  'GET /v1/appointments/:id/deposits': ({ owner }) =>
    at('/v1/appointments', aBooking(owner), { below: '/deposits' }),
  'POST /v1/appointments/:id/deposits': async ({ owner }) => ({
    ...(await at('/v1/appointments', aBooking(owner), {
      below: '/deposits',
      body: { amount_cents: 100, method: 'cash', note: 'n', received_at: '2026-01-01T10:00:00Z' },
    })),
    ...withKey(),
  }),
  'GET /v1/payments': () => ({ path: '/v1/payments' }),
  'GET /v1/payments/:id': ({ owner }) => at('/v1/payments', aPaymentOf(owner)),
  'GET /v1/payments/:id/receipt.pdf': ({ owner }) =>
    at('/v1/payments', aPaymentOf(owner), { below: '/receipt.pdf' }),
  'GET /v1/payments/:id/receipt.html': ({ owner }) =>
    at('/v1/payments', aPaymentOf(owner), { below: '/receipt.html' }),
  'GET /v1/payments/:id/refunds': ({ owner }) => at('/v1/payments', aPaymentOf(owner), { below: '/refunds' }),
  'POST /v1/payments/:id/refunds': async ({ app, owner }) => {
    const { payment } = await aPayment(owner, (await anIssuedInvoice(app, owner)).id);
    const example = await at('/v1/payments', payment, {
      below: '/refunds',
      body: { amount_cents: 100, reason: 'r' },
    });
    return { ...example, ...withKey() };
  },
  'GET /v1/ledger/trial': () => ({ path: '/v1/ledger/trial' }),
  'GET /v1/reports/appointments.csv': async ({ owner }) => {
    await aBooking(owner);
    return { path: '/v1/reports/appointments.csv?from=2026-01-01&status=scheduled,completed' };
  },
  'GET /v1/reports/payments.csv': async ({ owner }) => {
    await aPaymentOf(owner);
    return { path: '/v1/reports/payments.csv?from=2026-01-01&method=cash,card' };
  },
  'GET /v1/reports/revenue': () => ({ path: `/v1/reports/revenue?${A_YEAR}&by=month` }),
  'GET /v1/reports/receivables': () => ({ path: '/v1/reports/receivables' }),
  'GET /v1/reports/technicians': () => ({ path: `/v1/reports/technicians?${A_YEAR}` }),
  'GET /v1/reports/no-shows': () => ({ path: `/v1/reports/no-shows?${A_YEAR}` }),
};
