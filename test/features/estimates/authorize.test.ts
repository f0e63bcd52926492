import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Client, type Data, PATIENT, testApp } from '../../helpers/app.ts';
import {
  anApprovedEstimate,
  anEstimate,
  anIssuedInvoice,
  aSentEstimate,
  words,
} from '../../helpers/factories.ts';

const shop = await testApp({ env: PATIENT });
const other = await testApp({ env: PATIENT, url: shop.url });
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
const elsewhere = other.sameAs(advisor);

const say = (id: string, body: Data, client: Client = advisor, options = {}) =>
  client.post(`/v1/estimates/${id}/authorizations`, body, options);
const authorizationsOf = async (id: string, query = '') =>
  (await advisor.get(`/v1/estimates/${id}/authorizations${query}`)).data.items;

describe('POST /v1/estimates/{id}/authorizations', () => {
  test('201: who, when, how, to what and for how much, line by line; the estimate follows', async () => {
    const { id, lines } = await aSentEstimate(advisor);
    const [brakes, pads] = lines;
    const on = (version: number, line: Data, decision?: string) =>
      words({ version, lines: [line] }, decision);
    const { status, data, headers } = await say(id, on(2, brakes));
    expect([status, headers.get('location')]).toEqual([201, `/v1/estimates/${id}/authorizations`]);
    expect(data.estimate).toMatchObject({ status: 'partly_approved', authorized_cents: 18_000, version: 3 });
    expect(data.authorizations).toEqual([
      {
        ...{ id: expect.any(String), estimate_id: id, line_id: brakes.id, version: 3, decision: 'approved' },
        ...{ line_name: 'Front brakes', amount_cents: 18_000, name: 'Sam Carter', method: 'phone' },
        ...{ contact: '(213) 555-0142', text: 'As estimated', created_at: expect.any(String) },
        recorded_by: { id: advisor.staffId, name: 'A advisor' },
      },
    ]);
    const rest = await say(id, { ...on(3, pads), method: 'in_person', contact: null });
    expect(rest.data.estimate).toMatchObject({ status: 'approved', authorized_cents: 27_000 });
    const changed = await say(id, on(4, pads, 'declined'));
    expect(changed.data.estimate).toMatchObject({ status: 'partly_approved', authorized_cents: 18_000 });
    const none = await say(id, on(5, brakes, 'declined'));
    expect(none.data.estimate).toMatchObject({ status: 'declined', authorized_cents: 0 });
    const all = await authorizationsOf(id);
    expect(all.map(({ decision, version }: Data) => `${version} ${decision}`)).toEqual([
      ...['3 approved', '4 approved', '5 declined', '6 declined'],
    ]);
    expect(all[0]).toEqual(data.authorizations[0]);
    expect(await authorizationsOf(id, '?limit=1&sort=-created_at')).toEqual([all[3]]);
  });

  test('what was said stays as it was said, whatever becomes of the line', async () => {
    const { id, lines } = await anApprovedEstimate(advisor);
    const before = await authorizationsOf(id);
    await advisor.patch(`/v1/estimates/${id}`, {
      lines: [{ id: lines[0].id, kind: 'labour', name: 'Rear brakes', quantity: 1, unit_price_cents: 9 }],
    });
    expect(await authorizationsOf(id)).toEqual(before);
  });

  test('extra work needs a word of its own', async () => {
    const { id, lines } = await anApprovedEstimate(advisor);
    const kept = lines.map(({ id, kind, name, quantity, unit_price_cents }: Data) => ({
      ...{ id, kind, name, quantity, unit_price_cents },
    }));
    const extra = { kind: 'part', name: 'Disc', quantity: 1, unit_price_cents: 6_000 };
    const { data } = await advisor.patch(`/v1/estimates/${id}`, { lines: [...kept, extra] });
    expect([data.status, data.authorized_cents, data.total_cents]).toEqual([
      'partly_approved',
      27_000,
      33_000,
    ]);
    const said = await say(id, words({ ...data, lines: [data.lines[2]] }));
    expect(said.data.estimate).toMatchObject({ status: 'approved', authorized_cents: 33_000 });
  });

  test('409 for a draft; 422 for a line that is none of it, or twice; 404; 412', async () => {
    const draft = await anEstimate(advisor);
    expect((await say(draft.id, words(draft))).error.reason).toBe('estimate.not_sent');
    const sent = await aSentEstimate(advisor);
    const { id, lines } = sent;
    const foreign = await say(id, words({ ...sent, lines: [lines[0], draft.lines[0]] }));
    expect(foreign.error.issues[0].path).toBe('lines.1.line_id');
    const twice = await say(id, words({ ...sent, lines: [lines[0], lines[1], lines[0]] }));
    expect(twice.error.issues[0].path).toBe('lines.2.line_id');
    for (const wrong of [{ lines: [] }, { name: '' }, { method: 'letter' }, { text: '' }]) {
      expect((await say(id, { ...words(sent), ...wrong })).status).toBe(422);
    }
    expect((await say(newId(), words(sent))).error.reason).toBe('estimate.not_found');
    const stale = await say(id, words(sent), advisor, { headers: { 'if-match': '"1"' } });
    expect(stale.error).toMatchObject({ code: 412, details: { version: 2 } });
    expect(await authorizationsOf(id)).toEqual([]);
  });

  test('412 for words about another version: what was changed since is not agreed to', async () => {
    const sent = await aSentEstimate(advisor);
    await advisor.patch(`/v1/estimates/${sent.id}`, { discount_cents: 0, notes: 'Two days' });
    for (const headers of [{}, { 'if-match': '"3"' }] as Record<string, string>[]) {
      const { error } = await say(sent.id, words(sent), advisor, { headers });
      expect(error).toMatchObject({ code: 412, reason: 'estimate.stale', details: { version: 3 } });
    }
    expect((await say(sent.id, words({ ...sent, version: 3 }))).status).toBe(201);
  });

  test('201 in every way that the contract names, without a version for what stands', async () => {
    for (const method of ['in_person', 'phone', 'text', 'link']) {
      const sent = await aSentEstimate(advisor);
      const { version: _version, contact: _contact, ...rest } = words(sent);
      const { status, data } = await say(sent.id, { ...rest, method });
      expect([status, data.authorizations[0].method, data.authorizations[0].contact]).toEqual([
        ...[201, method, null],
      ]);
    }
  });

  test('409 once its job is billed; again open when the invoice is void', async () => {
    const invoice = await anIssuedInvoice(shop, owner);
    const { appointment_id, customer_id } = invoice;
    const draft = await anEstimate(advisor, { appointment_id, customer_id });
    const send = () => advisor.post(`/v1/estimates/${draft.id}/send`);
    expect((await send()).error).toMatchObject({ code: 409, reason: 'estimate.closed' });
    await owner.post(`/v1/invoices/${invoice.id}/void`);
    expect((await send()).status).toBe(200);
    await say(draft.id, words({ ...draft, version: 2 }));
    const { data } = await advisor.post(`/v1/estimates/${draft.id}/invoice`);
    await advisor.post(`/v1/invoices/${data.id}/issue`);
    const closed = [
      await say(draft.id, words((await advisor.get(`/v1/estimates/${draft.id}`)).data, 'declined')),
      await advisor.patch(`/v1/estimates/${draft.id}`, { lines: [] }),
      await send(),
    ];
    expect(closed.map(({ error }) => error?.reason)).toEqual(Array(3).fill('estimate.closed'));
  });
});

