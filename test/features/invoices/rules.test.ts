import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Failure } from '../../../src/errors.ts';
import {
  assertDraft,
  assertOpen,
  assertVoidable,
  type Draft,
  draftsOf,
  letterOf,
  linesOf,
  type Sold,
  sumsOf,
  taxesOf,
} from '../../../src/features/invoices/rules.ts';
import { INVOICE_STATUSES } from '../../../src/shapes/invoice.ts';

const taxes = taxesOf({ labour: 0, part: 950 });
const one = (kind: Draft['kind'], unit_price_cents: number, more: Partial<Draft> = {}): Draft => ({
  ...{ kind, name: kind, quantity: 1, unit_price_cents },
  ...more,
});
const reasonOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    if (error instanceof Failure) return error.reason;
    throw error;
  }
};

describe('what was sold', () => {
  const item = (name: string, price_cents: number, quantity = 1) => ({
    ...{ kind: 'part' as const, name, price_cents, quantity },
  });
  const aPackage = (price_cents: number, items: Sold['items'], quantity = 1): Sold => ({
    ...{ kind: 'package', name: 'Service', quantity, price_cents, items },
  });

  test('is a line each; a trip fee is the last, of its own kind', () => {
    const sold: Sold[] = [{ kind: 'labour', name: 'Brakes', quantity: 2, price_cents: 9_000, items: [] }];
    expect(draftsOf(sold, 2_500)).toEqual([
      { kind: 'labour', name: 'Brakes', quantity: 2, unit_price_cents: 9_000 },
      { kind: 'fee', name: 'Trip fee', quantity: 1, unit_price_cents: 2_500 },
    ]);
    expect(draftsOf([])).toEqual([]);
  });

  test.each([
    [10_000, [item('a', 6_000), item('b', 6_000)], [5_000, 5_000]],
    [10_000, [item('a', 1), item('b', 1), item('c', 1)], [3_333, 3_333, 3_334]],
    [9_999, [item('a', 3_000, 2), item('b', 4_000)], [5_999, 4_000]],
    [100, [item('a', 0), item('b', 0), item('c', 0)], [33, 33, 34]],
    [0, [item('a', 5), item('b', 5)], [0, 0]],
    [20_000, [item('a', 6_000), item('b', 6_000)], [10_000, 10_000]],
  ])('a package at %p is its items, scaled; the last takes the remainder', (price, items, prices) => {
    const drafts = draftsOf([aPackage(price, items)]);
    expect(drafts.map((draft) => draft.unit_price_cents)).toEqual(prices);
    expect(drafts.every(({ quantity }) => quantity === 1)).toBe(true);
  });

  test('several of an item, or of a package, are told in the name', () => {
    const drafts = draftsOf([aPackage(5_000, [item('Plug', 700, 4), item('Oil', 900)], 2)]);
    expect(drafts.map(({ name }) => name)).toEqual(['8 × Plug', '2 × Oil']);
    expect(drafts.reduce((sum, draft) => sum + draft.unit_price_cents, 0)).toBe(10_000);
  });

  test('a package that nobody can take apart is one line', () =>
    expect(draftsOf([aPackage(5_000, [])])).toEqual([
      { kind: 'package', name: 'Service', quantity: 1, unit_price_cents: 5_000 },
    ]));
});

describe('a line', () => {
  test.each([
    ['labour', 10_000, 0, 10_000],
    ['part', 1_000, 95, 1_095],
    // 0.095 and 0.475 of a cent fall, half a cent rises.
    ['part', 1, 0, 1],
    ['part', 5, 0, 5],
    ['part', 6, 1, 7],
    ['part', 1_053, 100, 1_153],
    ['fee', 2_500, 0, 2_500],
  ] as const)('of %s at %p has %p tax', (kind, price, tax_cents, total_cents) =>
    expect(linesOf([one(kind, price)], { taxes })).toEqual([
      expect.objectContaining({ tax_cents, total_cents, discount_cents: 0 }),
    ]),
  );

  test('is taxed after its discount, by a rate of its own if it has one', () => {
    const [line] = linesOf([one('part', 1_000, { quantity: 3, discount_cents: 500 })], { taxes });
    expect(line).toMatchObject({ tax_basis_points: 950, tax_cents: 238, total_cents: 2_738 });
    const [other] = linesOf([one('labour', 1_000, { tax_basis_points: 725 })], { taxes });
    expect(other).toMatchObject({ tax_basis_points: 725, tax_cents: 73, total_cents: 1_073 });
  });

  test('takes no discount over its price', () => {
    const lines = [one('part', 10), one('part', 10, { discount_cents: 11 })];
    expect(() => linesOf(lines, { taxes })).toThrow('lines.1.discount_cents');
  });
});

