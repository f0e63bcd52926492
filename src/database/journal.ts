import type { Transaction } from './sql.ts';

/** From here on the journal names this one for what the transaction changes: it became known in the transaction. */
export const actAs = async (tx: Transaction, actor: { id: string; role: string }): Promise<void> => {
  await tx`
    select set_config('shop.act', (nullif(current_setting('shop.act', true), '')::jsonb
      || jsonb_build_object('actor', ${actor.id}::text, 'role', ${actor.role}::text))::text, true)`;
};

type Change = {
  entity: string;
  entityId: string;
  /** After the change. */
  version: number;
  changes: Readonly<Record<string, { from: unknown; to: unknown }>>;
};

/** A row for a change that no column of the entity tells; of those the database writes by itself. */
export const noteChange = async (tx: Transaction, change: Change): Promise<void> => {
  const { entity, entityId, version, changes } = change;
  await tx`
    insert into journal (actor_id, actor_role, action, entity, entity_id, changes, correlation_id, version)
    select (act ->> 'actor')::uuid, act ->> 'role', 'changed', ${entity}, ${entityId}, ${tx.json(changes)},
      act ->> 'correlation', ${version}
    from (select nullif(current_setting('shop.act', true), '')::jsonb as act) a`;
};
