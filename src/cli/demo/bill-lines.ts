import type { Sold } from './catalog.ts';

export type BillLine = {
  position: number;
  kind: string;
  name: string;
  quantity: number;
  unit_price_cents: number;
  discount_cents: number;
  tax_basis_points: number;
  tax_cents: number;
  total_cents: number;
};

export type Sums = {
  subtotal_cents: number;
  discount_cents: number;
  tax_cents: number;
  total_cents: number;
};

/** Los Angeles: 9.5 % sales tax on parts, none on labour. */
const TAX_BASIS_POINTS: Readonly<Record<string, number>> = { part: 950, labour: 0 };
const WHOLE_BASIS_POINTS = 10_000;

/** What was sold as an invoice shows it; a discount is on labour only. */
export const linesOf = (work: readonly Sold[], discountBasisPoints: number): BillLine[] =>
  work.flatMap(pricedLines).map(({ kind, name, quantity, unitPriceCents }, index) => {
    const gross = quantity * unitPriceCents;
    const discount = kind === 'labour' ? share(gross, discountBasisPoints) : 0;
    const rate = TAX_BASIS_POINTS[kind] ?? 0;
    const tax = share(gross - discount, rate);
    return {
      position: index + 1,
      kind,
      name,
      quantity,
      unit_price_cents: unitPriceCents,
      discount_cents: discount,
      tax_basis_points: rate,
      tax_cents: tax,
      total_cents: gross - discount + tax,
    };
  });

export const sumsOf = (lines: readonly BillLine[]): Sums => {
  const sum = (one: (line: BillLine) => number): number => lines.reduce((all, line) => all + one(line), 0);
  return {
    subtotal_cents: sum((line) => line.quantity * line.unit_price_cents),
    discount_cents: sum((line) => line.discount_cents),
    tax_cents: sum((line) => line.tax_cents),
    total_cents: sum((line) => line.total_cents),
  };
};

/** Half up to the cent. */
const share = (cents: number, basisPoints: number): number =>
  Math.floor((cents * basisPoints + WHOLE_BASIS_POINTS / 2) / WHOLE_BASIS_POINTS);

type Priced = { kind: string; name: string; quantity: number; unitPriceCents: number };

/** A package is billed by its items, scaled to its price; the last one takes the remainder. */
const pricedLines = ({ service, quantity }: Sold): Priced[] => {
  const whole = service.items.reduce((sum, item) => sum + item.price_cents * item.quantity, 0);
  if (whole === 0) return [{ ...service, quantity, unitPriceCents: service.price_cents }];
  let left = service.price_cents * quantity;
  return service.items.map((item, index) => {
    const part = Math.floor((service.price_cents * quantity * item.price_cents * item.quantity) / whole);
    const unitPriceCents = index === service.items.length - 1 ? left : part;
    left -= unitPriceCents;
    const count = item.quantity * quantity;
    return {
      kind: item.kind,
      name: count > 1 ? `${count} × ${item.name}` : item.name,
      quantity: 1,
      unitPriceCents,
    };
  });
};
