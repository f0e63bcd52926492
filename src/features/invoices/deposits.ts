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
