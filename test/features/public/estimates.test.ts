import { describe, expect, test } from 'bun:test';
import { hashed, newToken } from '../../../src/values/token.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import {
  aBooking,
  aLink,
  anApprovedEstimate,
  anEstimate,
  aSentEstimate,
  aVehicle,
  words,
} from '../../helpers/factories.ts';
import { aVisitor, env, queriesOf } from './visitors.ts';

let now = Date.now();
const app = await testApp({ env, clock: () => now });
const owner = await app.as('owner');
const LINK = '/v1/public/estimates';
const DAY_MS = 86_400_000;

const read = (token: string) => aVisitor(app).get(`${LINK}/${token}`);
const decide = (token: string, body: Data, headers: Record<string, string> = {}) =>
  aVisitor(app).post(`${LINK}/${token}/decisions`, body, headers);
const decisions = ({ version, lines }: Data, decision = 'approved') => ({
  ...{ version, name: 'Sam Carter', lines: words({ lines }, decision).lines },
});
const send = async (id: string): Promise<string> =>
  (await owner.post(`/v1/estimates/${id}/send`)).data.link_url.split('/').at(-1);

const expectClosed = async (token: string): Promise<void> => {
  const line_id = '01a20bd7-9f55-7017-915d-6baafcf0605d';
  const answers = [
    await read(token),
    await decide(token, { version: 1, name: 'Sam', lines: [{ line_id, decision: 'approved' }] }),
  ];
  for (const { error, headers } of answers) {
    expect([token, error?.code, error?.reason]).toEqual([token, 404, 'estimate.not_found']);
    expect(headers.get('cache-control')).toBe('no-store');
  }
};

