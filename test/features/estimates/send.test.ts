import { describe, expect, test } from 'bun:test';
import { claimMails, setSent } from '../../../src/features/notices/queries.ts';
import { MAX_ATTEMPTS } from '../../../src/features/notices/rules.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { aCustomer, anEstimate, withKey } from '../../helpers/factories.ts';

const HOME = 'https://shop.example';
const shop = await testApp({ env: { PUBLIC_URL: HOME } });
const unaddressed = await testApp({ url: shop.url });
const advisor = await shop.as('advisor');
const { sql } = shop;

const send = (id: string, options = withKey(), query = '') =>
  advisor.post(`/v1/estimates/${id}/send${query}`, undefined, options);
const mailsTo = (email: string) =>
  sql<{ kind: string; status: string; subject: string; body: string | null }>`
    select kind, status, subject, body from outbox where recipient = ${email} order by created_at, id`;

describe('POST /v1/estimates/{id}/send', () => {
  test('200: a mail with the link to whoever has an address', async () => {
    const { id: customer_id, email } = await aCustomer(advisor, { name: 'Ana' });
    const { id, number } = await anEstimate(advisor, { customer_id });
    const { data } = await send(id);
    expect(data.link_url).toStartWith(`${HOME}/v1/public/estimates/`);
    const [mail, ...more] = await mailsTo(email);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      ...{ kind: 'estimate', status: 'queued', subject: `Estimate ${number} of Edgar's Mobile Auto Shop` },
    });
    expect(mail?.body).toContain('comes to USD 270.00. Nothing is done before you approve it.');
    expect(mail?.body).toContain(data.link_url);
  });

  test('200 without a mail for whoever has none, for a refusal, and for a dry run', async () => {
    const before = await sql`select id from outbox`;
    const { id: customer_id } = await aCustomer(advisor, { email: null, phone: '+13105550178' });
    expect((await send((await anEstimate(advisor, { customer_id })).id)).status).toBe(200);
    expect((await send((await anEstimate(advisor, { lines: [] })).id)).status).toBe(409);
    const deleted = await aCustomer(advisor);
    const theirs = await anEstimate(advisor, { customer_id: deleted.id });
    await advisor.delete(`/v1/customers/${deleted.id}`);
    expect((await send(theirs.id)).status).toBe(200);
    const tried = await send((await anEstimate(advisor)).id, withKey(), '?dry_run=true');
    expect(tried.status).toBe(200);
    expect(await sql`select id from outbox`).toEqual(before);
  });

  test('409 when its time is over', async () => {
    const { id, valid_until } = await anEstimate(advisor, {
      valid_until: new Date(Date.now() - 1_000).toISOString(),
    });
    expect((await send(id)).error).toMatchObject({
      ...{ code: 409, reason: 'estimate.expired', details: { valid_until } },
    });
    await advisor.patch(`/v1/estimates/${id}`, { valid_until: null });
    expect((await send(id)).status).toBe(200);
  });

  test('repeated with its key: nothing more is sent, and the link is not told again', async () => {
    const { id: customer_id, email } = await aCustomer(advisor);
    const { id } = await anEstimate(advisor, { customer_id });
    const key = withKey();
    const first = await send(id, key);
    const again = await send(id, key);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(again.data).toEqual({ estimate: first.data.estimate, link_url: null });
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await mailsTo(email)).toHaveLength(1);
    const other = await send(id);
    expect(other.data.link_url).not.toBe(first.data.link_url);
    expect((await mailsTo(email)).map(({ status }) => status)).toEqual(['canceled', 'queued']);
  });

  test('the link stands nowhere once the mail is out of the house, or given up', async () => {
    const { id: customer_id, email } = await aCustomer(advisor);
    const { data } = await send((await anEstimate(advisor, { customer_id })).id);
    const token = data.link_url.split('/').at(-1);
    const holding = async (): Promise<string[]> => {
      const tables = await sql<{ name: string }>`
        select tablename as name from pg_tables where schemaname = 'public'`;
      const found = await Promise.all(
        tables.map(async ({ name }) => {
          const [row] = await sql<{ all: string }>`
            select query_to_xml(${`select * from ${name}`}::text, true, false, '')::text as all`;
          return row?.all.includes(token) ? [name] : [];
        }),
      );
      return found.flat();
    };
    expect(await holding()).toEqual(['outbox']);
    await sql`update outbox set attempts = ${MAX_ATTEMPTS}, due_at = now() where recipient = ${email}`;
    await claimMails(sql, { now: null, most: 100, leaseS: 60, maxAttempts: MAX_ATTEMPTS });
    expect((await mailsTo(email)).map(({ status }) => status)).toEqual(['failed']);
    expect(await holding()).toEqual([]);
    const [{ id }] = (await sql<{ id: string }>`select id from outbox where recipient = ${email}`) as [Data];
    const retried = await (await shop.as('owner')).post(`/v1/outbox/${id}/retry`);
    expect(retried.error).toMatchObject({ code: 409, reason: 'outbox.not_failed' });
  });

  test('once it is out of the house the mail holds nothing', async () => {
    const { id: customer_id, email } = await aCustomer(advisor);
    await send((await anEstimate(advisor, { customer_id })).id);
    const mails = await claimMails(sql, { now: null, most: 100, leaseS: 60, maxAttempts: MAX_ATTEMPTS });
    for (const mail of mails) await setSent(sql, mail, null);
    expect(await mailsTo(email)).toMatchObject([{ status: 'sent', body: null }]);
  });

  test('a mail that waits goes with its link: a new one, or none, takes its place', async () => {
    const { id: customer_id, email } = await aCustomer(advisor);
    const { id } = await anEstimate(advisor, { customer_id });
    await send(id);
    const { data } = await send(id);
    const [first, second] = await mailsTo(email);
    expect(first).toMatchObject({ status: 'canceled', body: null });
    expect(second?.body).toContain(data.link_url);
    await advisor.delete(`/v1/estimates/${id}/links`);
    expect((await mailsTo(email)).map(({ status }) => status)).toEqual(['canceled', 'canceled']);
  });

  test('a shop without an address of its own writes no path into the mail', async () => {
    const { id: customer_id, email } = await aCustomer(advisor);
    const { id } = await anEstimate(advisor, { customer_id });
    const { data } = await unaddressed.sameAs(advisor).post(`/v1/estimates/${id}/send`);
    expect(data.link_url).toStartWith('/v1/public/estimates/');
    const [mail] = await mailsTo(email);
    expect(mail?.body).toContain('Please tell us what of it you approve.');
    expect(mail?.body).not.toContain('/v1/');
  });
});
