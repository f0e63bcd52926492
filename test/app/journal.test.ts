import { describe, expect, test } from 'bun:test';
import { testApp } from '../helpers/app.ts';
import type { World } from './example.ts';
import { EXAMPLES, exampleOf, isWrite, sendExample } from './examples.ts';

const app = await testApp();
const owner = await app.as('owner');
const world: World = { app, owner };
/** A hold is nobody's business but the booking's that comes of it; a ticket is a key, and gone after 30 seconds. */
const WITHOUT = [
  ...['POST /v1/holds', 'DELETE /v1/holds/:id', 'POST /v1/public/holds'],
  'POST /v1/board/tickets',
  // What is sent stands in the list of deliveries.
  ...['POST /v1/webhooks/:id/test', 'POST /v1/webhooks/:id/deliveries/:deliveryId/redeliver'],
  // It shows what would be sent, and changes nothing.
  'POST /v1/message-templates/:id/render',
  // Its example is about nobody; test/features/callbacks has the others.
  'POST /v1/providers/sms/callbacks',
];
const routes = Object.keys(EXAMPLES).filter(
  (route) => isWrite(route) && !route.includes('/v1/auth/') && !WITHOUT.includes(route),
);

describe('every write leaves its row in the journal, in its transaction', () => {
  for (const route of routes) {
    test(route, async () => {
      const example = await exampleOf(world, route);
      const { correlationId } = await sendExample(world, route, example);
      const rows = await app.sql<{ actor_id: string; actor_role: string }>`
        select actor_id, actor_role from journal where correlation_id = ${correlationId}`;
      expect(rows.length).toBeGreaterThan(0);
      // Whoever comes without a login is the customer of that job.
      const isPublic = route.includes('/v1/public/');
      const customers = await app.sql<{
        id: string;
      }>`select id from customers order by created_at desc limit 1`;
      const actor = isPublic
        ? { actor_id: customers[0]?.id ?? '', actor_role: 'customer' }
        : { actor_id: owner.staffId, actor_role: 'owner' };
      for (const row of rows) expect(row).toEqual(actor);
    });
  }

  test('every table that the API writes has the trigger, but for those named here', async () => {
    const without = await app.sql<{ name: string }>`
      select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'journal')
      order by 1`;
    expect(without.map(({ name }) => name)).toEqual([
      // Hashes of links to jobs.
      'appointment_links',
      // A form of the job itself.
      'appointment_texts',
      'attempts',
      // A move of a card leaves a row of its own: a rank says nothing to a reader.
      'board_places',
      'board_tickets',
      // Hashes of links to estimates.
      'estimate_links',
      'idempotency_keys',
      ...['journal', 'journal_head'],
      'migrations',
      // What is to be sent, and secrets.
      ...['outbox', 'password_resets'],
      // Secrets, and no things of the shop.
      ...['refresh_tokens'],
      'sessions',
      // What a routing service said: a copy, and no thing of the shop.
      'travel_times',
      // Kept by the database, out of rows that have theirs.
      'unbilled_jobs',
      // What is sent and how far that has come: were it in the journal, it would be sent again.
      ...['webhook_deliveries', 'webhook_progress'],
    ]);
  });
});
