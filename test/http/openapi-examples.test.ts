import { describe, expect, test } from 'bun:test';
import {
  EXAMPLE_CALENDAR_TOKEN,
  EXAMPLE_ESTIMATE_TOKEN,
  EXAMPLE_IDS,
  EXAMPLE_LINK_TOKEN,
  EXAMPLE_LOGIN,
} from '../../src/http/example-shop.ts';
import { newId } from '../../src/values/id.ts';
import { hashed } from '../../src/values/token.ts';
import { testApp } from '../helpers/app.ts';
import { signed } from '../helpers/factories.ts';
import { documentOf, exampleRequestOf, operationsOf } from '../helpers/openapi.ts';

const app = await testApp();
const document = await documentOf(app.app);
const passwordHash = await Bun.password.hash(EXAMPLE_LOGIN.password, {
  algorithm: 'argon2id',
  memoryCost: 8,
  timeCost: 1,
});
const resetHash = new Bun.CryptoHasher('sha256').update(EXAMPLE_LOGIN.reset_token).digest();
const calendarHash = new Bun.CryptoHasher('sha256').update(EXAMPLE_CALENDAR_TOKEN).digest();
const tokenHash = new Bun.CryptoHasher('sha256').update(EXAMPLE_LOGIN.refresh_token).digest();

/** A shop that holds what src/http/example-shop.ts names, and nothing else. */
const makeShop = async (): Promise<void> => {
  const { appointment, customer, line, service, staff, technician, vehicle } = EXAMPLE_IDS;
  const { closure, extra_hours, hold, service_area, time_off } = EXAMPLE_IDS;
  const { message_template: template, outbox: queued } = EXAMPLE_IDS;
  const { other_customer: another, public_hold: publicHold } = EXAMPLE_IDS;
  const session = newId();
  await app.sql`truncate staff, customers, technicians, services, closures, service_areas, webhooks, attempts, password_resets, message_templates, outbox cascade`;
  await app.sql`insert into staff (id, email, name, role, password_hash)
    values (${staff}, ${EXAMPLE_LOGIN.email}, 'Olga Example', 'owner', ${passwordHash})`;
  await app.sql`insert into sessions (id, staff_id, expires_at) values (${session}, ${staff}, now() + interval '1 day')`;
  await app.sql`insert into refresh_tokens (token_hash, session_id) values (${tokenHash}, ${session})`;
  await app.sql`insert into password_resets (token_hash, staff_id, expires_at)
    values (${resetHash}, ${staff}, now() + interval '1 hour')`;
  // The job is another customer's: the customer of the examples can be deleted.
  await app.sql`insert into customers (id, name, email) values
    (${customer}, 'Cora Example', 'cora@example.com'), (${another}, 'Another', 'another@example.com')`;
  await app.sql`insert into vehicles (id, customer_id, year, make, model)
    values (${vehicle}, ${customer}, 2019, 'Toyota', 'Corolla')`;
  await app.sql`insert into services (id, code, name, category, duration_minutes, price_cents, kind)
    values (${service}, 'EXAMPLE', 'Oil change', 'Engine', 45, 8900, 'labour')`;
  await app.sql`insert into technicians (id, name, initials) values (${technician}, 'Tom Example', 'TE')`;
  const span = app.sql.part`'2101-01-10T00:00:00Z', '2101-01-11T00:00:00Z'`;
  await app.sql`insert into closures (id, starts_at, ends_at) values (${closure}, ${span})`;
  await app.sql`insert into time_off (id, technician_id, starts_at, ends_at) values (${time_off}, ${technician}, ${span})`;
  await app.sql`insert into extra_hours (id, technician_id, starts_at, ends_at)
    values (${extra_hours}, ${technician}, ${span})`;
  await app.sql`insert into service_areas (id, name, kind, lat, lng, radius_km)
    values (${service_area}, 'Downtown', 'radius', 34, -118, 25)`;
  await app.sql`insert into calendars (technician_id, token_hash) values (${technician}, ${calendarHash})`;
  await app.sql`insert into appointments (id, customer_id, starts_at, ends_at)
    values (${appointment}, ${another}, '2101-01-10T18:00:00Z', '2101-01-10T19:00:00Z')`;
  await app.sql`insert into appointments (id, status, technician_id, starts_at, ends_at, hold_expires_at, hold_services)
    values (${hold}, 'held', ${technician}, '2101-01-11T18:00:00Z', '2101-01-11T19:00:00Z', now() + interval '1 hour',
      '[]')`;
  await app.sql`insert into appointments
      (id, status, technician_id, starts_at, ends_at, hold_expires_at, hold_services, hold_stranger)
    values (${publicHold}, 'held', ${technician}, '2101-01-12T18:00:00Z', '2101-01-12T19:00:00Z',
      now() + interval '1 hour', '[]', '\\x01')`;
  await app.sql`insert into appointment_links (token_hash, appointment_id) values
    (${hashed(EXAMPLE_LINK_TOKEN)}, ${appointment})`;
  const { webhook, delivery } = EXAMPLE_IDS;
  await app.sql`insert into webhooks (id, url, events, secret) values (${webhook}, 'https://hooks.example.com/', '{*}', 'whsec_')`;
  await app.sql`insert into webhook_progress (webhook_id, position) values (${webhook}, 0)`;
  await app.sql`insert into webhook_deliveries (id, webhook_id, type, body, status)
    values (${delivery}, ${webhook}, 'webhook.test', '{}', 'delivered')`;
  await app.sql`insert into message_templates (id, name, channel, body) values (${template}, 'Late', 'sms', 'We are late')`;
  await app.sql`insert into outbox (id, kind, recipient, subject, body, status) values
    (${queued}, 'password_reset', 'olga@example.com', 's', 'b', 'failed')`;
  // The examples lie in a time that stays ahead: further than a customer may usually book.
  await app.sql`update settings set horizon_days = 100000`;
  await app.sql`insert into appointment_services
      (id, appointment_id, position, service_id, name, kind, quantity, duration_minutes, price_cents)
    values (${line}, ${appointment}, 0, ${service}, 'Oil change', 'labour', 1, 45, 8900)`;
  await makeBooks();
  await makeEstimates();
};

