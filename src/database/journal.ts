import type { Transaction } from './sql.ts';

/** From here on the journal names this one for what the transaction changes: it became known in the transaction. */
export const actAs = async (tx: Transaction, actor: { id: string; role: string }): Promise<void> => {
  await tx`
    select set_config('shop.act', (nullif(current_setting('shop.act', true), '')::jsonb
      || jsonb_build_object('actor', ${actor.id}::text, 'role', ${actor.role}::text))::text, true)`;
};
