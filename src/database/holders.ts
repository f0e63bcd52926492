import { fail } from '../errors.ts';
import { refusalOf } from './constraints.ts';
import { constraintOf } from './failures.ts';
import type { Transaction } from './sql.ts';

type Find = () => Promise<{ id: string } | undefined>;

/**
 * Does the work; when one of these unique indexes refuses it, a look afterwards tells the client in `details.id`
 * who has the value already. Never a look before: two at once would both pass it.
 */
export const namingHolder = async (
  tx: Transaction,
  holders: Readonly<Record<string, Find>>,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await tx.savepoint(work);
  } catch (error) {
    const constraint = constraintOf(error);
    const find = Object.hasOwn(holders, constraint) ? holders[constraint] : undefined;
    if (find === undefined) throw error;
    const { reason, message } = refusalOf(constraint);
    throw fail(reason, message, { details: { id: (await find())?.id ?? null } });
  }
};
