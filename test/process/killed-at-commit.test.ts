import { expect, test } from 'bun:test';
import { newId } from '../../src/values/id.ts';
import type { Data } from '../helpers/app.ts';
import { connect } from '../helpers/connection.ts';
import { proxyTo } from '../helpers/proxy.ts';
import { login, OWNER_VARIABLES } from './requests.ts';
import { household, isRunning, kill, until } from './started.ts';

const house = household();
const KEY = 'the one write';
const INVOICE = newId();
const AMOUNT = 4_000;

/** An issued invoice over 90.00. */
const makeInvoice = async (databaseUrl: string): Promise<void> => {
  const sql = connect(databaseUrl);
  const [customer, job] = [newId(), newId()];
  await sql`insert into customers (id, name, email) values (${customer}, 'Bea', 'bea@example.com')`;
  await sql`insert into appointments (id, customer_id, starts_at, ends_at, status)
    values (${job}, ${customer}, '2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z', 'completed')`;
  await sql`insert into invoices (id, appointment_id, customer_id, status, number, subtotal_cents, total_cents)
    values (${INVOICE}, ${job}, ${customer}, 'issued', 1, 9000, 9000)`;
  await sql.end();
};

/** A write, what its answer calls the new thing, and that thing's rows. */
const WRITES = {
  'a customer': {
    path: '/v1/customers',
    body: { name: 'Ana', email: 'ana@example.com' },
    idOf: (data: Data) => data.id,
    entity: 'customer',
    rows: (sql: ReturnType<typeof connect>) => sql`select id from customers where name = 'Ana'`,
  },
  'a payment': {
    path: `/v1/invoices/${INVOICE}/payments`,
    body: { amount_cents: AMOUNT, method: 'cash' },
    idOf: (data: Data) => data.payment.id,
    entity: 'payment',
    rows: (sql: ReturnType<typeof connect>) => sql`
      select p.id from payments p join invoices i on i.id = p.invoice_id where i.paid_cents = ${AMOUNT}`,
  },
};

test('a worker killed between commit and answer: the replay finds one row, and the answer of the first', async () => {
  const databaseUrl = await house.database();
  let victim = 0;
  let isCommitSent = false;
  const proxy = await proxyTo(databaseUrl, {
    toServer: (bytes) => {
      if (victim !== 0 && bytes.includes('commit\0')) isCommitSent = true;
      return true;
    },
    toClient: (bytes) => {
      // The database has committed; the worker will never hear of it.
      if (!isCommitSent || !bytes.includes('COMMIT\0')) return true;
      kill(victim, 'SIGKILL');
      victim = 0;
      isCommitSent = false;
      return false;
    },
  });
  try {
    const server = house.serve({ DATABASE_URL: proxy.url, ...OWNER_VARIABLES });
    const address = await server.ready();
    await makeInvoice(databaseUrl);
    const { data }: Data = await (await login(address)).json();
    for (const { path, body, idOf, entity, rows } of Object.values(WRITES)) {
      const send = () =>
        fetch(`${address}${path}`, {
          method: 'POST',
          keepalive: false,
          headers: {
            authorization: `Bearer ${data.access_token}`,
            'content-type': 'application/json',
            'idempotency-key': KEY,
          },
          body: JSON.stringify(body),
        });
      const [worker = 0] = await server.workers(1);
      victim = worker;
      const first = await send().catch((error: Error) => error);
      expect(first).toBeInstanceOf(Error);
      await until('the worker to be dead', () => !isRunning(worker));
      await server.workers(1);

      const replay = await send();
      expect([replay.status, replay.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
      const answer: Data = await replay.json();
      const sql = connect(databaseUrl);
      const id = idOf(answer.data);
      const made = await rows(sql);
      const journal = await sql`
        select entity_id from journal where entity = ${entity} and entity_id = ${id} and action = 'created'`;
      const kept = await sql`select body from idempotency_keys order by created_at desc limit 1`;
      await sql.end();
      expect(made.map((row) => row.id)).toEqual([id]);
      expect(journal.map(({ entity_id }) => entity_id)).toEqual([id]);
      expect(kept.map((row) => JSON.parse(row.body))).toEqual([answer]);
      expect(await (await send()).json()).toEqual(answer);
    }
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  } finally {
    proxy.close();
  }
});
