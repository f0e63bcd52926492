import { draftsOf, type Line, linesOf as reckonedOf, taxesOf } from '../../features/invoices/rules.ts';
import { shareCents } from '../../values/money.ts';
import type { Sold } from './catalog.ts';

export type BillLine = Line & { position: number };

/** Los Angeles: 9.5 % sales tax on parts, none on labour. */
const TAXES = taxesOf({ labour: 0, part: 950 });

/** What was sold as an invoice shows it; a discount is on labour only. */
export const linesOf = (work: readonly Sold[], discountBasisPoints: number): BillLine[] => {
  const sold = work.map(({ service, quantity }) => ({ ...service, quantity }));
  const drafts = draftsOf(sold).map((draft) => ({
    ...draft,
    discount_cents:
      draft.kind === 'labour' ? shareCents(draft.quantity * draft.unit_price_cents, discountBasisPoints) : 0,
  }));
  return reckonedOf(drafts, { taxes: TAXES }).map((line, at) => ({ ...line, position: at + 1 }));
};
