import { describe, expect, test } from 'bun:test';
import { testApp } from '../helpers/app.ts';
import {
  aBooking,
  aCustomer,
  aDeposit,
  anArea,
  anEstimate,
  anInvoice,
  aService,
  aTechnician,
  aTemplate,
  aVehicle,
  aWebhook,
} from '../helpers/factories.ts';
import { accessOf, exampleOf, routesOf, sendExample } from './examples.ts';

/** The statements of a route's own on its happy path; begin, commit and savepoints are none. */
const STATEMENTS: Readonly<Record<string, number>> = {
  'GET /health': 0,
  'GET /health/live': 0,
  'GET /health/ready': 0,
  'GET /openapi.json': 0,
  'GET /docs': 0,
  'GET /docs/:asset': 0,
  'GET /book': 0,
  'GET /board': 0,
  'GET /pages/:folder/:asset': 0,
  'POST /v1/auth/login': 6,
  'POST /v1/auth/refresh': 6,
  'POST /v1/auth/logout': 1,
  'POST /v1/auth/password': 7,
  'POST /v1/auth/password-resets': 4,
  'POST /v1/auth/password-resets/confirm': 7,
  'GET /v1/me': 0,
  'GET /v1/staff': 1,
  'POST /v1/staff': 2,
  'GET /v1/staff/:id': 1,
  'PATCH /v1/staff/:id': 4,
  'GET /v1/customers': 1,
  'POST /v1/customers': 2,
  'GET /v1/customers/:id': 1,
  'PATCH /v1/customers/:id': 3,
  'DELETE /v1/customers/:id': 4,
  'POST /v1/customers/:id/restore': 3,
  'GET /v1/customers/:id/profile': 1,
  'GET /v1/customers/:id/notes': 2,
  'POST /v1/customers/:id/notes': 3,
  'POST /v1/customers/:id/merge': 9,
  'GET /v1/vehicles': 1,
  'POST /v1/vehicles': 4,
  'GET /v1/vehicles/:id': 1,
  'PATCH /v1/vehicles/:id': 4,
  'DELETE /v1/vehicles/:id': 5,
  'POST /v1/vehicles/:id/restore': 4,
  'POST /v1/vehicles/:id/transfer': 5,
  'GET /v1/vehicles/:id/history': 2,
  'GET /v1/vehicles/:id/odometer': 2,
  'POST /v1/vehicles/:id/odometer': 6,
  'GET /v1/vins/:vin': 0,
  'GET /v1/services': 1,
  'POST /v1/services': 2,
  'GET /v1/services/:id': 1,
  'PATCH /v1/services/:id': 3,
  'DELETE /v1/services/:id': 3,
  'POST /v1/services/:id/restore': 3,
  'GET /v1/technicians': 1,
  'POST /v1/technicians': 2,
  'GET /v1/technicians/:id': 1,
  'PATCH /v1/technicians/:id': 3,
  'GET /v1/technicians/:id/hours': 1,
  'PUT /v1/technicians/:id/hours': 3,
  'GET /v1/technicians/:id/time-off': 2,
  'POST /v1/technicians/:id/time-off': 3,
  'DELETE /v1/technicians/:id/time-off/:timeOffId': 2,
  'GET /v1/technicians/:id/extra-hours': 2,
  'POST /v1/technicians/:id/extra-hours': 3,
  'DELETE /v1/technicians/:id/extra-hours/:extraHoursId': 2,
  'GET /v1/closures': 1,
  'POST /v1/closures': 3,
  'DELETE /v1/closures/:id': 1,
  'GET /v1/service-areas': 1,
  'POST /v1/service-areas': 2,
  'GET /v1/service-areas/:id': 1,
  'PATCH /v1/service-areas/:id': 3,
  'DELETE /v1/service-areas/:id': 3,
  'GET /v1/technicians/:id/day': 2,
  'POST /v1/technicians/:id/calendar': 2,
  'DELETE /v1/technicians/:id/calendar': 2,
  'GET /v1/technicians/:id/calendar.ics': 1,
  'GET /v1/appointments': 1,
  'POST /v1/appointments': 10,
  'GET /v1/appointments/:id': 1,
  'PATCH /v1/appointments/:id': 9,
  'DELETE /v1/appointments/:id': 5,
  'POST /v1/appointments/:id/restore': 7,
  'GET /v1/appointments/:id/history': 2,
  'GET /v1/availability': 1,
  'GET /v1/availability/explain': 1,
  'POST /v1/holds': 4,
  'GET /v1/holds/:id': 1,
  'DELETE /v1/holds/:id': 1,
  'POST /v1/holds/:id/confirm': 7,
  'DELETE /v1/appointments/:id/links': 3,
  'GET /v1/board': 1,
  'GET /v1/board/stats': 1,
  'PUT /v1/board/cards/:id': 8,
  'GET /v1/estimates': 1,
  'POST /v1/estimates': 8,
  'GET /v1/estimates/:id': 1,
  'PATCH /v1/estimates/:id': 10,
  'DELETE /v1/estimates/:id': 6,
  'POST /v1/estimates/:id/send': 9,
  'DELETE /v1/estimates/:id/links': 5,
  'GET /v1/estimates/:id/authorizations': 2,
  'POST /v1/estimates/:id/authorizations': 8,
  'POST /v1/estimates/:id/appointment': 14,
  'POST /v1/estimates/:id/invoice': 10,
  'POST /v1/appointments/:id/invoice': 6,
  'GET /v1/invoices': 1,
  'GET /v1/invoices/:id': 1,
  'GET /v1/estimates/:id.pdf': 1,
  'GET /v1/estimates/:id.html': 1,
  'GET /v1/invoices/:id.pdf': 1,
  'GET /v1/invoices/:id.html': 1,
  'PATCH /v1/invoices/:id': 8,
  'POST /v1/invoices/:id/issue': 6,
  'POST /v1/invoices/:id/send': 6,
  'POST /v1/invoices/:id/void': 4,
  'GET /v1/invoices/:id/payments': 2,
  // Where money moves, three are of the key.
  'POST /v1/invoices/:id/payments': 8,
  'GET /v1/appointments/:id/deposits': 2,
  'POST /v1/appointments/:id/deposits': 7,
  'GET /v1/payments': 1,
  'GET /v1/payments/:id': 1,
  'GET /v1/payments/:id/refunds': 2,
  'GET /v1/payments/:id/receipt.pdf': 1,
  'GET /v1/payments/:id/receipt.html': 1,
  'POST /v1/payments/:id/refunds': 8,
  'GET /v1/ledger/trial': 1,
  // Where strangers are, one more counts them, and one reads the shop's zone or region if a form needs it.
  'GET /v1/appointments/:id/messages': 2,
  'POST /v1/appointments/:id/messages': 6,
  'GET /v1/message-templates': 1,
  'POST /v1/message-templates': 2,
  'GET /v1/message-templates/:id': 1,
  'PATCH /v1/message-templates/:id': 3,
  'DELETE /v1/message-templates/:id': 3,
  'POST /v1/message-templates/:id/restore': 3,
  'POST /v1/message-templates/:id/render': 2,
  'GET /v1/outbox': 1,
  'POST /v1/outbox/:id/retry': 3,
  'POST /v1/providers/sms/callbacks': 2,
  'GET /v1/reports/messages': 1,
  'GET /v1/public/shop': 2,
  'GET /v1/public/services': 2,
  'GET /v1/public/availability': 3,
  'POST /v1/public/holds': 7,
  'POST /v1/public/bookings': 19,
  'GET /v1/public/appointments/:token': 2,
  'GET /v1/public/appointments/:token/starts': 5,
  'POST /v1/public/appointments/:token/confirm': 6,
  'POST /v1/public/appointments/:token/reschedule': 16,
  'POST /v1/public/appointments/:token/cancel': 10,
  'GET /v1/public/estimates/:token': 2,
  'POST /v1/public/estimates/:token/decisions': 11,
  'GET /v1/settings': 1,
  'PATCH /v1/settings': 3,
  'GET /v1/audit': 1,
  // One gives places to what is new.
  'GET /v1/changes': 2,
  'GET /v1/webhooks': 1,
  'POST /v1/webhooks': 3,
  'GET /v1/webhooks/:id': 1,
  'PATCH /v1/webhooks/:id': 4,
  'DELETE /v1/webhooks/:id': 3,
  'POST /v1/webhooks/:id/secret': 3,
  'POST /v1/webhooks/:id/test': 3,
  'GET /v1/webhooks/:id/deliveries': 2,
  'POST /v1/webhooks/:id/deliveries/:deliveryId/redeliver': 3,
  'POST /v1/board/tickets': 1,
  // What a stream asks is asked once for all streams of the process.
  'GET /v1/board/events': 0,
  // The cursor, and the first batch from it.
  'GET /v1/reports/appointments.csv': 2,
  'GET /v1/reports/payments.csv': 2,
  'GET /v1/reports/revenue': 1,
  'GET /v1/reports/receivables': 1,
  'GET /v1/reports/technicians': 1,
  'GET /v1/reports/no-shows': 1,
  'PUT /v1/appointments/:id/status': 5,
  'POST /v1/appointments/:id/services': 7,
  'PATCH /v1/appointments/:id/services/:lineId': 6,
  'DELETE /v1/appointments/:id/services/:lineId': 6,
};