describe('GET /v1/public/estimates/{token}', () => {
  test('200: the estimate with its lines, and nothing of the customer or the staff', async () => {
    const { id: vehicle_id, customer_id } = await aVehicle(owner, { make: 'Secretmake' });
    const { token, ...estimate } = await aSentEstimate(owner, {
      customer_id,
      vehicle_id,
      notes: 'Secretnote',
    });
    const { status, data, headers, text } = await read(token);
    expect([status, headers.get('cache-control'), headers.get('etag')]).toEqual([200, 'no-store', '"2"']);
    expect(Object.keys(data)).toEqual([
      ...['id', 'number', 'version', 'status', 'currency', 'lines', 'subtotal_cents', 'discount_cents'],
      ...['tax_cents', 'total_cents', 'authorized_cents', 'valid_until', 'sent_at'],
    ]);
    expect(data).toMatchObject({ id: estimate.id, status: 'sent', total_cents: 27_000, version: 2 });
    expect(data.lines[0]).toMatchObject({ name: 'Front brakes', decision: null });
    for (const secret of ['Secret', customer_id, vehicle_id, 'Ana']) expect(text).not.toContain(secret);
  });

  test('404 for what is cut, forged or foreign; what cannot be a token costs no statement', async () => {
    const { token } = await aSentEstimate(owner);
    const foreign = await aLink(app, (await aBooking(owner)).id);
    for (const one of [newToken(), token.toLowerCase(), foreign]) await expectClosed(one);
    expect((await aVisitor(app).get(`/v1/public/appointments/${token}`)).status).toBe(404);
    await app.sql`delete from attempts`;
    for (const one of ['x', token.slice(1), `${token}A`, Buffer.from(hashed(token)).toString('hex')]) {
      await expectClosed(one);
      expect(queriesOf(app, await read(one))).toBe(0);
    }
    expect(await app.sql`select 1 from attempts`).toEqual([]);
    expect((await read(token)).status).toBe(200);
  });

  test('the token stands nowhere in the tables, nor in the log', async () => {
    const { token, ...estimate } = await aSentEstimate(owner);
    await decide(token, decisions(estimate), { 'idempotency-key': 'seen' });
    const tables = await app.sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = 'public'`;
    for (const { name } of tables) {
      const [row] = await app.sql<{ all: string }>`
        select query_to_xml(${`select * from ${name}`}::text, true, false, '')::text as all`;
      expect([name, row?.all.includes(token)]).toEqual([name, false]);
    }
    expect(JSON.stringify(app.lines)).not.toContain(token);
  });
});

describe('a link ends', () => {
  test('with the next one, by the staff, and with its customer', async () => {
    const { id, token, customer_id } = await aSentEstimate(owner);
    const second = await send(id);
    await expectClosed(token);
    expect((await read(second)).status).toBe(200);
    const { status, data } = await owner.delete(`/v1/estimates/${id}/links`);
    expect([status, data]).toEqual([200, { ended: true }]);
    await expectClosed(second);
    const third = await send(id);
    await app.sql`update customers set deleted_at = now() where id = ${customer_id}`;
    await expectClosed(third);
  });

  test('at the end of the estimate, or thirty days after it was made', async () => {
    const valid_until = new Date(now + 2 * DAY_MS).toISOString();
    const dated = await aSentEstimate(owner, { valid_until });
    const undated = await aSentEstimate(owner);
    const start = now;
    now = start + 2 * DAY_MS - 1_000;
    expect((await read(dated.token)).status).toBe(200);
    now = start + 2 * DAY_MS;
    await expectClosed(dated.token);
    now = start + 30 * DAY_MS - 60_000;
    expect((await read(undated.token)).status).toBe(200);
    now = start + 30 * DAY_MS + 60_000;
    await expectClosed(undated.token);
    now = start;
  });

  test('and none is of a draft', async () => {
    const { id } = await anEstimate(owner);
    const token = newToken();
    await app.sql`insert into estimate_links (estimate_id, token_hash) values (${id}, ${hashed(token)})`;
    await expectClosed(token);
  });
});

describe('POST /v1/public/estimates/{token}/decisions', () => {
  test('200: what the customer said, by name, as the journal has it too', async () => {
    const { token, id, lines, customer_id, number } = await aSentEstimate(owner);
    const { version } = (await read(token)).data;
    const { status, data, headers, correlationId } = await decide(
      token,
      decisions({ version, lines: [lines[0]] }),
    );
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(data).toMatchObject({ status: 'partly_approved', authorized_cents: 18_000, version: 3 });
    const [row] = (await owner.get(`/v1/estimates/${id}/authorizations`)).data.items;
    expect(row).toMatchObject({
      ...{ name: 'Sam Carter', method: 'link', recorded_by: null, amount_cents: 18_000, contact: null },
      text: `Decided by the link, on version 2 of estimate ${number}: the approved lines may be done, for USD 180.00 in all, and nothing else without asking again.`,
    });
    const rows = await app.sql`
      select distinct actor_id, actor_role from journal where correlation_id = ${correlationId}`;
    expect(rows).toEqual([{ actor_id: customer_id, actor_role: 'customer' }]);
    const rest = await decide(token, decisions({ version: 3, lines: [lines[1]] }, 'declined'));
    expect(rest.data).toMatchObject({ status: 'partly_approved', version: 4 });
  });

  test('412 for what the customer has not seen: nothing of it is agreed to', async () => {
    const { token, id, lines, version } = await aSentEstimate(owner);
    await owner.patch(`/v1/estimates/${id}`, {
      lines: [
        { id: lines[0].id, kind: 'labour', name: 'Front brakes', quantity: 1, unit_price_cents: 90_000 },
      ],
    });
    const body = decisions({ version, lines: [lines[0]] });
    const late = await decide(token, body);
    expect(late.error).toMatchObject({ code: 412, reason: 'estimate.stale', details: { version: 3 } });
    const other = await decide(token, { ...body, version: 3 }, { 'if-match': '"2"' });
    expect(other.error.code).toBe(412);
    expect((await owner.get(`/v1/estimates/${id}`)).data.authorized_cents).toBe(0);
    expect((await decide(token, { ...body, version: 3 })).data.authorized_cents).toBe(90_000);
  });

  test('422 for a line of another estimate, without a name, or with words of one’s own', async () => {
    const { token, version, lines } = await aSentEstimate(owner);
    const theirs = await aSentEstimate(owner);
    const foreign = await decide(token, decisions({ version, lines: theirs.lines }));
    expect(foreign.error.issues[0].path).toBe('lines.0.line_id');
    const body = decisions({ version, lines });
    for (const wrong of [{ name: '' }, { method: 'phone' }, { version: 0 }, { lines: [] }]) {
      expect((await decide(token, { ...body, ...wrong })).status).toBe(422);
    }
  });

  test('two at once on one version: one is heard', async () => {
    const { token, version, lines } = await aSentEstimate(owner);
    const answers = await Promise.all([
      decide(token, decisions({ version, lines })),
      decide(token, decisions({ version, lines }, 'declined')),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test('409 once the job is billed', async () => {
    const job = await aBooking(owner);
    const { token, id, version, lines } = await anApprovedEstimate(owner, {
      ...{ appointment_id: job.id, customer_id: job.customer_id },
    });
    await app.sql`update appointments set status = 'completed', completed_at = now() where id = ${job.id}`;
    const invoice = (await owner.post(`/v1/estimates/${id}/invoice`)).data;
    await owner.post(`/v1/invoices/${invoice.id}/issue`);
    const { error } = await decide(token, decisions({ version: version + 1, lines }, 'declined'));
    expect(error).toMatchObject({ code: 409, reason: 'estimate.closed' });
  });

  test('is counted as the other changes by links are: sixty of a network in an hour', async () => {
    await app.sql`delete from attempts`;
    const visitor = aVisitor(app);
    const { token, version, lines } = await aSentEstimate(owner);
    const ask = (at: number) =>
      visitor.post(`${LINK}/${token}/decisions`, decisions({ version: version + at, lines }));
    expect((await ask(0)).headers.get('ratelimit')).toStartWith('"change";r=59;');
    await app.sql`update attempts set failures = 60`;
    expect((await ask(1)).error).toMatchObject({ code: 429, reason: 'request.too_many' });
    await app.sql`delete from attempts`;
    expect((await visitor.get(`${LINK}/${token}`)).headers.get('ratelimit')).toStartWith('"read";r=599;');
  });
});

describe('once the work has begun', () => {
  test('409: by the link nobody takes back what is being done, or agrees to what is over', async () => {
    const job = await aBooking(owner);
    const estimate = await aSentEstimate(owner, { customer_id: job.customer_id, appointment_id: job.id });
    const approved = await decide(estimate.token, decisions(estimate));
    expect(approved.status).toBe(200);
    const set = (status: string) => owner.put(`/v1/appointments/${job.id}/status`, { status });
    await set('in_progress');
    const later = { ...estimate, version: approved.data.version };
    const back = await decide(estimate.token, decisions(later, 'declined'));
    expect([back.error.code, back.error.reason]).toEqual([409, 'estimate.closed']);
    expect((await decide(estimate.token, decisions(later))).status).toBe(200);
    await set('completed');
    const over = await decide(estimate.token, decisions({ ...later, version: later.version + 1 }));
    expect([over.error.code, over.error.reason]).toEqual([409, 'estimate.closed']);
  });
});
