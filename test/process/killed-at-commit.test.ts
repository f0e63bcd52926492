import { expect, test } from 'bun:test';
import type { Data } from '../helpers/app.ts';
import { connect } from '../helpers/connection.ts';
import { proxyTo } from '../helpers/proxy.ts';
import { login, OWNER_VARIABLES } from './requests.ts';
import { household, isRunning, kill, until } from './started.ts';

const house = household();
const KEY = 'the one booking';

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
    const { data }: Data = await (await login(address)).json();
    const add = () =>
      fetch(`${address}/v1/customers`, {
        method: 'POST',
        keepalive: false,
        headers: {
          authorization: `Bearer ${data.access_token}`,
          'content-type': 'application/json',
          'idempotency-key': KEY,
        },
        body: JSON.stringify({ name: 'Ana', email: 'ana@example.com' }),
      });
    const [worker = 0] = await server.workers(1);
    victim = worker;
    const first = await add().catch((error: Error) => error);
    expect(first).toBeInstanceOf(Error);
    await until('the worker to be dead', () => !isRunning(worker));
    await server.workers(1);

    const replay = await add();
    expect([replay.status, replay.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    const body: Data = await replay.json();
    const sql = connect(databaseUrl);
    const customers = await sql`select id from customers`;
    const journal = await sql`select entity_id from journal where entity = 'customer'`;
    const kept = await sql`select body from idempotency_keys`;
    await sql.end();
    expect(customers.map(({ id }) => id)).toEqual([body.data.id]);
    expect(journal.map(({ entity_id }) => entity_id)).toEqual([body.data.id]);
    expect(kept.map((row) => JSON.parse(row.body))).toEqual([body]);
    expect(await (await add()).json()).toEqual(body);
    server.signal('SIGTERM');
    expect(await server.exit).toBe(0);
  } finally {
    proxy.close();
  }
});