describe('two at once', () => {
  test('two words on one version: one is heard', async () => {
    const sent = await aSentEstimate(advisor);
    const both = await Promise.all([
      say(sent.id, words(sent)),
      say(sent.id, words(sent, 'declined'), elsewhere),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 412]);
    const last = (await authorizationsOf(sent.id)).at(-1);
    const { data } = await advisor.get(`/v1/estimates/${sent.id}`);
    expect([data.version, data.status]).toEqual([3, last.decision]);
  });

  test('a word and a change: nothing is approved that was not there', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, lines, version } = await aSentEstimate(advisor);
      const dearer = {
        id: lines[0].id,
        kind: 'labour',
        name: 'Brakes',
        quantity: 1,
        unit_price_cents: 99_000,
      };
      const [said, changed] = await Promise.all([
        say(id, words({ version, lines: lines.slice(0, 1) })),
        elsewhere.patch(`/v1/estimates/${id}`, { lines: [dearer] }),
      ]);
      expect(changed.status).toBe(200);
      expect([201, 412]).toContain(said.status);
      if (said.ok) expect(said.data.authorizations[0].amount_cents).toBe(18_000);
      const { data } = await advisor.get(`/v1/estimates/${id}`);
      expect(data.authorized_cents).toBe(0);
    }
  });

  test('a sending and a change: the version tells which came first, and nothing is lost', async () => {
    const { id } = await anEstimate(advisor);
    const headers = { 'if-match': '"1"' };
    const answers = await Promise.all([
      advisor.post(`/v1/estimates/${id}/send`, undefined, { headers }),
      elsewhere.patch(`/v1/estimates/${id}`, { notes: 'n' }, { headers }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});
