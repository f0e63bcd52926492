import type { Answer, Client, Data, TestApp } from '../../helpers/app.ts';
import { withKey } from '../../helpers/factories.ts';

export const pay = (client: Client, invoiceId: string, body: Data = {}, options = withKey()) =>
  client.post(
    `/v1/invoices/${invoiceId}/payments`,
    { amount_cents: 5_000, method: 'card', ...body },
    options,
  );

export const putDown = (client: Client, jobId: string, body: Data = {}, options = withKey()) =>
  client.post(
    `/v1/appointments/${jobId}/deposits`,
    { amount_cents: 3_000, method: 'cash', ...body },
    options,
  );

export const giveBack = (client: Client, paymentId: string, amount_cents: number, options = withKey()) =>
  client.post(`/v1/payments/${paymentId}/refunds`, { amount_cents, reason: 'The part failed' }, options);

export const trialOf = async (client: Client): Promise<Data> => (await client.get('/v1/ledger/trial')).data;

export const outcomesOf = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, error } of answers) {
    const outcome = `${status} ${error?.reason ?? ''}`.trim();
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
};

/** What the rows say was paid on the invoice, less what was given back. */
export const sumOf = async (app: TestApp, invoiceId: string): Promise<number> => {
  const [row] = await app.sql<{ cents: number }>`
    select coalesce(sum(amount_cents - refunded_cents), 0)::bigint as cents from payments where invoice_id = ${invoiceId}`;
  return row?.cents ?? 0;
};
