type Person = { name: string; phone: string | null; email: string | null; address: string | null };
type Vehicle = { name: string; vin: string | null; license_plate: string | null };

/** What every kind of document is made of, beside its own. */
type Row = {
  id: string;
  /** The versions of all that it shows. */
  tag: string;
  /** When its content was last as it is, as far as its own row tells. */
  made_at: string;
  shop_name: string;
  licence_number: string | null;
  zone: string;
  currency: string;
  customer: Person;
  vehicle: Vehicle | null;
};

export type Line = {
  name: string;
  quantity: number;
  unit_price_cents: number;
  discount_cents: number;
  tax_basis_points: number;
  tax_cents: number;
  total_cents: number;
};

export type Sums = Record<'subtotal_cents' | 'discount_cents' | 'tax_cents' | 'total_cents', number>;

/** Money that came, or went when negative. */
export type Entry = { at: string; what: 'payment' | 'deposit' | 'refund'; method: string; cents: number };

/** What a customer said to a line of their estimate, when, and how. */
export type Word = {
  at: string;
  decision: 'approved' | 'declined';
  line: string;
  cents: number;
  name: string;
  method: string;
  contact: string | null;
};

export type InvoiceRow = Row &
  Sums & {
    number: number | null;
    status: 'draft' | 'issued' | 'partially_paid' | 'paid' | 'void';
    issued_at: string | null;
    voided_at: string | null;
    done_at: string | null;
    paid_cents: number;
    due_cents: number;
    lines: Line[];
    entries: Entry[];
    /** Said to the estimate of its job, until it was void. */
    words: Word[];
  };

export type EstimateRow = Row &
  Sums & {
    number: number;
    version: number;
    status: 'draft' | 'sent' | 'approved' | 'partly_approved' | 'declined' | 'converted';
    sent_at: string | null;
    valid_until: string | null;
    authorized_cents: number;
    lines: Line[];
    words: Word[];
  };

export type ReceiptRow = Row & {
  received_at: string;
  method: string;
  note: string | null;
  amount_cents: number;
  is_deposit: boolean;
  /** Of the job, for a deposit. */
  starts_at: string | null;
  invoice: { number: number | null; total_cents: number; due_cents: number } | null;
  refunds: { at: string; reason: string; cents: number }[];
};

/** A table's column, its width in parts of the whole. */
export type Column = { title: string; part: number; isFigure: boolean };
export type Table = { title: string | null; columns: readonly Column[]; rows: string[][] };
export type Fact = readonly [name: string, value: string];

/** A document as people read it: its texts in their order, whatever it is printed on. */
export type Paper = {
  /** What it is: "Invoice 12". */
  title: string;
  filename: string;
  /** Stands across each page. */
  mark: string | null;
  shop: string[];
  facts: Fact[];
  blocks: { title: string; lines: string[] }[];
  tables: Table[];
  /** The last one counts most. */
  sums: Fact[];
  /** Below the sums: what came and went, and what was said. */
  entries: Table[];
  remarks: string[];
  madeAt: string;
};
