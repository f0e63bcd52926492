import { fail, invalid } from '../../errors.ts';
import { cutCents, decimalOf, shareCents } from '../../values/money.ts';
import type { InvoiceStatus, LineKind } from './schema.ts';

type Priced = { kind: LineKind; name: string; quantity: number; price_cents: number };
/** A service as it was sold; a package with what it consists of, at the catalog's prices. */
export type Sold = Priced & { items: readonly Priced[] };

/** A line before it is reckoned. Without a tax the one of its kind counts. */
export type Draft = {
  kind: LineKind;
  name: string;
  quantity: number;
  unit_price_cents: number;
  discount_cents?: number;
  tax_basis_points?: number;
};

export type Line = Required<Draft> & { tax_cents: number; total_cents: number };
export type Taxes = Readonly<Record<LineKind, number>>;
export type Sums = {
  subtotal_cents: number;
  discount_cents: number;
  tax_cents: number;
  total_cents: number;
};

/** The way of a van is no sale of goods; a package that nobody can take apart any more was work. */
export const taxesOf = (rates: { labour: number; part: number }): Taxes => ({
  ...rates,
  package: rates.labour,
  fee: 0,
});

/** What was sold as an invoice or an estimate shows it, before discount and tax. */
export const draftsOf = (sold: readonly Sold[], tripFeeCents = 0): Draft[] => [
  ...sold.flatMap((one) => (one.items.length === 0 ? [asDraft(one)] : takenApart(one))),
  ...(tripFeeCents === 0
    ? []
    : [{ kind: 'fee' as const, name: 'Trip fee', quantity: 1, unit_price_cents: tripFeeCents }]),
];

const asDraft = ({ kind, name, quantity, price_cents }: Priced): Draft => ({
  ...{ kind, name, quantity },
  unit_price_cents: price_cents,
});

/** A package is billed by its items, scaled to its price; the last line takes the remainder. */
const takenApart = ({ items, quantity, price_cents }: Sold): Draft[] => {
  const { parts, remainder } = cutCents(
    price_cents * quantity,
    items.map((item) => item.price_cents * item.quantity),
  );
  return items.map(({ kind, name, quantity: each }, at) => ({
    kind,
    // The share of several can seldom be divided among them.
    name: each * quantity > 1 ? `${each * quantity} × ${name}` : name,
    quantity: 1,
    unit_price_cents: (parts[at] ?? 0) + (at === items.length - 1 ? remainder : 0),
  }));
};

type Terms = { taxes: Taxes; discountCents?: number | undefined };

/**
 * Each line with its tax, half up to the cent. `discountCents` is what all discounts come to: what is over those of the
 * lines is spread over them by what they still cost, and the remainder falls to the last. Throws 422 for discounts that
 * are more than there is, or less than the lines' own.
 */
export const linesOf = (drafts: readonly Draft[], { taxes, discountCents }: Terms): Line[] => {
  assertDiscounts(drafts);
  const own = sum(drafts.map(({ discount_cents = 0 }) => discount_cents));
  const nets = drafts.map(netOf);
  const over = (discountCents ?? own) - own;
  if (over < 0) throw invalid('discount_cents', `must be at least ${own}, the discounts of the lines`);
  if (over > sum(nets)) throw invalid('discount_cents', 'must be at most what the lines cost');
  const spread = spreadOver(over, nets);
  return drafts.map((draft, at) => reckoned(draft, (draft.discount_cents ?? 0) + (spread[at] ?? 0), taxes));
};

const grossOf = ({ quantity, unit_price_cents }: Draft): number => quantity * unit_price_cents;
const netOf = (draft: Draft): number => grossOf(draft) - (draft.discount_cents ?? 0);

const assertDiscounts = (drafts: readonly Draft[]): void => {
  const at = drafts.findIndex((draft) => netOf(draft) < 0);
  if (at !== -1) throw invalid(`lines.${at}.discount_cents`, 'must be at most what the line costs');
};

/** No part is more than its net: what the last cannot take falls to the one before. */
const spreadOver = (cents: number, nets: readonly number[]): number[] => {
  if (cents === 0) return nets.map(() => 0);
  const { parts, remainder } = cutCents(cents, nets);
  let left = remainder;
  return parts
    .map((part, at) => ({ part, room: (nets[at] ?? 0) - part }))
    .reverse()
    .map(({ part, room }) => {
      const more = Math.min(left, room);
      left -= more;
      return part + more;
    })
    .reverse();
};

