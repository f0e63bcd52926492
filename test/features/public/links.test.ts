import { describe, expect, test } from 'bun:test';
import { createApp } from '../../../src/app.ts';
import { accessTokens } from '../../../src/features/auth/tokens.ts';
import { createLog } from '../../../src/observe/log.ts';
import { createMetrics } from '../../../src/observe/metrics.ts';
import { hashed, newToken } from '../../../src/values/token.ts';
import { type Data, SECRETS, testApp } from '../../helpers/app.ts';
import { aCustomer, inHours } from '../../helpers/factories.ts';
import { aVisitor, bookedAs, env, queriesOf, soon } from './visitors.ts';

const app = await testApp({ env });
const owner = await app.as('owner');
const tokenOf = ({ manage_url }: Data): string => manage_url.split('/').at(-1);
const LINK = '/v1/public/appointments';
const WAYS = ['', '/confirm', '/reschedule', '/cancel'] as const;

/** By every way that a link has. */
const answersTo = (token: string) =>
  Promise.all(
    WAYS.map((below) => {
      const path = `${LINK}/${token}${below}`;
      if (below === '') return aVisitor(app).get(path);
      return aVisitor(app).post(path, below === '/reschedule' ? { starts_at: soon() } : undefined);
    }),
  );

const expectClosed = async (token: string): Promise<void> => {
  for (const { error } of await answersTo(token)) {
    expect([token, error?.code, error?.reason]).toEqual([token, 404, 'appointment.not_found']);
  }
};

describe('a token', () => {
  test('that is cut, forged, changed or foreign opens nothing', async () => {
    const token = tokenOf(await bookedAs(aVisitor(app), owner));
    const flipped = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
    const session = await accessTokens(SECRETS.jwt, Date.now).issue({
      ...{ staffId: owner.staffId, sessionId: owner.staffId },
    });
    const refresh = newToken();
    const wrong = [
      token.slice(0, -1),
      `${token}A`,
      flipped,
      token.toUpperCase(),
      refresh,
      session,
      'null',
      '%00',
    ];
    for (const one of [...wrong, Buffer.from(hashed(token)).toString('base64url'), 'a'.repeat(5_000)]) {
      await expectClosed(one);
    }
    expect((await aVisitor(app).get(`${LINK}/${token}`)).status).toBe(200);
  });

  test('that cannot be one costs no statement, and no count', async () => {
    await app.sql`delete from attempts`;
    for (const one of ['x', 'A'.repeat(42), `${'A'.repeat(42)}B`, 'a.b.c', `${'A'.repeat(42)}%20`]) {
      for (const answer of await answersTo(one)) {
        expect(answer.status).toBe(404);
        expect(queriesOf(app, answer)).toBe(0);
      }
    }
    expect(await app.sql`select 1 from attempts`).toHaveLength(0);
  });

  test('is no login, and no login is one', async () => {
    const token = tokenOf(await bookedAs(aVisitor(app), owner));
    const { error } = await app.stranger.get('/v1/me', { headers: { authorization: `Bearer ${token}` } });
    expect(error).toMatchObject({ code: 401, reason: 'auth.token_wrong' });
    expect((await owner.get(`${LINK}/${newToken()}`)).status).toBe(404);
  });

  test('stands nowhere in the tables, nor in the log, but in the answer that a key keeps for a day', async () => {
    const visitor = aVisitor(app);
    const token = tokenOf(await bookedAs(visitor, owner));
    await visitor.post(`${LINK}/${token}/confirm`, undefined, { 'idempotency-key': 'seen' });
    const tables = await app.sql<{
      name: string;
    }>`select tablename as name from pg_tables where schemaname = 'public'`;
    for (const { name } of tables) {
      const [row] = await app.sql<{ all: string }>`
        select query_to_xml(${`select * from ${name}`}::text, true, false, '')::text as all`;
      expect([name, row?.all.includes(token)]).toEqual([name, false]);
    }
    expect(JSON.stringify(app.lines)).not.toContain(token);
  });

  test('opens its own job alone', async () => {
    const [one, other] = [await bookedAs(aVisitor(app), owner), await bookedAs(aVisitor(app), owner)];
    await aVisitor(app).post(`${one.manage_url}/cancel`);
    expect((await aVisitor(app).get(other.manage_url)).data).toEqual(other.appointment);
  });
});

