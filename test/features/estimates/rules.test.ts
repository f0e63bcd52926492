import { describe, expect, test } from 'bun:test';
import { reckonedOf, type StoredLine, wantedOf } from '../../../src/features/estimates/lines.ts';
import { authorizedCents, bookedOf, decidedOf, standingOf } from '../../../src/features/estimates/rules.ts';
import { ESTIMATE_STATUSES } from '../../../src/shapes/estimate.ts';

const said = (text: string) =>
  [...text].map((one) => ({
    decision: one === '+' ? ('approved' as const) : one === '-' ? ('declined' as const) : null,
  }));

describe('what decisions make of an estimate', () => {
  const STANDINGS: Readonly<Record<string, string>> = {
    ...{ '': 'sent', '?': 'sent', '??': 'sent', '?-': 'sent', '--': 'declined', '-': 'declined' },
    ...{ '+': 'approved', '++': 'approved', '+?': 'partly_approved', '+-': 'partly_approved' },
  };
  for (const status of ESTIMATE_STATUSES) {
    test(`of one that is ${status}`, () => {
      const isFixed = status === 'draft' || status === 'converted';
      for (const [lines, standing] of Object.entries(STANDINGS)) {
        expect([lines, standingOf(status, said(lines))]).toEqual([
          lines,
          isFixed ? status : standing,
        ] as never);
      }
    });
  }

  test('the last word on a line counts, and the others stay', () => {
    const lines = said('+-?').map((line, at) => ({ ...line, id: `${at}`, total_cents: 10 ** at }));
    expect(authorizedCents(lines)).toBe(1);
    const decided = decidedOf(lines, [
      { line_id: '0', decision: 'declined' },
      { line_id: '2', decision: 'approved' },
    ]);
    expect([decided.map(({ decision }) => decision), authorizedCents(decided)]).toEqual([
      ['declined', 'declined', 'approved'],
      100,
    ]);
    for (const ids of [['x'], ['0', '0']]) {
      const all = ids.map((line_id) => ({ line_id, decision: 'approved' as const }));
      expect(() => decidedOf(lines, all)).toThrow(`lines.${ids.length - 1}.line_id`);
    }
  });
});

describe('lines', () => {
  const taxes = { labour: 0, part: 1_000, package: 0, fee: 0 };
  const terms = { taxes, discountCents: undefined, known: [], version: 7, newId: () => 'new' };
  const labour = { kind: 'labour' as const, name: 'Work', quantity: 2, unit_price_cents: 500 };
  const known = { ...labour, id: 'a', service_id: null };
  const stored: StoredLine = {
    ...{ ...known, discount_cents: 0, tax_basis_points: 0, tax_cents: 0, total_cents: 1_000 },
    ...{ since_version: 3, decision: 'approved', pieces: 1, part_of: null },
  };
  const after = (change: object, isAnew = false) => {
    const [line] = reckonedOf([{ ...known, ...change }], { ...terms, known: [stored], isAnew });
    return [line?.id, line?.since_version, line?.decision ?? null];
  };

  test('another quantity of a part of a package is as many pieces each, and no part of the whole', () => {
    const part_of = { id: 'p', service_id: 'kit', quantity: 1, price_cents: 500, lines: 2 };
    const part = { ...stored, service_id: 'filter', pieces: 6, part_of };
    const changed = (change: object) => {
      const wanted = [{ ...known, service_id: 'filter', ...change }];
      const [line] = reckonedOf(wanted, { ...terms, known: [part] });
      return [line?.pieces, line?.part_of];
    };
    expect(changed({})).toEqual([6, part_of]);
    expect(changed({ quantity: 3 })).toEqual([6, null]);
    expect(changed({ name: 'Something else' })).toEqual([1, null]);
  });

  test('a line that stays as it was keeps what was said to it; whatever else changes begins anew', () => {
    expect(after({})).toEqual(['a', 3, 'approved']);
    expect(after({ tax_basis_points: 0, discount_cents: 0, service_id: 's' })).toEqual(['a', 3, 'approved']);
    const changes = [
      ...[{ kind: 'part' as const }, { name: 'Other work' }, { quantity: 1 }, { unit_price_cents: 501 }],
      ...[{ unit_price_cents: 499 }, { discount_cents: 1 }, { tax_basis_points: 1 }],
      // The same sum, and another agreement.
      { quantity: 1, unit_price_cents: 1_000 },
    ];
    for (const change of changes) expect(after(change)).toEqual(['a', 7, null]);
    expect(after({ id: 'b' })).toEqual(['b', 7, null]);
    expect(after({}, true)).toEqual(['a', 7, null]);
  });

  const items = [
    { service_id: 'oil', kind: 'labour' as const, name: 'Oil', quantity: 1, price_cents: 3_000 },
    { service_id: 'filter', kind: 'part' as const, name: 'Filter', quantity: 2, price_cents: 1_000 },
  ];
  const catalog = new Map([
    ['kit', items],
    ['oil', []],
  ]);
  const named = { catalog, newId: () => 'p' };
  const kit = {
    kind: 'package' as const,
    name: 'Kit',
    quantity: 1,
    unit_price_cents: 4_001,
    service_id: 'kit',
  };

  test('a package of the catalog is taken apart, the last line takes the remainder, each is taxed by its kind', () => {
    const lines = reckonedOf(wantedOf([{ ...labour, service_id: 'oil' }, kit], named), terms);
    expect(lines.map((line) => [line.service_id, line.name, line.tax_cents, line.total_cents])).toEqual([
      ['oil', 'Work', 0, 1_000],
      ['oil', 'Oil', 0, 2_400],
      ['filter', '2 × Filter', 160, 1_761],
    ]);
  });

  test('a package takes no discount, tax or id of its own; what is not in the catalog is refused', () => {
    for (const own of [{ discount_cents: 1 }, { tax_basis_points: 1 }, { id: 'a' }]) {
      expect(() => wantedOf([labour, { ...kit, ...own }], named)).toThrow(`lines.1.${Object.keys(own)[0]}`);
    }
    expect(() => wantedOf([{ ...labour, service_id: 'x' }], named)).toThrow('lines.0.service_id');
    expect(() => wantedOf(Array(101).fill(kit), named)).toThrow('at most 200');
  });
});