const reckoned = (draft: Draft, discount_cents: number, taxes: Taxes): Line => {
  const tax_basis_points = draft.tax_basis_points ?? taxes[draft.kind];
  const net = grossOf(draft) - discount_cents;
  const tax_cents = shareCents(net, tax_basis_points);
  const { kind, name, quantity, unit_price_cents } = draft;
  return {
    ...{ kind, name, quantity, unit_price_cents, discount_cents, tax_basis_points, tax_cents },
    total_cents: net + tax_cents,
  };
};

export const sumsOf = (lines: readonly Line[]): Sums => ({
  subtotal_cents: sum(lines.map(grossOf)),
  discount_cents: sum(lines.map((line) => line.discount_cents)),
  tax_cents: sum(lines.map((line) => line.tax_cents)),
  total_cents: sum(lines.map((line) => line.total_cents)),
});

/** Its discount is to be spread anew. */
export const undiscounted = <Line extends Draft>({ discount_cents: _own, ...line }: Line) => line;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

type Stand = { status: InvoiceStatus; paid_cents: number };

/** Throws estimate.not_approved (409): a job whose estimate nobody has agreed to is not billed with nothing. */
export const assertAgreed = (lines: readonly unknown[]): void => {
  if (lines.length > 0) return;
  throw fail(
    'estimate.not_approved',
    'No line of this job’s estimate is approved: there is nothing to bill yet. Ask the customer first.',
  );
};

export const assertDraft = ({ status }: Stand): void => {
  if (status === 'draft') return;
  throw fail(
    'invoice.not_draft',
    `This invoice is ${status}: it stays as it is. Void it and write another one.`,
    {
      details: { status },
    },
  );
};

/** What the customer has authorized by an estimate, and by how much an invoice may pass it. */
export type Authorization = { authorized_cents: number; tolerance_cents: number };

/**
 * Nobody pays for what they did not authorize: 16 CCR § 3353 (nothing is done before the estimate is authorized), § 3354
 * (what comes on top is authorized anew), § 3356 (the invoice). Throws invoice.over_authorized (409) with the numbers.
 */
export const assertAuthorized = (totalCents: number, authorization: Authorization | undefined): void => {
  if (authorization === undefined) return;
  const { authorized_cents, tolerance_cents } = authorization;
  if (totalCents <= authorized_cents + tolerance_cents) return;
  throw fail(
    'invoice.over_authorized',
    'This is more than the customer has authorized. Have the rest authorized in the estimate, or bill less.',
    { details: { total_cents: totalCents, authorized_cents, tolerance_cents } },
  );
};

/** Throws invoice.not_open (409) for one that takes no money, and goes to nobody. */
export const assertOpen = ({ status }: Stand): void => {
  if (status !== 'draft' && status !== 'void') return;
  const advice = status === 'draft' ? 'Issue it first.' : 'Write another one for the job.';
  throw fail('invoice.not_open', `This invoice is ${status === 'draft' ? 'a draft' : 'void'}. ${advice}`, {
    details: { status },
  });
};

/** Whatever was paid on it is given back first, deposits too: nobody's money changes its place unseen. */
export const assertVoidable = ({ paid_cents }: Stand): void => {
  if (paid_cents === 0) return;
  throw fail(
    'invoice.has_payments',
    'This invoice has payments. Give them back with POST /v1/payments/{id}/refunds, then void it.',
    { details: { paid_cents } },
  );
};

export const assertCompleted = (status: string): void => {
  if (status === 'completed') return;
  throw fail('invoice.job_not_completed', `This job is ${status}. It is billed once it is completed.`, {
    details: { status },
  });
};

type Told = {
  name: string;
  number: number;
  currency: string;
  total_cents: number;
  due_cents: number;
  shop_name: string;
};

export const letterOf = (told: Told): { subject: string; body: string } => ({
  subject: `Invoice ${told.number} of ${told.shop_name}`,
  body: [
    `Dear ${told.name},`,
    `thank you. Invoice ${told.number} comes to ${told.currency} ${decimalOf(told.total_cents)}; ${
      told.due_cents === 0 ? 'it is paid' : `${told.currency} ${decimalOf(told.due_cents)} is due`
    }.`,
    told.shop_name,
  ].join('\n\n'),
});
