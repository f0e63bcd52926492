import { fail, invalid } from '../../errors.ts';
import { addMinutes, isBefore } from '../../values/time.ts';

/** The clock of a till may be a little ahead of ours. */
const AHEAD_MINUTES = 5;

export const assertReceived = (receivedAt: string, now: string): void => {
  if (isBefore(addMinutes(now, AHEAD_MINUTES), receivedAt))
    throw invalid('received_at', 'lies in the future: give the time at which the money came');
};

export const assertWithinBalance = (amountCents: number, dueCents: number): void => {
  if (amountCents <= dueCents) return;
  throw fail(
    'payment.exceeds_balance',
    dueCents === 0
      ? 'This invoice is paid already.'
      : `This is more than is due. Pay at most ${dueCents} cents.`,
    { details: { due_cents: dueCents } },
  );
};

export const assertRefundable = (amountCents: number, leftCents: number): void => {
  if (amountCents <= leftCents) return;
  throw fail(
    'refund.exceeds_payment',
    leftCents === 0
      ? 'All of this payment was given back already.'
      : `This is more than is left of the payment. Give back at most ${leftCents} cents.`,
    { details: { left_cents: leftCents } },
  );
};

/** A deposit is for a job that is going to be billed. */
export const assertTakesDeposits = (job: { status: string; invoice_id: string | null }): void => {
  if (job.status === 'canceled' || job.status === 'no_show') {
    throw fail('appointment.closed', `This job is ${job.status}: it takes no deposit. Move it back first.`, {
      details: { status: job.status },
    });
  }
  if (job.invoice_id !== null) {
    throw fail('invoice.exists', 'This job is billed. Pay its invoice instead.', {
      details: { id: job.invoice_id },
    });
  }
};
