import { moneyOf } from '../../values/money.ts';
import { dayInWords } from '../../values/time.ts';
import type {
  Column,
  Entry,
  EstimateRow,
  Fact,
  InvoiceRow,
  Line,
  Paper,
  ReceiptRow,
  Sums,
  Table,
} from './schema.ts';

/** Part of each ETag: raise it when the same rows come to look otherwise. */
export const TEMPLATE = 2;

const STATUS_WORDS = {
  draft: 'Draft',
  issued: 'Open',
  partially_paid: 'Partly paid',
  paid: 'Paid',
  void: 'Void',
} as const;
const MARKS: Partial<Record<InvoiceRow['status'], string>> = { draft: 'DRAFT', void: 'VOID' };
const REMARKS: Partial<Record<InvoiceRow['status'], string>> = {
  draft: 'This is a draft. Nothing is to be paid on it yet.',
  void: 'This invoice is void. Nothing is to be paid on it.',
};
const METHODS: Readonly<Record<string, string>> = {
  ach: 'bank transfer (ACH)',
  other: 'other means',
};
const ENTRIES: Readonly<Record<Entry['what'], string>> = {
  payment: 'Payment',
  deposit: 'Deposit',
  refund: 'Refund',
};

const text = (title: string, part: number): Column => ({ title, part, isFigure: false });
const figure = (title: string, part: number): Column => ({ title, part, isFigure: true });

const LINE_COLUMNS = [
  text('Description', 34),
  figure('Qty', 6),
  figure('Unit price', 14),
  figure('Discount', 12),
  figure('Tax rate', 9),
  figure('Tax', 11),
  figure('Total', 14),
];
const ENTRY_COLUMNS = [text('Date', 20), text('Entry', 60), figure('Amount', 20)];

export const invoicePaper = (row: InvoiceRow): Paper => {
  const { number, status, zone, currency } = row;
  const day = dayIn(zone);
  return {
    ...common(row),
    title: number === null ? 'Invoice' : `Invoice ${number}`,
    filename: number === null ? `invoice-draft-${row.id.slice(-12)}` : `invoice-${number}`,
    mark: MARKS[status] ?? null,
    facts: [
      ...fact('Number', number === null ? null : String(number)),
      ['Status', STATUS_WORDS[status]],
      ...fact('Issued', day(row.issued_at)),
      ...fact('Void since', day(row.voided_at)),
      ...fact('Work completed', day(row.done_at)),
    ],
    tables: [linesTable(row.lines, currency)],
    sums: [
      ...sumsOf(row, currency),
      ['Paid', moneyOf(row.paid_cents, currency)],
      ...(status === 'void' ? [] : [['Amount due', moneyOf(row.due_cents, currency)] as const]),
    ],
    entries: [...entriesTable(row), ...wordsTable(row)],
    remarks: [REMARKS[status] ?? []].flat(),
  };
};

const ESTIMATE_WORDS = {
  draft: 'Draft',
  sent: 'Sent',
  approved: 'Approved',
  partly_approved: 'Partly approved',
  declined: 'Declined',
  converted: 'Work booked',
} as const;
const WAYS: Readonly<Record<string, string>> = { in_person: 'in person', phone: 'by phone', link: 'by link' };

export const estimatePaper = (row: EstimateRow): Paper => {
  const { number, status, zone, currency } = row;
  const day = dayIn(zone);
  return {
    ...common(row),
    title: `Estimate ${number}`,
    filename: `estimate-${number}`,
    mark: status === 'draft' ? 'DRAFT' : null,
    facts: [
      ['Number', String(number)],
      ['Version', String(row.version)],
      ['Status', ESTIMATE_WORDS[status]],
      ...fact('Sent', day(row.sent_at)),
      ...fact('Valid until', day(row.valid_until)),
    ],
    tables: [linesTable(row.lines, currency)],
    sums: [...sumsOf(row, currency), ['Authorized', moneyOf(row.authorized_cents, currency)]],
    entries: wordsTable(row),
    remarks: told([status === 'draft' ? 'This is a draft. It has not been offered yet.' : null]),
  };
};

/** 16 CCR § 3356: an invoice tells of each authorization too, as it was noted. */
const wordsTable = ({ words, zone, currency }: EstimateRow | InvoiceRow): Table[] =>
  tableOf('Authorizations', words, ({ at, decision, line, cents, name, method, contact }) => [
    dayInWords(at, zone),
    `${decision === 'approved' ? 'Approved' : 'Declined'}: ${line} (${told([name, WAYS[method] ?? `by ${method}`, contact]).join(', ')})`,
    moneyOf(cents, currency),
  ]);

