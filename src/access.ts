/** Who may use which route. Data only: http/authenticate reads it, a test walks every route × every role. */
export const ROLES = ['owner', 'advisor', 'technician', 'accountant'] as const;
export type Role = (typeof ROLES)[number];

const owner: readonly Role[] = ['owner'];
const everyone: readonly Role[] = ROLES;
const office: readonly Role[] = ['owner', 'advisor'];
const readers: readonly Role[] = ['owner', 'advisor', 'accountant'];
const books: readonly Role[] = ['owner', 'accountant'];
/** Whoever takes money, gives it back or makes an invoice void. */
const till: readonly Role[] = ['owner', 'advisor', 'accountant'];
const workers: readonly Role[] = ['owner', 'advisor', 'technician'];

export type Access = 'open' | readonly Role[];

/** What a browser opens without an Authorization header: a ticket, good for once, opens it too. */
export const TICKETED: readonly string[] = ['GET /v1/board/events'];

/** A technician sees the customers, vehicles and appointments of their own jobs only: the queries hold that part. */
export const ACCESS: Readonly<Record<string, Access>> = {
  'GET /health': 'open',
  'GET /health/live': 'open',
  'GET /health/ready': 'open',

  'GET /openapi.json': 'open',
  'GET /docs': 'open',
  'GET /docs/:asset': 'open',
  'GET /book': 'open',
  'GET /board': 'open',
  'GET /pages/:folder/:asset': 'open',

  'POST /v1/auth/login': 'open',
  'POST /v1/auth/refresh': 'open',
  'POST /v1/auth/logout': 'open',
  'POST /v1/auth/password': everyone,
  'POST /v1/auth/password-resets': 'open',
  'POST /v1/auth/password-resets/confirm': 'open',
  'GET /v1/me': everyone,

  'GET /v1/staff': owner,
  'POST /v1/staff': owner,
  'GET /v1/staff/:id': owner,
  'PATCH /v1/staff/:id': owner,

  'GET /v1/customers': everyone,
  'POST /v1/customers': office,
  'GET /v1/customers/:id': everyone,
  'PATCH /v1/customers/:id': office,
  'DELETE /v1/customers/:id': office,
  'POST /v1/customers/:id/restore': office,
  'GET /v1/customers/:id/profile': readers,
  'GET /v1/customers/:id/notes': everyone,
  'POST /v1/customers/:id/notes': office,
  'POST /v1/customers/:id/merge': office,

  'GET /v1/vehicles': everyone,
  'POST /v1/vehicles': office,
  'GET /v1/vehicles/:id': everyone,
  'PATCH /v1/vehicles/:id': office,
  'DELETE /v1/vehicles/:id': office,
  'POST /v1/vehicles/:id/restore': office,
  'POST /v1/vehicles/:id/transfer': office,
  'GET /v1/vehicles/:id/history': everyone,
  'GET /v1/vehicles/:id/odometer': everyone,
  'POST /v1/vehicles/:id/odometer': office,
  'GET /v1/vins/:vin': everyone,

  'GET /v1/services': everyone,
  'POST /v1/services': owner,
  'GET /v1/services/:id': everyone,
  'PATCH /v1/services/:id': owner,
  'DELETE /v1/services/:id': owner,
  'POST /v1/services/:id/restore': owner,

  'GET /v1/technicians': everyone,
  'POST /v1/technicians': owner,
  'GET /v1/technicians/:id': everyone,
  'PATCH /v1/technicians/:id': owner,
  'GET /v1/technicians/:id/hours': everyone,
  'PUT /v1/technicians/:id/hours': owner,
  'GET /v1/technicians/:id/time-off': everyone,
  'POST /v1/technicians/:id/time-off': office,
  'DELETE /v1/technicians/:id/time-off/:timeOffId': office,
  'GET /v1/technicians/:id/extra-hours': everyone,
  'POST /v1/technicians/:id/extra-hours': office,
  'DELETE /v1/technicians/:id/extra-hours/:extraHoursId': office,
  'GET /v1/closures': everyone,
  'POST /v1/closures': owner,
  'DELETE /v1/closures/:id': owner,
  'GET /v1/service-areas': everyone,
  'POST /v1/service-areas': owner,
  'GET /v1/service-areas/:id': everyone,
  'PATCH /v1/service-areas/:id': owner,
  'DELETE /v1/service-areas/:id': owner,
  'GET /v1/technicians/:id/day': everyone,
  'POST /v1/technicians/:id/calendar': workers,
  'DELETE /v1/technicians/:id/calendar': workers,
  'GET /v1/technicians/:id/calendar.ics': 'open',

  'GET /v1/availability': readers,
  'GET /v1/availability/explain': readers,

  'POST /v1/holds': office,
  'GET /v1/holds/:id': readers,
  'DELETE /v1/holds/:id': office,
  'POST /v1/holds/:id/confirm': office,

  'GET /v1/appointments': everyone,
  'POST /v1/appointments': office,
  'GET /v1/appointments/:id': everyone,
  'PATCH /v1/appointments/:id': workers,
  'DELETE /v1/appointments/:id': office,
  'POST /v1/appointments/:id/restore': office,
  'GET /v1/appointments/:id/history': everyone,
  'PUT /v1/appointments/:id/status': workers,
  'POST /v1/appointments/:id/services': workers,
  'PATCH /v1/appointments/:id/services/:lineId': workers,
  'DELETE /v1/appointments/:id/services/:lineId': workers,

  'DELETE /v1/appointments/:id/links': office,

  'GET /v1/board': everyone,
  'GET /v1/board/stats': readers,
  'PUT /v1/board/cards/:id': workers,

  'GET /v1/estimates': readers,
  'POST /v1/estimates': office,
  'GET /v1/estimates/:id': readers,
  'PATCH /v1/estimates/:id': office,
  'DELETE /v1/estimates/:id': office,
  'POST /v1/estimates/:id/send': office,
  'DELETE /v1/estimates/:id/links': office,
  'GET /v1/estimates/:id/authorizations': readers,
  'POST /v1/estimates/:id/authorizations': office,
  'POST /v1/estimates/:id/appointment': office,
  'POST /v1/estimates/:id/invoice': office,

  'POST /v1/appointments/:id/invoice': office,
  'GET /v1/invoices': readers,
  'GET /v1/invoices/:id': readers,
  'PATCH /v1/invoices/:id': office,
  'POST /v1/invoices/:id/issue': office,
  'POST /v1/invoices/:id/send': office,
  'POST /v1/invoices/:id/void': till,
  'GET /v1/invoices/:id/payments': readers,
  'POST /v1/invoices/:id/payments': till,
  'GET /v1/appointments/:id/deposits': readers,
  'POST /v1/appointments/:id/deposits': till,
  'GET /v1/payments': readers,
  'GET /v1/payments/:id': readers,
  'GET /v1/payments/:id/refunds': readers,
  'POST /v1/payments/:id/refunds': till,
  'GET /v1/ledger/trial': readers,
  'GET /v1/appointments/:id/messages': everyone,
  'POST /v1/appointments/:id/messages': office,
  'GET /v1/message-templates': readers,
  'POST /v1/message-templates': owner,
  'GET /v1/message-templates/:id': readers,
  'PATCH /v1/message-templates/:id': owner,
  'DELETE /v1/message-templates/:id': owner,
  'POST /v1/message-templates/:id/restore': owner,
  'POST /v1/message-templates/:id/render': office,
  'GET /v1/outbox': books,
  'POST /v1/outbox/:id/retry': owner,
  'POST /v1/providers/sms/callbacks': 'open',

  'GET /v1/public/shop': 'open',
  'GET /v1/public/services': 'open',
  'GET /v1/public/availability': 'open',
  'POST /v1/public/holds': 'open',
  'POST /v1/public/bookings': 'open',
  'GET /v1/public/appointments/:token': 'open',
  'GET /v1/public/appointments/:token/starts': 'open',
  'POST /v1/public/appointments/:token/confirm': 'open',
  'POST /v1/public/appointments/:token/reschedule': 'open',
  'POST /v1/public/appointments/:token/cancel': 'open',
  'GET /v1/public/estimates/:token': 'open',
  'POST /v1/public/estimates/:token/decisions': 'open',

  'GET /v1/settings': everyone,
  'PATCH /v1/settings': owner,

  'GET /v1/audit': books,
  'GET /v1/changes': readers,
  'GET /v1/webhooks': owner,
  'POST /v1/webhooks': owner,
  'GET /v1/webhooks/:id': owner,
  'PATCH /v1/webhooks/:id': owner,
  'DELETE /v1/webhooks/:id': owner,
  'POST /v1/webhooks/:id/secret': owner,
  'POST /v1/webhooks/:id/test': owner,
  'GET /v1/webhooks/:id/deliveries': owner,
  'POST /v1/webhooks/:id/deliveries/:deliveryId/redeliver': owner,

  'POST /v1/board/tickets': everyone,
  'GET /v1/board/events': everyone,

  'GET /v1/reports/appointments.csv': books,
  'GET /v1/reports/messages': books,
};
