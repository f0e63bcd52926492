import { describe, expect, test } from 'bun:test';
import { newId } from '../../../src/values/id.ts';
import { type Data, testApp } from '../../helpers/app.ts';
import { anInvoice, anIssuedInvoice } from '../../helpers/factories.ts';

const shop = await testApp();
const owner = await shop.as('owner');
const advisor = await shop.as('advisor');
await owner.patch('/v1/settings', { labour_tax_basis_points: 0, parts_tax_basis_points: 950 });

const change = (id: string, body: Data, options = {}) => advisor.patch(`/v1/invoices/${id}`, body, options);
const labour = { kind: 'labour', name: 'Work', quantity: 1, unit_price_cents: 10_000 };
const part = { kind: 'part', name: 'Pads', quantity: 2, unit_price_cents: 5_000 };
const sumsOf = ({ subtotal_cents, discount_cents, tax_cents, total_cents, due_cents }: Data) => [
  ...[subtotal_cents, discount_cents, tax_cents, total_cents, due_cents],
];

const { id: draftId, lines } = await anInvoice(shop, owner);
const known = lines[0].id;

describe('PATCH /v1/invoices/{id}', () => {
  test('200: other lines, each with its own discount; the sums and the job follow', async () => {
    const { id, appointment_id } = await anInvoice(shop, owner);
    const { status, data, headers } = await change(id, {
      lines: [labour, { ...part, discount_cents: 1_000 }, { ...labour, kind: 'fee', tax_basis_points: 100 }],
    });
    expect([status, data.version, headers.get('etag')]).toEqual([200, 2, '"2"']);
    expect(
      data.lines.map((line: Data) => [line.position, line.kind, line.tax_cents, line.total_cents]),
    ).toEqual([
      [1, 'labour', 0, 10_000],
      [2, 'part', 855, 9_855],
      [3, 'fee', 100, 10_100],
    ]);
    expect(sumsOf(data)).toEqual([30_000, 1_000, 955, 29_955, 29_955]);
    expect((await advisor.get(`/v1/appointments/${appointment_id}`)).data.total_cents).toBe(29_955);
  });

  test('200: a discount of the whole is spread, and taxed less; it comes out as it was sent', async () => {
    const { id } = await anInvoice(shop, owner);
    const { data } = await change(id, { lines: [labour, part], discount_cents: 1_001 });
    expect(data.lines.map((line: Data) => line.discount_cents)).toEqual([500, 501]);
    expect(sumsOf(data)).toEqual([20_000, 1_001, 902, 19_901, 19_901]);
    const less = await change(id, { discount_cents: 0 });
    expect(sumsOf(less.data)).toEqual([20_000, 0, 950, 20_950, 20_950]);
    // The tax of a line stays, whatever the settings say by now.
    await owner.patch('/v1/settings', { parts_tax_basis_points: 1_000 });
    const again = await change(id, { discount_cents: 1_001 });
    expect(again.data.lines).toEqual(data.lines);
    await owner.patch('/v1/settings', { parts_tax_basis_points: 950 });
  });

  test('200: a line that names its id keeps it; nothing to change changes nothing', async () => {
    const draft = await anInvoice(shop, owner);
    const [{ id: lineId }] = draft.lines;
    const { data } = await change(draft.id, { lines: [part, { ...labour, id: lineId }] });
    expect(data.lines[1].id).toBe(lineId);
    expect((await change(draft.id, {})).data).toEqual(data);
    const none = await change(draft.id, { lines: [] });
    expect([none.data.lines, none.data.total_cents]).toEqual([[], 0]);
  });

  test('the journal tells of the lines', async () => {
    const { id } = await anInvoice(shop, owner);
    const { correlationId } = await change(id, { lines: [labour] });
    const { items } = (await owner.get(`/v1/audit?entity=invoice&entity_id=${id}`)).data;
    const told = items.filter((row: Data) => row.correlation_id === correlationId);
    expect(told).toContainEqual(
      expect.objectContaining({
        changes: { lines: { from: null, to: expect.objectContaining({ name: 'Work' }) } },
      }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({
        changes: expect.objectContaining({ total_cents: { from: 12_000, to: 10_000 } }),
      }),
    );
  });

  test.each([
    ['lines.0.discount_cents', { lines: [{ ...labour, discount_cents: 10_001 }] }],
    ['discount_cents', { lines: [labour], discount_cents: 10_001 }],
    ['discount_cents', { lines: [{ ...labour, discount_cents: 2 }], discount_cents: 1 }],
    ['lines.0.id', { lines: [{ ...labour, id: newId() }] }],
    [
      'lines.1.id',
      {
        lines: [
          { ...labour, id: known },
          { ...labour, id: known },
        ],
      },
    ],
    ['lines.0.quantity', { lines: [{ ...labour, quantity: 0 }] }],
    ['lines.0.unit_price_cents', { lines: [{ ...labour, unit_price_cents: -1 }] }],
    ['lines.0.kind', { lines: [{ ...labour, kind: 'gift' }] }],
    ['lines.0.total_cents', { lines: [{ ...labour, total_cents: 1 }] }],
    ['lines.0.tax_basis_points', { lines: [{ ...labour, tax_basis_points: 10_001 }] }],
    ['lines', { lines: Array.from({ length: 201 }, () => labour) }],
    ['lines', { lines: null }],
    ['status', { status: 'paid' }],
    ['paid_cents', { paid_cents: 1 }],
  ])('422 at %s', async (path, body) => {
    const { error } = await change(draftId, body);
    expect(error).toMatchObject({ code: 422, issues: [{ path }] });
    expect((await advisor.get(`/v1/invoices/${draftId}`)).data.version).toBe(1);
  });

  test('409 for one that is issued, or void; 412 before it; 404', async () => {
    const issued = await anIssuedInvoice(shop, owner);
    const { id: voided } = await anInvoice(shop, owner);
    await advisor.post(`/v1/invoices/${voided}/void`);
    for (const id of [issued.id, voided]) {
      expect((await change(id, { lines: [labour] })).error).toMatchObject({
        ...{ code: 409, reason: 'invoice.not_draft' },
      });
      const stale = await change(id, { lines: [labour] }, { headers: { 'if-match': '"99"' } });
      expect(stale.error).toMatchObject({ code: 412, reason: 'invoice.stale' });
    }
    expect((await change(newId(), {})).error.reason).toBe('invoice.not_found');
    expect((await advisor.get(`/v1/invoices/${issued.id}`)).data).toEqual(issued);
  });
});
