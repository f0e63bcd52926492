import { describe, expect, test } from 'bun:test';
import { type Data, testApp } from '../../helpers/app.ts';
import { anApprovedEstimate, anEstimate, aSentEstimate, words } from '../../helpers/factories.ts';
import { bytesOf, dollars, figuresOf, pagesOf, shownBy } from './printed.ts';

const app = await testApp();
const owner = await app.as('owner');
const load = (path: string) => bytesOf((at, options) => app.app.request(at, options), owner, path);
const textsOf = async (id: string): Promise<string[]> => [
  (await pagesOf((await load(`/v1/estimates/${id}.pdf`)).bytes)).join(' '),
  shownBy((await owner.get(`/v1/estimates/${id}.html`)).text),
];
/** Nothing is paid on an estimate. */
const isOfEstimates = (figure: string): boolean => !figure.startsWith('Paid');

describe('GET /v1/estimates/{id}.pdf and .html', () => {
  test('tell the same sums as the API, and who said what to which line', async () => {
    const { id, lines, version } = await aSentEstimate(owner);
    const say = (body: Data) => owner.post(`/v1/estimates/${id}/authorizations`, body);
    await say(words({ version, lines: [lines[0]] }));
    await say(words({ version: version + 1, lines: [lines[1]] }, 'declined'));
    const { data: estimate } = await owner.get(`/v1/estimates/${id}`);
    const figures = figuresOf({ ...estimate, paid_cents: 0 }).filter(isOfEstimates);
    for (const text of await textsOf(id)) {
      for (const figure of figures) expect(text).toContain(figure);
      expect(text).toContain(`Authorized ${dollars(estimate.authorized_cents)}`);
      expect(text).toContain('Approved: Front brakes (Sam Carter, by phone, (213) 555-0142) $180.00');
      expect(text).toContain('Declined: Pads (Sam Carter, by phone, (213) 555-0142)');
      for (const told of [`Estimate ${estimate.number}`, 'Partly approved', `Version ${estimate.version}`])
        expect(text).toContain(told);
    }
  });

  test('a draft is marked as one; what the staff note is not for the customer', async () => {
    const { id } = await anEstimate(owner, { notes: 'Parts may take a week.\nAsk for Mo.' });
    for (const text of await textsOf(id)) {
      for (const told of ['DRAFT', 'Authorized $0.00']) expect(text).toContain(told);
      expect(text).not.toContain('Parts may take a week.');
    }
  });

  test('the same bytes for a version, another ETag after a word', async () => {
    const { id } = await aSentEstimate(owner);
    const path = `/v1/estimates/${id}.pdf`;
    const [one, other] = [await load(path), await load(path)];
    expect(one.bytes).toEqual(other.bytes);
    const etag = one.response.headers.get('etag') ?? '';
    const ask = (): Promise<Data> => owner.get(path, { headers: { 'if-none-match': etag } });
    expect((await ask()).status).toBe(304);
    const { data } = await owner.get(`/v1/estimates/${id}`);
    await owner.post(`/v1/estimates/${id}/authorizations`, words(data));
    expect((await ask()).status).toBe(200);
    expect((await load(`/v1/estimates/${(await anApprovedEstimate(owner)).id}.pdf`)).response.status).toBe(
      200,
    );
  });
});
