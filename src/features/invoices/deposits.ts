import type { Sql } from '../../database/sql.ts';

/** The oldest deposits first, as far as something is due. The ledger does the rest. */
export const takeDeposits = async (
  tx: Sql,
  invoice: { id: string; appointment_id: string },
): Promise<void> => {
  await tx`
    insert into invoice_deposits (invoice_id, payment_id, amount_cents)
    select ${invoice.id}, deposit.id, least(deposit.free, deposit.due - deposit.earlier)
    from (
      select p.id, p.free, i.due_cents as due,
        coalesce(sum(p.free) over (order by p.received_at, p.id rows between unbounded preceding and 1 preceding), 0)
          as earlier
      from invoices i, lateral (
        select id, received_at, amount_cents - refunded_cents - applied_cents as free
        from payments where appointment_id = ${invoice.appointment_id}
      ) p
      where i.id = ${invoice.id} and p.free > 0
    ) deposit where deposit.due > deposit.earlier`;
};

/** What the invoice has of each deposit goes back to the job. */
export const giveUpDeposits = async (tx: Sql, invoiceId: string): Promise<void> => {
  await tx`
    insert into invoice_deposits (invoice_id, payment_id, amount_cents)
    select invoice_id, payment_id, -sum(amount_cents) from invoice_deposits
    where invoice_id = ${invoiceId} group by invoice_id, payment_id having sum(amount_cents) > 0`;
};

export const sumDeposits = async (tx: Sql, invoiceId: string): Promise<number> => {
  const [row] = await tx<{ cents: number }>`
    select coalesce(sum(amount_cents), 0)::bigint as cents from invoice_deposits where invoice_id = ${invoiceId}`;
  return row?.cents ?? 0;
};