/** None at all without a row. */
const tableOf = <Row>(title: string, rows: readonly Row[], cellsOf: (row: Row) => string[]): Table[] =>
  rows.length === 0 ? [] : [{ title, columns: ENTRY_COLUMNS, rows: rows.map(cellsOf) }];

export const receiptPaper = (row: ReceiptRow): Paper => {
  const { currency, zone, invoice, amount_cents, refunds } = row;
  const day = dayIn(zone);
  const back = refunds.reduce((sum, { cents }) => sum + cents, 0);
  const what = row.is_deposit ? 'Deposit' : 'Payment';
  return {
    ...common(row),
    title: 'Receipt',
    filename: `receipt-${row.id.slice(-12)}`,
    mark: null,
    facts: [
      ['Receipt', row.id.slice(-12)],
      ['Received', dayInWords(row.received_at, zone)],
      ['By', methodWords(row.method)],
      ...fact('Invoice', invoice?.number == null ? null : String(invoice.number)),
      ...fact('Work planned for', row.is_deposit ? day(row.starts_at) : null),
    ],
    tables: [
      {
        title: null,
        columns: ENTRY_COLUMNS,
        rows: [
          [
            dayInWords(row.received_at, zone),
            [what, row.note].filter(Boolean).join(': '),
            moneyOf(amount_cents, currency),
          ],
          ...refunds.map(({ at, reason, cents }) => [
            dayInWords(at, zone),
            `Refund: ${reason}`,
            moneyOf(-cents, currency),
          ]),
        ],
      },
    ],
    sums: [
      ...(invoice === null
        ? []
        : ([
            ['Invoice total', moneyOf(invoice.total_cents, currency)],
            ['Still due on it', moneyOf(invoice.due_cents, currency)],
          ] as const)),
      ...(back === 0
        ? []
        : ([
            ['Received', moneyOf(amount_cents, currency)],
            ['Given back', moneyOf(back, currency)],
          ] as const)),
      [back === 0 ? 'Received' : 'Kept', moneyOf(amount_cents - back, currency)],
    ],
    entries: [],
    remarks: row.is_deposit ? ['A deposit counts towards the invoice of the work.'] : [],
  };
};

/** Goods and work. */
const linesTable = (lines: readonly Line[], currency: string): Table => ({
  title: null,
  columns: LINE_COLUMNS,
  rows: lines.map((line) => [
    line.name,
    String(line.quantity),
    moneyOf(line.unit_price_cents, currency),
    line.discount_cents === 0 ? '' : moneyOf(-line.discount_cents, currency),
    line.tax_basis_points === 0 ? '' : `${line.tax_basis_points / 100}%`,
    line.tax_cents === 0 ? '' : moneyOf(line.tax_cents, currency),
    moneyOf(line.total_cents, currency),
  ]),
});

const sumsOf = (sums: Sums, currency: string): Fact[] => [
  ['Subtotal', moneyOf(sums.subtotal_cents, currency)],
  ...(sums.discount_cents === 0 ? [] : [['Discount', moneyOf(-sums.discount_cents, currency)] as const]),
  ['Tax', moneyOf(sums.tax_cents, currency)],
  ['Total', moneyOf(sums.total_cents, currency)],
];

const entriesTable = ({ entries, zone, currency }: InvoiceRow): Table[] =>
  tableOf('Payments', entries, ({ at, what, method, cents }) => [
    dayInWords(at, zone),
    `${what === 'deposit' && cents < 0 ? 'Deposit given up' : ENTRIES[what]}, ${methodWords(method)}`,
    moneyOf(cents, currency),
  ]);

const common = ({
  shop_name,
  licence_number,
  customer,
  vehicle,
  made_at,
}: InvoiceRow | EstimateRow | ReceiptRow) => ({
  shop: [shop_name, ...(licence_number === null ? [] : [`Licence ${licence_number}`])],
  blocks: [
    {
      title: 'Customer',
      lines: told([customer.name, ...(customer.address ?? '').split('\n'), customer.phone, customer.email]),
    },
    ...(vehicle === null
      ? []
      : [
          {
            title: 'Vehicle',
            lines: told([
              vehicle.name,
              vehicle.license_plate && `Plate ${vehicle.license_plate}`,
              vehicle.vin && `VIN ${vehicle.vin}`,
            ]),
          },
        ]),
  ],
  madeAt: made_at,
});

const told = (texts: readonly (string | null)[]): string[] =>
  texts.flatMap((one) => (one === null || one.trim() === '' ? [] : [one.trim()]));

const fact = (name: string, value: string | null): Fact[] => (value === null ? [] : [[name, value]]);

const dayIn =
  (zone: string) =>
  (at: string | null): string | null =>
    at === null ? null : dayInWords(at, zone);

const methodWords = (method: string): string => METHODS[method] ?? method;
