import * as v from 'valibot';
import { pageParameters } from '../../http/page.ts';
import { INVOICE_STATUSES, LINE_KINDS, MAX_LINES } from '../../shapes/invoice.ts';
import { id } from '../../values/id.ts';
import { cents } from '../../values/money.ts';
import { commaList, whole } from '../../values/number.ts';
import { line } from '../../values/text.ts';
import { instantOrDate } from '../../values/time.ts';

const WHOLE_BASIS_POINTS = 10_000;

export const NewLine = v.strictObject({
  /** Of a line that is there already: it keeps it. */
  id: v.exactOptional(id()),
  kind: v.picklist(LINE_KINDS, `must be one of ${LINE_KINDS.join(', ')}`),
  name: line(300),
  quantity: whole(1, 1_000),
  unit_price_cents: cents(),
  discount_cents: v.exactOptional(cents()),
  /** Without it: as the settings tax its kind. */
  tax_basis_points: v.exactOptional(whole(0, WHOLE_BASIS_POINTS)),
});

export const InvoicePatch = v.strictObject({
  lines: v.exactOptional(
    v.pipe(v.array(NewLine, 'must be a list'), v.maxLength(MAX_LINES, `must be at most ${MAX_LINES} lines`)),
  ),
  /** All discounts together, those of the lines among them: what is over them is spread over the lines. */
  discount_cents: v.exactOptional(cents()),
});

/** `zone` is the shop's: a bare date is the start of that day there. */
export const invoiceList = ({ zone }: { zone: string }) =>
  v.strictObject({
    ...pageParameters(['-created_at']),
    customer_id: v.optional(id()),
    appointment_id: v.optional(id()),
    vehicle_id: v.optional(id()),
    status: v.optional(
      commaList(
        v.picklist(INVOICE_STATUSES, `must be one of ${INVOICE_STATUSES.join(', ')}`),
        INVOICE_STATUSES.length,
      ),
    ),
    from: v.optional(instantOrDate(zone)),
    to: v.optional(instantOrDate(zone)),
  });

export type LineKind = (typeof LINE_KINDS)[number];
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];
export type NewLine = v.InferOutput<typeof NewLine>;
export type InvoicePatch = v.InferOutput<typeof InvoicePatch>;
export type InvoiceList = v.InferOutput<ReturnType<typeof invoiceList>>;