/** A job that is to be billed, one with a draft, one with an invoice on which something was paid. */
const makeBooks = async (): Promise<void> => {
  const { done_job, invoice, issued_invoice, other_customer, payment } = EXAMPLE_IDS;
  for (const [id, draft] of [[done_job], [newId(), invoice], [newId(), issued_invoice]]) {
    await app.sql`insert into appointments (id, customer_id, starts_at, ends_at, status, completed_at)
      values (${id ?? ''}, ${other_customer}, '2026-01-10T18:00:00Z', '2026-01-10T19:00:00Z', 'completed', now())`;
    if (draft === undefined) continue;
    await app.sql`insert into invoices (id, appointment_id, customer_id, subtotal_cents, total_cents)
      values (${draft}, ${id ?? ''}, ${other_customer}, 8900, 8900)`;
    await app.sql`insert into invoice_lines (id, invoice_id, position, kind, name, quantity, unit_price_cents, total_cents)
      values (${newId()}, ${draft}, 1, 'labour', 'Oil change', 1, 8900, 8900)`;
  }
  await app.sql`update invoices set status = 'issued', number = 1, issued_at = now() where id = ${issued_invoice}`;
  await app.sql`insert into payments (id, invoice_id, amount_cents, method)
    values (${payment}, ${issued_invoice}, 3000, 'cash')`;
};

/** A draft, and two that were sent: one of whose lines is decided, one whose job is done. */
const makeEstimates = async (): Promise<void> => {
  const { customer, draft_estimate, estimate, estimate_line, done_estimate, staff } = EXAMPLE_IDS;
  const job = newId();
  await app.sql`insert into appointments (id, customer_id, starts_at, ends_at, status, completed_at)
    values (${job}, ${customer}, '2026-01-10T18:00:00Z', '2026-01-10T19:00:00Z', 'completed', now())`;
  const ids = [draft_estimate, estimate, done_estimate];
  for (const [at, id] of ids.entries()) {
    await app.sql`insert into estimates (id, number, customer_id, appointment_id, subtotal_cents, total_cents)
      values (${id}, ${at + 1}, ${customer}, ${id === done_estimate ? job : null}, 17800, 17800)`;
    const [one, other] = [id === estimate ? estimate_line : newId(), newId()];
    for (const [place, line] of [one, other].entries())
      await app.sql`insert into estimate_lines
          (id, estimate_id, position, kind, name, quantity, unit_price_cents, total_cents, since_version)
        values (${line}, ${id}, ${place}, 'labour', 'Oil change', 1, 8900, 8900, 1)`;
    if (id === draft_estimate) continue;
    await app.sql`update estimates set status = 'partly_approved', sent_at = now() where id = ${id}`;
    await app.sql`insert into estimate_authorizations
        (id, estimate_id, line_id, version, decision, line_name, amount_cents, name, method, text, recorded_by)
      values (${newId()}, ${id}, ${other}, 1, 'approved', 'Oil change', 8900, 'Sam', 'phone', 'Yes', ${staff})`;
  }
  await app.sql`insert into estimate_links (estimate_id, token_hash)
    values (${estimate}, ${hashed(EXAMPLE_ESTIMATE_TOKEN)})`;
};

let isAsMade = false;

describe('in a shop that holds the things of the examples, every example works as it stands', () => {
  for (const operation of operationsOf(document)) {
    const { method, path } = operation;
    test(`${method} ${path}`, async () => {
      // What only reads leaves the shop as it was made.
      if (!isAsMade) await makeShop();
      isAsMade = method === 'GET';
      const { email, password } = EXAMPLE_LOGIN;
      const login = await app.stranger.post('/v1/auth/login', { email, password });
      const { path: address, body, headers: needed } = exampleRequestOf(document, operation);
      const own = path.endsWith('/callbacks') ? signed(body) : {};
      const headers = { authorization: `Bearer ${login.data.access_token}`, ...own };
      const answer = await app.stranger.send(method, address, {
        headers: { ...needed, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      const [status] = Object.keys(operation.operation.responses).filter((one) => one.startsWith('2'));
      expect([answer.status, answer.error]).toEqual([Number(status), null]);
    });
  }
});