describe('a discount of the whole', () => {
  const prices = (...cents: number[]) => cents.map((price) => one('labour', price));
  const discountsOf = (drafts: Draft[], discountCents: number) =>
    linesOf(drafts, { taxes, discountCents }).map((line) => line.discount_cents);

  test.each([
    [prices(100, 100, 100), 100, [33, 33, 34]],
    [prices(100, 300), 100, [25, 75]],
    [prices(100), 7, [7]],
    [prices(100, 0), 7, [7, 0]],
    // The last has no room for the remainder of two.
    [prices(100, 100, 1), 200, [99, 100, 1]],
    [prices(100, 100), 200, [100, 100]],
    [prices(0, 0), 0, [0, 0]],
  ])('is spread over the lines by their price, the remainder on the last', (drafts, cents, discounts) =>
    expect(discountsOf(drafts, cents)).toEqual(discounts),
  );

  test('holds the lines’ own: what is over is spread by what they still cost', () => {
    const drafts = [one('labour', 1_000, { discount_cents: 500 }), one('labour', 500)];
    expect(discountsOf(drafts, 500)).toEqual([500, 0]);
    expect(discountsOf(drafts, 600)).toEqual([550, 50]);
    expect(() => discountsOf(drafts, 499)).toThrow('at least 500');
    expect(() => discountsOf(drafts, 1_501)).toThrow('at most');
    expect(() => discountsOf([], 1)).toThrow('at most');
  });

  test('whatever the lines are, it is all there, and none is below nothing', () => {
    const aDraft = fc.record({
      kind: fc.constantFrom('labour' as const, 'part' as const, 'fee' as const),
      name: fc.constant('x'),
      quantity: fc.integer({ min: 1, max: 1_000 }),
      unit_price_cents: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1_000_000_000 })),
    });
    const property = fc.property(
      fc.array(aDraft, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 10_000 }),
      (drafts, share) => {
        const gross = drafts.reduce((sum, draft) => sum + draft.quantity * draft.unit_price_cents, 0);
        const discountCents = Math.floor((gross / 10_000) * share);
        const lines = linesOf(drafts, { taxes, discountCents });
        const sums = sumsOf(lines);
        expect(sums).toMatchObject({ subtotal_cents: gross, discount_cents: discountCents });
        expect(sums.total_cents).toBe(gross - discountCents + sums.tax_cents);
        for (const line of lines) {
          expect(line.discount_cents).toBeWithin(0, line.quantity * line.unit_price_cents + 1);
          expect(line.total_cents).toBeGreaterThanOrEqual(line.tax_cents);
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

describe('by its state', () => {
  const at = (status: (typeof INVOICE_STATUSES)[number], paid_cents = 0) => ({ status, paid_cents });
  test.each([...INVOICE_STATUSES])('%s', (status) => {
    expect(reasonOf(() => assertDraft(at(status)))).toBe(
      status === 'draft' ? 'nothing' : 'invoice.not_draft',
    );
    const takesMoney = ['issued', 'partially_paid', 'paid'].includes(status);
    expect(reasonOf(() => assertOpen(at(status)))).toBe(takesMoney ? 'nothing' : 'invoice.not_open');
  });

  test('it can be void while nothing is paid on it', () => {
    for (const status of ['draft', 'issued', 'paid'] as const)
      expect(reasonOf(() => assertVoidable(at(status)))).toBe('nothing');
    expect(reasonOf(() => assertVoidable(at('partially_paid', 1)))).toBe('invoice.has_payments');
  });
});

test('the letter tells what is due, or that nothing is', () => {
  const told = { name: 'Ana', number: 7, currency: 'USD', total_cents: 12_345, shop_name: 'The Shop' };
  expect(letterOf({ ...told, due_cents: 45 })).toEqual({
    subject: 'Invoice 7 of The Shop',
    body: expect.stringContaining('comes to USD 123.45; USD 0.45 is due.'),
  });
  expect(letterOf({ ...told, due_cents: 0 }).body).toContain('comes to USD 123.45; it is paid.');
});
