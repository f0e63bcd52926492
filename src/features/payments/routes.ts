import { Hono } from 'hono';
import type { LongReads } from '../../database/long-reads.ts';
import { notFound } from '../../errors.ts';
import { accept } from '../../http/accept.ts';
import { added, answer, answerHashed } from '../../http/answers.ts';
import type { Env } from '../../http/context.ts';
import { examplePath } from '../../http/example-shop.ts';
import { answerPage } from '../../http/page.ts';
import { expectedVersion, pathId } from '../../http/validate.ts';
import { write } from '../../http/write.ts';
import { listOf } from '../../shapes/parts.ts';
import { Payment, PaymentMade, Refund, RefundMade, Trial } from '../../shapes/payment.ts';
import { recordDeposit, recordPayment, refundPayment } from './commands.ts';
import { findPayment, hasInvoice, hasJob, listDeposits, listPayments, listRefunds } from './queries.ts';
import { NewPayment, NewRefund, OwnPaymentList, paymentList, RefundList } from './schema.ts';
import { tryBalance } from './trial.ts';

export type PaymentDeps = { clock: () => number };
const nowOf = ({ clock }: PaymentDeps): string => new Date(clock()).toISOString();

/** Below /v1/invoices. */
export const invoicePayments = (deps: PaymentDeps) =>
  new Hono<Env>()
    .get(
      '/:id/payments',
      accept({
        summary: 'Lists what was paid on an invoice, and the deposits that it has taken',
        query: OwnPaymentList,
        answers: listOf(Payment),
      }),
      async (c) => {
        const query = c.req.valid('query');
        const id = pathId(c, 'invoice');
        if (!(await hasInvoice(c.get('sql'), id))) throw notFound('invoice');
        const bound = { ...query, invoice_id: id };
        return answerPage(c, await listPayments(c.get('sql'), bound), bound);
      },
    )
    .post(
      '/:id/payments',
      accept({
        summary: 'Records a payment',
        parameters: examplePath('issued_invoice'),
        body: NewPayment,
        answers: PaymentMade,
        status: 201,
        isKeyDemanded: true,
        refuses: ['payment.exceeds_balance', 'invoice.not_open'],
        example: { amount_cents: 5_000, method: 'card', note: 'Terminal 2' },
      }),
      async (c) => {
        const payment = c.req.valid('json');
        const paid = { id: pathId(c, 'invoice'), payment, now: nowOf(deps), expected: expectedVersion(c) };
        return write(c, async (tx) => {
          const made = await recordPayment(tx, paid);
          return added(made.json, `/v1/payments/${made.id}`);
        });
      },
    );

/** Below /v1/appointments. */
export const deposits = (deps: PaymentDeps) =>
  new Hono<Env>()
    .get(
      '/:id/deposits',
      accept({ summary: 'Lists the deposits of a job', query: OwnPaymentList, answers: listOf(Payment) }),
      async (c) => {
        const query = { ...c.req.valid('query'), id: pathId(c, 'appointment') };
        if (!(await hasJob(c.get('sql'), query.id))) throw notFound('appointment');
        return answerPage(c, await listDeposits(c.get('sql'), query), query);
      },
    )
    .post(
      '/:id/deposits',
      accept({
        summary: 'Records a deposit: money for a job that is not billed yet, which its invoice takes',
        body: NewPayment,
        answers: PaymentMade,
        status: 201,
        isKeyDemanded: true,
        refuses: ['appointment.closed', 'invoice.exists'],
        example: { amount_cents: 10_000, method: 'cash' },
      }),
      async (c) => {
        const payment = c.req.valid('json');
        const id = pathId(c, 'appointment');
        const paid = { id, payment, now: nowOf(deps), expected: expectedVersion(c) };
        return write(c, async (tx) => {
          const made = await recordDeposit(tx, paid);
          return added(made.json, `/v1/payments/${made.id}`);
        });
      },
    );

export const payments = new Hono<Env>()
  .get(
    '/',
    accept({
      summary: 'Lists payments and deposits, the newest first',
      query: paymentList,
      answers: listOf(Payment),
    }),
    async (c) => {
      const query = c.req.valid('query');
      return answerPage(c, await listPayments(c.get('sql'), query), query);
    },
  )
  .get('/:id', accept({ summary: 'Reads a payment', answers: Payment }), async (c) => {
    const found = await findPayment(c.get('sql'), pathId(c, 'payment'));
    if (found === undefined) throw notFound('payment');
    return answerHashed(c, found);
  })
  .get(
    '/:id/refunds',
    accept({
      summary: 'Lists what was given back of a payment',
      query: RefundList,
      answers: listOf(Refund),
    }),
    async (c) => {
      const query = { ...c.req.valid('query'), id: pathId(c, 'payment') };
      if ((await findPayment(c.get('sql'), query.id)) === undefined) throw notFound('payment');
      return answerPage(c, await listRefunds(c.get('sql'), query), query);
    },
  )
  .post(
    '/:id/refunds',
    accept({
      summary: 'Gives money back, of a payment or of a deposit',
      body: NewRefund,
      answers: RefundMade,
      status: 201,
      isKeyDemanded: true,
      // What was paid is never changed: it has no version.
      isOneThing: false,
      refuses: ['payment.not_found', 'refund.exceeds_payment'],
      example: { amount_cents: 1_000, reason: 'The part failed within the week' },
    }),
    async (c) => {
      const wanted = { id: pathId(c, 'payment'), refund: c.req.valid('json') };
      return write(c, async (tx) =>
        added((await refundPayment(tx, wanted)).json, `/v1/payments/${wanted.id}/refunds`),
      );
    },
  );

export const ledger = ({ reads }: { reads: LongReads }) =>
  new Hono<Env>().get(
    '/trial',
    accept({
      summary: 'Proves that the ledger agrees with itself, or tells which row does not',
      answers: Trial,
    }),
    async (c) => answer(c, await reads.inLine(c.var, tryBalance)),
  );