const line = {
  ...{ decision: 'approved' as const, quantity: 2, unit_price_cents: 50, name: 'Oil' },
  ...{ is_sold: true, is_whole_sold: true, pieces: 1, part_of: null },
};

test('a job is booked with the services that were approved, and the rest as words', () => {
  const lines = [
    { ...line, service_id: 'oil' },
    { ...line, service_id: null, is_sold: false, name: 'Pads', quantity: 4 },
    { ...line, service_id: 'old', is_sold: false, name: 'Old way' },
    { ...line, service_id: 'no', decision: 'declined' as const, name: 'Not wanted' },
    { ...line, service_id: 'more', name: 'One too many' },
  ];
  expect(bookedOf(lines, { number: 12, notes: 'Ring twice', maxServices: 1, maxQuantity: 1_000 })).toEqual({
    services: [{ service_id: 'oil', quantity: 2, price_cents: 50 }],
    notes: 'Ring twice\nApproved in estimate 12: 4 × Pads; 2 × Old way; 2 × One too many',
  });
  expect(
    bookedOf(lines.slice(0, 1), { number: 12, notes: null, maxServices: 1, maxQuantity: 1_000 }).notes,
  ).toBeNull();
});

describe('a package', () => {
  const part_of = { id: 'p', service_id: 'kit', quantity: 2, price_cents: 4_001, lines: 2 };
  const oil = { ...line, quantity: 1, service_id: 'oil', pieces: 2, unit_price_cents: 4_801, part_of };
  const filter = { ...oil, service_id: 'filter', pieces: 4, unit_price_cents: 3_201 };
  const terms = { number: 12, notes: null, maxServices: 9, maxQuantity: 1_000 };
  const pieces = [
    { service_id: 'oil', quantity: 1, price_cents: 2_400 },
    { service_id: 'oil', quantity: 1, price_cents: 2_401 },
  ];

  test('is booked as itself while all of it is approved as it was written', () => {
    const { services } = bookedOf([oil, { ...line, service_id: 'more' }, filter], terms);
    expect(services).toEqual([
      { service_id: 'kit', quantity: 2, price_cents: 4_001 },
      { service_id: 'more', quantity: 2, price_cents: 50 },
    ]);
  });

  test('of more pieces than a job can have of one service is told in words', () => {
    const many = { ...oil, quantity: 1, pieces: 1_001, part_of: null };
    expect(bookedOf([many], terms)).toEqual({
      services: [],
      notes: 'Approved in estimate 12: 1 × Oil',
    });
    expect(bookedOf([{ ...many, pieces: 1_000 }], terms).services).not.toEqual([]);
  });

  test('else by its pieces, at the price of the lines to the cent', () => {
    const declined = { ...filter, decision: 'declined' as const };
    expect(bookedOf([oil, declined], terms).services).toEqual(pieces);
    expect(bookedOf([oil], terms).services).toEqual(pieces);
    const unsold = [oil, filter].map((one) => ({ ...one, is_whole_sold: false }));
    const cheaper = [oil, { ...filter, unit_price_cents: 3_200 }];
    for (const lines of [unsold, cheaper]) {
      const { services } = bookedOf(lines, terms);
      const sum = services.reduce((cents, one) => cents + one.quantity * one.price_cents, 0);
      expect(services.map(({ service_id, quantity }) => `${quantity} ${service_id}`).slice(0, 2)).toEqual([
        ...['1 oil', '1 oil'],
      ]);
      expect(sum).toBe(lines.reduce((cents, one) => cents + one.unit_price_cents, 0));
    }
  });
});
