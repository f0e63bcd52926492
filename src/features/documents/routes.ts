import { Hono } from 'hono';
import type { Sql } from '../../database/sql.ts';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerMade } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { pathId } from '../../http/validate.ts';
import { htmlOf, POLICY } from './html.ts';
import { pdfOf } from './pdf.ts';
import { findEstimateRow, findInvoiceRow, findReceiptRow } from './queries.ts';
import { estimatePaper, invoicePaper, receiptPaper, TEMPLATE } from './rules.ts';
import type { Paper } from './schema.ts';

const FORMATS = {
  pdf: { type: 'application/pdf', make: pdfOf, headers: {} },
  html: {
    type: 'text/html; charset=utf-8',
    make: htmlOf,
    headers: { 'Content-Security-Policy': POLICY },
  },
} as const;

/** A kind of document: what it is about, its row by one statement, and how that reads. */
type Kind<Row extends { tag: string }> = {
  noun: 'estimate' | 'invoice' | 'payment';
  find(sql: Sql, id: string): Promise<Row | undefined>;
  paperOf(row: Row): Paper;
};

const send =
  <Row extends { tag: string }>({ noun, find, paperOf }: Kind<Row>, format: keyof typeof FORMATS) =>
  async (c: Ctx): Promise<Response> => {
    const row = await find(c.get('sql'), pathId(c, noun));
    if (row === undefined) throw notFound(noun);
    const paper = paperOf(row);
    const { type, make, headers } = FORMATS[format];
    const disposition = `inline; filename="${paper.filename}.${format}"`;
    const made = {
      tag: `${row.tag}.${TEMPLATE}`,
      headers: { ...headers, 'Content-Type': type, 'Content-Disposition': disposition },
    };
    return answerMade(c, made, () => make(paper));
  };

const asPdf = (what: string) =>
  accept({ summary: `Shows ${what} as PDF`, answers: 'application/pdf', isTagged: true });
const asHtml = (what: string) =>
  accept({ summary: `Shows ${what} as a page to print`, answers: 'text/html', isTagged: true });

const INVOICE = { noun: 'invoice', find: findInvoiceRow, paperOf: invoicePaper } as const;
const ESTIMATE = { noun: 'estimate', find: findEstimateRow, paperOf: estimatePaper } as const;
const RECEIPT = { noun: 'payment', find: findReceiptRow, paperOf: receiptPaper } as const;

/** /v1/invoices/{id}.pdf: see http/paths. */
export const invoiceDocuments = new Hono<Env>()
  .get('/:id/.pdf', asPdf('an invoice'), send(INVOICE, 'pdf'))
  .get('/:id/.html', asHtml('an invoice'), send(INVOICE, 'html'));

export const estimateDocuments = new Hono<Env>()
  .get('/:id/.pdf', asPdf('an estimate'), send(ESTIMATE, 'pdf'))
  .get('/:id/.html', asHtml('an estimate'), send(ESTIMATE, 'html'));

export const receipts = new Hono<Env>()
  .get('/:id/receipt.pdf', asPdf('the receipt of a payment'), send(RECEIPT, 'pdf'))
  .get('/:id/receipt.html', asHtml('the receipt of a payment'), send(RECEIPT, 'html'));