describe('a link ends', () => {
  test('thirty days after the end of the job, wherever that was moved to', async () => {
    const booking = await bookedAs(aVisitor(app), owner);
    const end = (ago: string) => app.sql`
      update appointments set starts_at = now() - ${ago}::interval - interval '1 hour', ends_at = now() - ${ago}::interval
      where id = ${booking.appointment.id}`;
    await end('29 days 23 hours');
    expect((await aVisitor(app).get(booking.manage_url)).status).toBe(200);
    await end('30 days');
    await expectClosed(tokenOf(booking));
  });

  test('with the job, and with its customer', async () => {
    const booking = await bookedAs(aVisitor(app), owner);
    const { id } = booking.appointment;
    await owner.delete(`/v1/appointments/${id}`);
    await expectClosed(tokenOf(booking));
    await owner.post(`/v1/appointments/${id}/restore`);
    expect((await aVisitor(app).get(booking.manage_url)).status).toBe(200);
    const { data: job } = await owner.get(`/v1/appointments/${id}`);
    await app.sql`update customers set deleted_at = now() where id = ${job.customer_id}`;
    await expectClosed(tokenOf(booking));
  });

  test('when the staff end it; the journal tells who did, and later ones open it again', async () => {
    const booking = await bookedAs(aVisitor(app), owner);
    const path = `/v1/appointments/${booking.appointment.id}/links`;
    expect((await owner.delete(path)).data).toEqual({ ended: true });
    await expectClosed(tokenOf(booking));
    const { data } = await owner.get(`/v1/audit?entity_id=${booking.appointment.id}&limit=1`);
    expect(data.items[0]).toMatchObject({
      actor: { id: owner.staffId },
      changes: { links_ended_at: { from: null } },
    });
    const token = newToken();
    await app.sql`insert into appointment_links (token_hash, appointment_id, created_at)
      values (${hashed(token)}, ${booking.appointment.id}, clock_timestamp() + interval '1 second')`;
    expect((await aVisitor(app).get(`${LINK}/${token}`)).status).toBe(200);
  });

  test('not with the keys that sign access tokens, all of them replaced', async () => {
    const booking = await bookedAs(aVisitor(app), owner);
    const rotated = createApp({
      ...{ pool: app.pool, config: app.config, metrics: createMetrics(1), clock: Date.now },
      log: createLog({ level: 'error', write: () => undefined }),
      secrets: { jwt: [{ kid: 'new', secret: 'another secret of the tests, 32 bytes and more' }] },
      process: { isReady: () => true, isDraining: () => false },
    });
    expect((await rotated.request('/v1/me', { headers: owner.own })).status).toBe(401);
    expect((await rotated.request(booking.manage_url)).status).toBe(200);
  });

  test('not with a merge of its customer, who is then another', async () => {
    const booking = await bookedAs(aVisitor(app), owner);
    const { data: job } = await owner.get(`/v1/appointments/${booking.appointment.id}`);
    const { id } = await aCustomer(owner);
    await owner.post(`/v1/customers/${id}/merge`, { other_id: job.customer_id });
    const read = await aVisitor(app).get(booking.manage_url);
    expect(read.data).toEqual(booking.appointment);
    const confirmed = await aVisitor(app).post(`${booking.manage_url}/confirm`);
    const [row] =
      await app.sql`select actor_id, actor_role from journal where correlation_id = ${confirmed.correlationId}`;
    expect(row).toEqual({ actor_id: id, actor_role: 'customer' });
  });
});

test('what a customer does stands in the journal under their name, and GET /v1/audit tells it', async () => {
  const { appointment, manage_url } = await bookedAs(aVisitor(app), owner, { name: 'Cleo Actor' });
  const visitor = aVisitor(app);
  await visitor.post(`${manage_url}/confirm`);
  await visitor.post(`${manage_url}/reschedule`, { starts_at: inHours(200) });
  await visitor.post(`${manage_url}/cancel`);
  const { data: job } = await owner.get(`/v1/appointments/${appointment.id}`);
  const { data } = await owner.get(`/v1/audit?entity_id=${appointment.id}`);
  const actor = { id: job.customer_id, name: 'Cleo Actor', role: 'customer' };
  expect(data.items.map((row: Data) => [row.action, row.actor])).toEqual([
    ...[
      ['changed', actor],
      ['changed', actor],
      ['changed', actor],
      ['created', actor],
    ],
  ]);
  expect(data.items.map((row: Data) => Object.keys(row.changes).sort().join()).slice(0, 3)).toEqual([
    ...['canceled_at,status', 'confirmed_at,ends_at,starts_at', 'confirmed_at'],
  ]);
});

test('a confirmation was for that start: moved by the shop, the job waits for another', async () => {
  const visitor = aVisitor(app);
  const { appointment, manage_url } = await bookedAs(visitor, owner);
  await visitor.post(`${manage_url}/confirm`);
  expect((await visitor.get(manage_url)).data.confirmed_at).not.toBeNull();
  expect(
    (await owner.patch(`/v1/appointments/${appointment.id}`, { notes: 'n', starts_at: soon() })).status,
  ).toBe(200);
  expect((await visitor.get(manage_url)).data.confirmed_at).toBeNull();
});