const app = await testApp();
const owner = await app.as('owner');
const world = { app, owner };

/** The look at session and account, once for every request that is not open to strangers. */
const ofAuthentication = (route: string): number => (accessOf(route) === 'open' ? 0 : 1);

const queriesOf = (correlationId: string): number => {
  const line = app.lines.find(
    (one) => one.correlation_id === correlationId && typeof one.queries === 'number',
  );
  return Number(line?.queries);
};

describe('every route sends exactly its statements', () => {
  for (const route of routesOf(app)) {
    test(route, async () => {
      const answer = await sendExample(world, route, await exampleOf(world, route));
      expect([200, 201, 202]).toContain(answer.status);
      expect(queriesOf(answer.correlationId) - ofAuthentication(route)).toBe(STATEMENTS[route] ?? Number.NaN);
    });
  }

  test('and none is counted that does not exist any more', () =>
    expect(Object.keys(STATEMENTS).sort()).toEqual([...routesOf(app)].sort()));
});

test('twenty services on a job take as many statements as one', async () => {
  const customer = await aCustomer(owner);
  const ids: string[] = [];
  while (ids.length < 20) ids.push((await aService(owner)).id);
  for (const count of [1, 20]) {
    const services = ids.slice(0, count).map((service_id) => ({ service_id }));
    const starts_at = `2031-01-${10 + count}T10:00:00Z`;
    const booked = await owner.post('/v1/appointments', { customer_id: customer.id, starts_at, services });
    expect(booked.data.services).toHaveLength(count);
    expect(queriesOf(booked.correlationId)).toBe(8);
    const changed = await owner.patch(`/v1/appointments/${booked.data.id}`, { services });
    expect(queriesOf(changed.correlationId)).toBe(9);
  }
});

