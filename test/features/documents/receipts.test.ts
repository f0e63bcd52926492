import { describe, expect, test } from 'bun:test';
import { testApp } from '../../helpers/app.ts';
import { aBooking, aDeposit, anIssuedInvoice, aPayment, withKey } from '../../helpers/factories.ts';
import { bytesOf, pagesOf, shownBy } from './printed.ts';

const app = await testApp();
const owner = await app.as('owner');
const load = (path: string) => bytesOf((at, options) => app.app.request(at, options), owner, path);
const textsOf = async (id: string): Promise<string[]> => [
  (await pagesOf((await load(`/v1/payments/${id}/receipt.pdf`)).bytes)).join(' '),
  shownBy((await owner.get(`/v1/payments/${id}/receipt.html`)).text),
];

describe('GET /v1/payments/{id}/receipt.pdf and .html', () => {
  test('tell of a payment, its invoice, and what is still due on that', async () => {
    const { id, number } = await anIssuedInvoice(app, owner);
    const { payment } = await aPayment(owner, id, {
      ...{ amount_cents: 5_000, method: 'ach', note: 'Ref. 17', received_at: '2026-07-01T06:30:00Z' },
    });
    for (const text of await textsOf(payment.id)) {
      for (const told of ['Receipt', payment.id.slice(-12), `Invoice ${number}`, 'bank transfer (ACH)'])
        expect(text).toContain(told);
      for (const told of ['Jun 30, 2026', 'Payment: Ref. 17 $50.00', 'Invoice total $120.00'])
        expect(text).toContain(told);
      expect(text).toContain('Still due on it $70.00 Received $50.00');
    }
  });

  test('what was given back is there, with its reason; the ETag is another then', async () => {
    const { id } = await anIssuedInvoice(app, owner);
    const { payment } = await aPayment(owner, id, { amount_cents: 5_000 });
    const path = `/v1/payments/${payment.id}/receipt.pdf`;
    const [before, same] = [await load(path), await load(path)];
    expect(same.bytes).toEqual(before.bytes);
    const etag = before.response.headers.get('etag') ?? '';
    expect((await owner.get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    await owner.post(
      `/v1/payments/${payment.id}/refunds`,
      { amount_cents: 1_999, reason: 'Part failed' },
      withKey(),
    );
    expect((await owner.get(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
    for (const text of await textsOf(payment.id)) {
      for (const told of ['Refund: Part failed -$19.99', 'Given back $19.99', 'Kept $30.01'])
        expect(text).toContain(told);
    }
  });

  test('a deposit tells of its job while no invoice has it', async () => {
    const job = await aBooking(owner, { starts_at: '2101-07-01T18:00:00Z' });
    const { payment } = await aDeposit(owner, job.id, { amount_cents: 3_000 });
    for (const text of await textsOf(payment.id)) {
      for (const told of ['Deposit', 'Work planned for Jul 1, 2101', 'Received $30.00']) {
        expect(text).toContain(told);
      }
      expect(text).not.toContain('Invoice total');
    }
  });

  test('nobody else’s number is in the name of the file; an unknown payment is 404', async () => {
    const { payment } = await aDeposit(owner, (await aBooking(owner)).id);
    const { response } = await load(`/v1/payments/${payment.id}/receipt.pdf`);
    expect(response.headers.get('content-disposition')).toBe(
      `inline; filename="receipt-${payment.id.slice(-12)}.pdf"`,
    );
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect((await owner.get(`/v1/payments/${Bun.randomUUIDv7()}/receipt.pdf`)).error.reason).toBe(
      'payment.not_found',
    );
  });
});
