import { Hono } from 'hono';
import type { Transaction } from '../../database/sql.ts';
import { notFound, type Reason } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { answerShape, changed, created } from '../../http/answers.ts';
import type { Ctx, Env } from '../../http/context.ts';
import { examplePath } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { type Expected, expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { Invoice } from '../../shapes/invoice.ts';
import { listOf } from '../../shapes/parts.ts';
import { changeInvoice, issueInvoice, makeInvoice, sendInvoice, voidInvoice } from './commands.ts';
import { findInvoice, type InvoiceShape, listInvoices } from './queries.ts';
import { InvoicePatch, invoiceList } from './schema.ts';

/** Below /v1/appointments. */
export const jobInvoices = new Hono<Env>().post(
  '/:id/invoice',
  accept({
    summary: 'Bills a completed job: a draft, with what was sold',
    parameters: examplePath('done_job'),
    answers: Invoice,
    status: 201,
    refuses: ['invoice.job_not_completed', 'invoice.exists', 'estimate.not_approved'],
  }),
  async (c) => {
    const job = { id: pathId(c, 'appointment'), expected: expectedVersion(c) };
    return write(c, async (tx) => {
      const made = await makeInvoice(tx, job);
      return created(made, `/v1/invoices/${made.id}`);
    });
  },
);

type Step = (tx: Transaction, on: { id: string; expected: Expected }) => Promise<InvoiceShape>;

const step = (
  summary: string,
  refuses: readonly Reason[],
  example: 'invoice' | 'issued_invoice' = 'invoice',
) => accept({ summary, answers: Invoice, refuses, parameters: examplePath(example) });

const taken = (c: Ctx, command: Step): Promise<Response> => {
  const on = { id: pathId(c, 'invoice'), expected: expectedVersion(c) };
  return write(c, async (tx) => changed(await command(tx, on)));
};

export const invoices = new Hono<Env>()
  .get(
    '/',
    accept({ summary: 'Lists invoices, the newest first', query: invoiceList, answers: listOf(Invoice) }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listInvoices(c.get('sql'), query), query);
    },
  )
  .get('/:id', accept({ summary: 'Reads an invoice', answers: Invoice }), async (c) => {
    const found = await findInvoice(c.get('sql'), pathId(c, 'invoice'));
    if (found === undefined) throw notFound('invoice');
    return answerShape(c, found);
  })
  .patch(
    '/:id',
    accept({
      summary: 'Changes the lines or the discount of a draft',
      body: InvoicePatch,
      answers: Invoice,
      refuses: ['invoice.not_draft'],
      example: {
        lines: [
          { kind: 'labour', name: 'Front brakes', quantity: 1, unit_price_cents: 18_000 },
          { kind: 'part', name: 'Brake pads', quantity: 2, unit_price_cents: 4_950, discount_cents: 500 },
        ],
        discount_cents: 1_500,
      },
    }),
    async (c) => {
      const patch = c.req.valid('json');
      return taken(c, (tx, on) => changeInvoice(tx, { ...on, patch }));
    },
  )
  .post(
    '/:id/issue',
    step('Issues a draft: it gets its number', ['invoice.not_draft', 'invoice.over_authorized']),
    (c) => taken(c, issueInvoice),
  )
  .post('/:id/send', step('Sends an invoice to its customer', ['invoice.not_open'], 'issued_invoice'), (c) =>
    taken(c, sendInvoice),
  )
  .post(
    '/:id/void',
    step('Makes an invoice void: its job can be billed anew', ['invoice.has_payments']),
    (c) => taken(c, voidInvoice),
  );