describe('a list takes one statement, whether it shows 1 or 25', () => {
  const lists = routesOf(app).filter((route) =>
    /^GET \/v1\/(?!settings|changes)[\w-]+s$|^GET \/v1\/staff$/.test(route),
  );

  test('of everything', async () => {
    const { id: customer_id } = await aCustomer(owner);
    for (let count = 0; count < 26; count += 1) {
      const { id: vehicle_id } = await aVehicle(owner, { customer_id });
      const { id: technician_id } = await aTechnician(owner);
      const { id: service_id } = await aService(owner);
      await aBooking(owner, { customer_id, vehicle_id, technician_id, services: [{ service_id }] });
      await aCustomer(owner);
      await anArea(owner);
      await aWebhook(owner);
      await aTemplate(owner);
      await owner.post('/v1/closures', { starts_at: '2031-01-01', ends_at: '2031-01-02' });
      await app.as('advisor');
      const { appointment_id } = await anInvoice(app, owner);
      await aDeposit(owner, appointment_id);
      await anEstimate(owner, { customer_id });
    }
    expect(lists).toHaveLength(13);
    const paths = lists.map((route) => route.replace('GET ', ''));
    for (const path of [...paths, `/v1/customers/${customer_id}/profile`]) {
      for (const limit of [1, 25]) {
        const { data, correlationId } = await owner.get(`${path}?limit=${limit}`);
        const { items, next_cursor } = data.appointments ?? data;
        expect(items).toHaveLength(limit);
        expect(next_cursor).toBeString();
        expect(queriesOf(correlationId)).toBe(2);
        const next = await owner.get(`${path}?limit=${limit}&cursor=${next_cursor}`);
        expect(next.status).toBe(200);
        expect(queriesOf(next.correlationId)).toBe(2);
      }
    }
  });
});
